"""The figures are exactly what the cases say, whatever happened to them, in whatever order and how often it was told."""

from __future__ import annotations

import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner
from django.db import connection, connections

from tests.cases.steps import handling
from tests.cast import IN_GRID_3, IN_OTHER_GRID, Town
from tests.insight.plain import all_plain
from tests.insight.stories import lived, rated
from wangge import wiring
from wangge.cases.actions import desk, intake
from wangge.cases.models import Case
from wangge.catalog.queries import category_by_code
from wangge.insight import checking, fold, rows
from wangge.insight.figures_command import command
from wangge.insight.indicators import INDICATORS, Share
from wangge.insight.models import CaseFact, ChangedCase, DaySum
from wangge.insight.periods import before, period_of
from wangge.insight.queries import PERIOD_MEASURES, cases_of, counts, open_now, totals
from wangge.insight.scope import own, part
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import Invalid, NotFound
from wangge.kit.events import revive
from wangge.kit.models import OutboxRow
from wangge.kit.program import FAILED, OK
from wangge.territory.actions import update_area

pytestmark = pytest.mark.django_db
PERIODS = ("today", "7", "30", "2026-11", "2026-11-17..2026-11-20", "2026-11-18..2026-11-18", "2026-12")


def told(*, shuffled: int | None = None, times: int = 1) -> None:
    """Every event that was published is told, in order or not, once or more often; then all is folded."""
    events = list(OutboxRow.objects.order_by("id")) * times
    if shuffled is not None:
        random.Random(shuffled).shuffle(events)
    for row in events:
        for listener in wiring.LISTENERS.get(row.kind, ()):
            if listener in (fold.note_case, fold.note_area):
                listener(revive(row))
    OutboxRow.objects.filter(delivered_at=None).update(delivered_at=REAL_CLOCK.now())
    while fold.fold_some(most=7):
        pass


def agree(town: Town) -> None:
    """Every figure, for whole and part, big area and small, against the cases one by one."""
    now, plain = town.clock.now(), all_plain()
    for name in ("county_dispatcher", "street_leader", "community_manager"):
        whole = own(town.actor(name))
        (area,) = whole.areas
        inside = [one for one in plain if one.case.path.startswith(area.path)]
        for key in PERIODS:
            period, slow = period_of(key, now), Counter[tuple[str, str]]()
            for one in inside:
                for measure, n in one.during(period).items():
                    slow[str(one.case.category_id or 0), measure] += n
            quick = counts(whole, period, "category")
            found = {(k, m): n for k, row in quick.items() for m, n in row.items() if n}
            assert found == {k: n for k, n in slow.items() if n}, (name, key)
            whole_slow = {m: sum(n for (_, k), n in slow.items() if k == m) for m in PERIOD_MEASURES}
            assert {m: totals(whole, period)[m] for m in PERIOD_MEASURES} == whole_slow, (name, key)
        for split, column in (("category", "category_id"), ("unit", "lead_unit_id"), ("state", "state")):
            now_slow: Counter[tuple[str, str]] = Counter()
            for one in inside:
                for what, n in one.now(now).items():
                    now_slow[str(getattr(one.case, column) or 0), what] += n
            open_quick = open_now(whole, now, split)
            found = {
                (k, what): row[what]
                for k, row in open_quick.items()
                for what in ("open", "overdue")
                if row[what]
            }
            assert found == {k: n for k, n in now_slow.items() if n}, (name, split)
    assert checking.check().differences == []


