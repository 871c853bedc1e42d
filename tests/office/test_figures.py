"""Figures: each number is the length of the list behind it; restricted cases are in none. Areas and notice boards."""

import re
from datetime import timedelta

import pytest

from tests.cases.steps import checked, docketed, handling
from tests.cast import IN_GRID_3, IN_OTHER_GRID, Town
from wangge.cases.actions import closing
from wangge.cases.models import Case
from wangge.cases.queries import reporter_by_code, resident_actor
from wangge.office.figures import by_area, by_category, totals
from wangge.office.periods import period_of
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
    return town


def test_numbers_and_lists_agree(busy: Town, sit_down) -> None:
    clerk = sit_down("intake_clerk").open("/office/figures/?period=7")
    links = re.findall(r'href="(/office/cases/\?figure=[^"]+)">(?:<b>)?(\d+)', clerk.html)

    assert len(links) > 6
    for link, n in links:
        listed = clerk.open(link.replace("&amp;", "&"))
        assert len(re.findall("data-open", listed.html)) == int(n), link


def test_what_is_counted(busy: Town) -> None:
    actor = busy.actor("intake_clerk")
    period = period_of("7", actor.now())

    assert totals(actor, period) == {
        "taken_in": 3, "closed": 1, "on_time": 1, "late": 0, "rework": 0, "answered": 1, "solved": 1,
    }  # fmt: skip
    areas = {row.code: row.cells[0].n for row in by_area(actor, period, "grid")}
    assert areas == {"370999001001001": 2, "370999001002001": 1}
    assert sum(row.cells[0].n for row in by_category(actor, period)) == 3
    assert totals(actor, period_of("7", actor.now() + timedelta(days=30)))["taken_in"] == 0


def test_leaders_see_numbers_of_their_area_but_no_list_behind(busy: Town, sit_down) -> None:
    leader = sit_down("street_leader").open("/office/figures/?period=7")

    assert "<b>3</b>收到" in leader.html
    assert "figure=taken_in" not in leader.html
    assert totals(busy.actor("county_leader"), period_of("7", busy.clock.now()))["taken_in"] == 4
    assert totals(busy.actor("works_handler"), period_of("7", busy.clock.now()))["taken_in"] == 2


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
