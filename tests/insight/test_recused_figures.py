"""Who is recused counts the case in no figure: by sums and one by one, of a period and of now, by program and on the page."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.db import connection

from tests.api.knocking import machine
from tests.cases.steps import handling
from tests.cast import IN_GRID_3, IN_OTHER_GRID, MONDAY_MORNING, Town
from tests.scope.people import signed_in
from wangge.cases.actions import desk, intake, unit
from wangge.cases.models import Case
from wangge.cases.queries.figures import recused, recused_inside
from wangge.cases.scope import not_recused
from wangge.insight.fold import rebuild
from wangge.insight.periods import period_of
from wangge.insight.queries import counts, open_by_area, open_now, totals
from wangge.insight.rows import areas_inside
from wangge.insight.scope import own, part

pytestmark = pytest.mark.django_db
PERIOD = "2026-11"


def complaint(
    town: Town, *people: str, units: tuple[str, ...] = (), at: tuple[float, float] = IN_GRID_3
) -> Case:
    """Docketed under a category that no other case has, so that its row would show."""
    made, county = (
        town.reported("他们态度不好", kind="complaint", at=at).case.pk,
        town.actor("county_dispatcher"),
    )
    intake.accept(made, actor=county)
    desk.triage(made, actor=county, recused=list(people), recused_units=list(units))
    desk.docket(made, actor=county, category="0102")
    return Case.objects.get(pk=made)


@pytest.fixture
def complained(town: Town) -> dict[str, Case]:
    """A complaint of the street's leader, of a county department, of the county's leader; and cases of nobody."""
    handling(town)
    town.case_at(IN_OTHER_GRID)
    made = {
        "street_leader": complaint(town, "street_leader"),
        "station_a": complaint(town, units=("station_a",), at=(120.105, 35.905)),
        "county_leader": complaint(town, "county_leader"),
    }
    desk.dispatch(made["county_leader"].pk, actor=town.actor("county_dispatcher"), lead="works")
    unit.take(made["county_leader"].pk, actor=town.actor("works_handler"))
    rebuild()
    return made


# of five cases, four in the street: the street's leader and who works below not the complaint of the leader, the
# community's people not that of their committee, the county's leader not that of himself
EXPECTED = {
    "county_dispatcher": 5, "county_leader": 4, "street_leader": 3, "intake_clerk": 3, "supervision_officer": 3,
    "community_manager": 1, "grid_worker": 1, "other_clerk": 1,
}  # fmt: skip


def test_every_figure_is_told_without_it(town: Town, complained: dict[str, Case]) -> None:
    town.later(
        days=40
    )  # whatever is open is overdue, and the end of the month lies between report and deadline
    now = town.clock.now()
    for name, n in EXPECTED.items():
        actor = town.actor(name)
        whole, period = own(actor), period_of(PERIOD, now)
        plain = Case.objects.filter(not_recused(actor), path__startswith=whole.areas[0].path)
        assert plain.count() == n, name
        for split, column in (("category", "category_id"), ("unit", "lead_unit_id")):
            keys = {str(key or 0) for key in plain.values_list(column, flat=True)}
            by_key, open_by_key = counts(whole, period, split), open_now(whole, now, split)
            assert (set(by_key), set(open_by_key)) == (keys, keys), (name, split)
            assert sum(row["reported"] for row in by_key.values()) == n, (name, split)
            assert sum(row["open"] for row in open_by_key.values()) == n, (name, split)
        assert totals(whole, period)["reported"] == totals(whole, period)["valid"] == n, name
        found = open_now(whole, now, "all")[""]
        assert found["open"] == n, name
        assert found["overdue"] == plain.exclude(due_at=None).count(), name
        for level in ("street", "community", "grid"):
            ids = {int(pk) for pk in areas_inside(whole, level)}
            assert sum(row["open"] for row in open_by_area(whole, now, ids, level).values()) == n, (
                name,
                level,
            )
    within = part(town.actor("county_leader"), "370999001")
    assert totals(within, period)["reported"] == 3


def test_by_program_and_on_the_page(town: Town, complained: dict[str, Case]) -> None:
    for name, n in (("intake_clerk", 3), ("community_manager", 1), ("county_dispatcher", 5)):
        program = machine(town, name)
        for by in ("category", "area", "unit", "state"):
            assert program.get("figures/open", by=by).must(200)["open"] == n, (name, by)
        for by in ("all", "category", "area", "unit"):
            told = program.get("figures/period", period=PERIOD, by=by).must(200)["items"]
            assert sum(row["counts"]["reported"] for row in told) == n, (name, by)
    for name, n in (("street_leader", 3), ("county_leader", 4), ("county_dispatcher", 5)):
        with time_machine.travel(MONDAY_MORNING, tick=False):
            page = signed_in(town.people[name]).get("/office/figures/", {"period": PERIOD}).content.decode()
        assert re.search(rf"<b>{n}</b>(</a>)?收到", page), name


def test_an_index_finds_them(town: Town, complained: dict[str, Case]) -> None:
    actor = town.actor("community_manager")
    ids = {complained["station_a"].pk, complained["street_leader"].pk}
    assert set(recused_inside(actor, [town.areas["county"].path])) == ids
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert recused(actor).explain().count("case_recused") == 2