def test_whatever_happened_the_figures_are_exact(town: Town) -> None:
    lived(town)
    told()
    agree(town)
    states = set(Case.objects.values_list("state", flat=True))
    assert states >= {"reported", "docketed", "handling", "checked", "closed", "void", "declined", "merged"}
    assert CaseFact.objects.count() == Case.objects.count() - 1  # the restricted one

    told(shuffled=1, times=2)  # everything again, twice, in another order
    agree(town)

    held = list(
        DaySum.objects.exclude(n_open=0)
        .order_by("area_id", "split", "key", "counted_on")
        .values_list("key", "n_open")
    )
    fold.rebuild()
    agree(town)
    rebuilt = (
        DaySum.objects.exclude(n_open=0)
        .order_by("area_id", "split", "key", "counted_on")
        .values_list("key", "n_open")
    )
    assert list(rebuilt) == held


def test_told_in_any_order_while_cases_go_on(town: Town) -> None:
    closed = rated(town, "satisfied", "solved")
    told(shuffled=3)
    made = handling(town)
    told(shuffled=5, times=2)
    sorted_now, clerk = town.reported("垃圾").case.pk, town.actor("intake_clerk")
    intake.accept(sorted_now, actor=clerk)
    desk.triage(sorted_now, actor=clerk, category="0102")
    Case.objects.filter(pk=closed.pk).update(sensitivity="restricted")
    told(shuffled=8)
    agree(town)
    assert not CaseFact.objects.filter(pk=closed.pk).exists()
    town.later(days=30)
    agree(town)  # now everything open is overdue
    assert open_now(own(town.actor("street_leader")), town.clock.now(), "all")[""]["overdue"] == 2
    assert made.case.pk in CaseFact.objects.values_list("pk", flat=True)


def test_a_moved_area_takes_its_figures_along(town: Town) -> None:
    town.case_at((120.105, 35.905))
    town.case_at(IN_GRID_3)
    told()
    moved = {
        "parent_code": town.areas["other_street"].code,
        "by": "admin",
        "at": REAL_CLOCK.now(),
        "code_rule": None,
    }
    update_area(town.areas["community_a"].pk, **moved)
    for row in OutboxRow.objects.filter(kind="area_moved"):
        for listener in wiring.LISTENERS[row.kind]:
            listener(revive(row))
    told()
    agree(town)
    period = period_of("7", town.clock.now())
    assert totals(own(town.actor("other_clerk")), period)["reported"] == 1
    assert totals(own(town.actor("intake_clerk")), period)["reported"] == 1


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_count_each_case_once(transactional_town: Town) -> None:
    town = transactional_town
    cases = [town.reported(f"第{n}件").case for n in range(12)]
    events = [revive(row) for row in OutboxRow.objects.filter(kind="case_moved")]

    def work(seed: int) -> None:
        try:
            for event in random.Random(seed).sample(events, len(events)):
                fold.note_case(event)
                fold.fold_some(most=5)
        finally:
            connections.close_all()

    def rebuilt() -> None:
        fold.rebuild()
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
        pool.submit(rebuilt).result()
    while fold.fold_some():
        pass
    assert totals(own(town.actor("county_dispatcher")), period_of("7", town.clock.now()))["reported"] == len(
        cases
    )
    assert checking.check().differences == []


def test_what_is_behind_a_number_is_its_list(town: Town) -> None:
    lived(town)
    told()
    now, whole = town.clock.now(), own(town.actor("county_dispatcher"))
    for key in PERIODS:
        period = period_of(key, now)
        found = totals(whole, period)
        for figure in PERIOD_MEASURES:
            assert Case.objects.filter(cases_of(figure, period, now)).count() == found[figure], (key, figure)
    for figure in ("open", "overdue"):
        n = open_now(whole, now, "all")[""][figure]
        assert Case.objects.filter(cases_of(figure, period_of("7", now), now)).count() == n
    with pytest.raises(Invalid):
        cases_of("nothing", period, now)


