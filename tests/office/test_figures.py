"""Figures: each number is the length of the list behind it; restricted cases are in none. Areas and notice boards."""

import re
from datetime import timedelta

import pytest

from tests.cases.steps import checked, docketed, handling
from tests.cast import IN_GRID_3, IN_OTHER_GRID, Town
from wangge.cases.actions import closing
from wangge.cases.models import Case
from wangge.cases.queries import reporter_by_code, resident_actor
from wangge.insight.fold import rebuild
from wangge.insight.periods import period_of
from wangge.insight.queries import totals
from wangge.insight.rows import rows_by_area, rows_by_category
from wangge.insight.scope import own
from wangge.territory.models import Post

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.office.urls")]


@pytest.fixture
def busy(town: Town) -> Town:
    """One closed and rated, one on the way, one new elsewhere, one restricted, one of the other street."""
    made = checked(town)
    person = resident_actor(reporter_by_code(made.code), clock=town.clock)
    closing.rate(made.case.pk, actor=person, service="satisfied", result="solved")
    handling(town)
    town.reported("垃圾", at=IN_GRID_3)
    hidden = docketed(town).case
    Case.objects.filter(pk=hidden.pk).update(
        sensitivity="restricted", named_user_ids=[town.people["intake_clerk"].pk]
    )
    town.case_at(IN_OTHER_GRID)
    rebuild()
    return town


def test_numbers_and_lists_agree(busy: Town, sit_down) -> None:
    clerk = sit_down("intake_clerk").open("/office/figures/?period=7")
    links = re.findall(r'href="(/office/cases/\?figure=[^"]+)">(?:<b>)?(\d+)', clerk.html)

    assert len(links) > 20
    for link, n in links:
        listed = clerk.open(link.replace("&amp;", "&"))
        assert len(re.findall("data-open", listed.html)) == int(n), link


def test_what_is_counted(busy: Town) -> None:
    actor = busy.actor("intake_clerk")
    period = period_of("7", actor.now())

    whole = own(actor)
    found = totals(whole, period)
    assert {name: found[name] for name in ("reported", "closed", "closed_in_time", "reworked", "answered", "solved")} == {
        "reported": 3, "closed": 1, "closed_in_time": 1, "reworked": 0, "answered": 1, "solved": 1,
    }  # fmt: skip
    areas = {row.code: row.counts["reported"] for row in rows_by_area(whole, period, "grid")}
    assert areas == {"370999001001001": 2, "370999001002001": 1}
    assert sum(row.counts["reported"] for row in rows_by_category(whole, period)) == 3
    assert totals(whole, period_of("7", actor.now() + timedelta(days=30)))["reported"] == 0


def test_leaders_see_numbers_of_their_area_but_no_list_behind(busy: Town, sit_down) -> None:
    leader = sit_down("street_leader").open("/office/figures/?period=7")

    assert "<b>3</b>收到" in leader.html
    assert "figure=reported" not in leader.html
    period = period_of("7", busy.clock.now())
    assert totals(own(busy.actor("county_leader")), period)["reported"] == 4
    assert totals(own(busy.actor("works_handler")), period)["reported"] == 2


def test_one_street_of_the_county_and_nothing_beyond_ones_own(busy: Town, sit_down) -> None:
    county = sit_down("county_dispatcher").open("/office/figures/?period=7&area=370999002")
    assert "青山街道" in county.html
    assert "<b>1</b>收到" in county.html
    assert sit_down("intake_clerk").open("/office/figures/?period=7&area=370999002").status == 404
    assert sit_down("intake_clerk").open("/office/figures/?period=8").status == 422


def test_figures_as_a_file(busy: Town, sit_down) -> None:
    clerk = sit_down("intake_clerk")
    for of, told in (("area", "370999001001001"), ("category", "0110"), ("unit", "works")):
        answer = clerk.client.get(f"/office/figures/export.csv?period=7&by=grid&of={of}")
        assert told in b"".join(answer.streaming_content).decode("utf-8-sig"), of
    assert clerk.client.get("/office/figures/export.xlsx?period=7").content[:2] == b"PK"
    assert clerk.client.get("/office/figures/export.csv?period=7&of=people").status_code == 422


def test_the_tree_shows_vacancies_and_cards_their_team(town: Town, sit_down) -> None:
    Post.objects.filter(user=town.people["grid_worker"]).update(ends_on="2026-01-01")
    clerk = sit_down("intake_clerk").open("/office/areas/")

    assert "长江路第一网格" in clerk.html
    assert "青山第一网格" not in clerk.html
    assert re.search(r"长江路第一网格.{0,200}缺 专职网格员", clerk.html, re.S)
    card = clerk.open("/office/areas/370999001001001/")
    assert "赵长" in card.html
    assert "空缺:专职网格员" in card.html
    assert "<svg" in card.html
    assert clerk.open("/office/areas/nowhere/").status == 404


def test_the_notice_board_names_the_team_and_holds_a_code(town: Town, sit_down) -> None:
    board = sit_down("intake_clerk").open("/office/areas/370999001001001/board/")

    assert "网格公示牌" in board.html
    assert "王网" in board.html
    assert "http://testserver/report/" in board.html
    assert board.html.count("<svg") == 2