def test_rows_have_names_and_add_up(town: Town) -> None:
    lived(town)
    told()
    actor, now = town.actor("county_dispatcher"), town.clock.now()
    whole, period = own(actor), period_of("30", town.clock.now())
    n = totals(whole, period)["reported"]
    for level in ("street", "community", "grid"):
        found = rows.rows_by_area(whole, period, level)
        assert sum(row.counts["reported"] for row in found) == n, level
    assert [row.name.zh for row in rows.rows_by_area(whole, period, "street")] == ["望海街道", "青山街道"]
    assert sum(row.counts["reported"] for row in rows.rows_by_category(whole, period, "")) == n
    assert sum(row.counts["reported"] for row in rows.rows_by_unit(whole, period)) == n
    n_open = open_now(whole, now, "all")[""]["open"]
    for by in ("category", "area", "unit", "state"):
        assert sum(row.counts["open"] for row in rows.open_rows(whole, now, by)) == n_open, by


def test_only_ones_own_areas_count(town: Town) -> None:
    town.case_at(IN_GRID_3)
    town.case_at(IN_OTHER_GRID)
    handling(town)
    told()
    period = period_of("7", town.clock.now())

    def n(name: str, area: str = "") -> int:
        return totals(part(town.actor(name), area), period)["reported"]

    assert [n("county_leader"), n("street_leader"), n("other_clerk"), n("grid_worker_3")] == [3, 2, 1, 1]
    assert [n("works_handler"), n("sanitation_handler"), n("volunteer")] == [1, 0, 0]
    assert n("county_leader", town.areas["other_street"].code) == 1
    with pytest.raises(NotFound):
        n("street_leader", town.areas["other_street"].code)


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_wrong_figure_is_found_and_named_and_mended(town: Town) -> None:
    lived(town)
    told()
    case = Case.objects.filter(state="docketed", category=category_by_code("0110")).first()
    assert case is not None
    assert checking.findings()[0].code == "figures"
    CaseFact.objects.filter(pk=case.pk).update(reported_on="2026-01-01")
    DaySum.objects.filter(split="all", n_closed=1).update(n_closed=3)

    found = json.loads(CliRunner().invoke(command, ["--json"]).output)
    assert any(case.number in line and "reported_on 2026-01-01 →" in line for line in found["told"])
    assert any("n_closed 3 → 1" in line for line in found["told"])
    assert CliRunner().invoke(command, []).return_value is None
    assert checking.findings()[0].code == "figures_wrong"
    result = CliRunner().invoke(command, ["--rebuild", "--check", "--json"], standalone_mode=False)
    assert result.return_value == OK
    agree(town)
    DaySum.objects.filter(split="unit").update(n_open=9)
    assert CliRunner().invoke(command, [], standalone_mode=False).return_value == FAILED


def test_doctor_says_when_nobody_counts(town: Town) -> None:
    town.reported()
    assert checking.findings()[0].code == "figures"  # its event is on its way
    ChangedCase.objects.create(case_id=1, noted_at=town.clock.now().replace(year=2020))
    assert checking.findings()[0].code == "figures_late"
    ChangedCase.objects.all().delete()
    OutboxRow.objects.all().delete()
    assert checking.findings()[0].code == "figures_missing"


def test_shares_and_periods() -> None:
    assert Share(3, 4).percent is None
    assert Share(2, 3 * 2).percent == 33.3
    for one in INDICATORS.values():
        assert one.n in PERIOD_MEASURES, one.code
        assert one.whole in PERIOD_MEASURES, one.code
    now = REAL_CLOCK.now()
    november = period_of("2026-11", now)
    assert (str(november.first_on), str(november.last_on), before(november).key) == (
        "2026-11-01",
        "2026-11-30",
        "2026-10",
    )
    week = period_of("7", now)
    assert before(week).n_days == 7
    assert period_of(before(week).key, now).last_on < week.first_on
    for odd in ("", "8", "2026-13", "2026-02-30..2026-03-01", "2026-03-02..2026-03-01", "0000-01"):
        with pytest.raises(Invalid):
            period_of(odd, now)


def test_a_search_of_sums_uses_its_index(town: Town) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "day_sum" in DaySum.objects.filter(area_id=1, split="category").exclude(n_open=0).explain()
