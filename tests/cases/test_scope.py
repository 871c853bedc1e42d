"""Lists (SQL) and single cases (Python) agree on who sees what; sensitivity and recusal bind everybody."""

import pytest

from tests.cases.steps import handling
from tests.cast import IN_GRID_3, IN_OTHER_GRID, OPENING_HOURS, PEOPLE
from wangge.cases.actions import desk, handback, intake
from wangge.cases.models import Case
from wangge.cases.scope import may_see_reporter, sees, visible_to
from wangge.kit.errors import NotFound
from wangge.territory.scope import PLATFORM


@pytest.fixture
def cases(town):
    """One case of each sort, with noise in the other street."""
    made = {
        "new": town.reported(),
        "other grid": town.reported(at=IN_GRID_3),
        "other street": town.reported(at=IN_OTHER_GRID),
        "handling": handling(town),
        "by worker": town.reported(by="grid_worker"),
        "restricted": town.reported("孩子身上有伤", category="PS07"),
        "recused": town.reported("网格员态度不好"),
    }
    worker = town.people["grid_worker"]
    Case.objects.filter(pk=made["recused"].case.pk).update(recused_user_ids=[worker.pk])
    return {name: one.case.pk for name, one in made.items()}


def test_the_list_and_the_single_case_agree_for_everybody(town, cases):
    for name in PEOPLE:
        actor = town.actor(name)
        listed = set(visible_to(actor).values_list("pk", flat=True))
        single = {case.pk for case in Case.objects.all() if sees(actor, case)}
        assert listed == single, name


def seen_by(town, cases, name) -> set[str]:
    listed = set(visible_to(town.actor(name)).values_list("pk", flat=True))
    return {label for label, pk in cases.items() if pk in listed}


def test_each_role_sees_its_own(town, cases):
    own_grid = {"new", "handling", "by worker", "recused"}
    street = own_grid | {"other grid"}
    assert seen_by(town, cases, "grid_worker") == own_grid - {"recused"}
    assert seen_by(town, cases, "grid_head") == own_grid
    assert seen_by(town, cases, "grid_worker_3") == {"other grid"}
    assert seen_by(town, cases, "intake_clerk") == street
    assert seen_by(town, cases, "shift_leader") == street | {"restricted"}
    assert seen_by(town, cases, "works_handler") == {"handling"}
    assert seen_by(town, cases, "sanitation_head") == set()
    assert seen_by(town, cases, "other_clerk") == {"other street"}
    assert seen_by(town, cases, "street_leader") == set()
    assert seen_by(town, cases, "county_dispatcher") == set(cases)
    assert visible_to(PLATFORM).count() == len(cases)
    assert visible_to(town.visitor()).count() == 0


def test_an_expired_post_gives_nothing_at_once(town, cases):
    town.people["intake_clerk"].posts.update(ends_on=town.clock.now().date())
    assert visible_to(town.actor("intake_clerk")).exists()
    town.later(days=1)
    assert not visible_to(town.actor("intake_clerk")).exists()
    with pytest.raises(NotFound):
        intake.accept(cases["new"], actor=town.actor("intake_clerk"))


def test_who_may_see_the_reporter(town, cases):
    case = Case.objects.get(pk=cases["handling"])
    at = town.clock.now()

    def may(name: str, *, allowed: bool = False) -> bool:
        return may_see_reporter(town.actor(name), case, may_show_to_grid=allowed, at=at)

    assert may("intake_clerk")
    assert may("works_handler")
    assert not may("grid_worker")
    assert may("grid_worker", allowed=True)
    assert not may("street_leader")
    Case.objects.filter(pk=case.pk).update(state="closed")
    case.refresh_from_db()
    assert not may("works_handler")


def test_a_unit_that_led_sees_the_case_for_ninety_days(town):
    made = handling(town)
    assert visible_to(town.actor("works_head")).count() == 1
    case = Case.objects.get(pk=made.case.pk)
    case.dispatches.update(ended_at=town.clock.now(), outcome="handed_back")
    Case.objects.filter(pk=case.pk).update(lead_unit=None, proposed_unit_ids=[], state="docketed")
    assert visible_to(town.actor("works_head")).count() == 1
    town.later(days=91)
    assert visible_to(town.actor("works_head")).count() == 0


def test_a_restricted_case_names_its_people(town, cases):
    with pytest.raises(NotFound):
        intake.accept(cases["restricted"], actor=town.actor("intake_clerk"))
    county = town.actor("county_dispatcher")
    intake.accept(cases["restricted"], actor=county)
    desk.triage(cases["restricted"], actor=county, named=["intake_clerk"])
    assert "restricted" in seen_by(town, cases, "intake_clerk")
    desk.docket(cases["restricted"], actor=county)
    desk.dispatch(cases["restricted"], actor=county, lead="urban", assisting=["works"])
    assert "restricted" in seen_by(town, cases, "urban_head")
    assert "restricted" in seen_by(town, cases, "works_head")
    assert "restricted" not in seen_by(town, cases, "urban_handler")


def test_who_must_settle_a_restricted_case_sees_it(town, cases):
    county, ref = town.actor("county_dispatcher"), cases["restricted"]
    intake.accept(ref, actor=county)
    desk.docket(ref, actor=county)
    for unit, n in (("urban", 1), ("works", 2)):
        assert Case.objects.get(pk=ref).n_hand_back == n - 1
        desk.dispatch(ref, actor=county, lead=unit)
        handback.ask_hand_back(
            ref, actor=town.actor(f"{unit}_head"), ground="not_our_duty", reason="不属职责"
        )
        handback.agree_hand_back(ref, actor=county)
    handback.agree(ref, actor=town.actor("urban_head"), ruling="由城管科承办")
    assert Case.objects.get(pk=ref).lead_unit == town.units["urban"]


def test_words_of_violence_restrict_a_report_in_every_channel(town):
    made = town.reported("邻居家天天打孩子", by="grid_worker", channel="grid_visit")
    assert made.case.sensitivity == "restricted"
    assert visible_to(town.actor("grid_worker")).filter(pk=made.case.pk).exists()
    assert visible_to(town.actor("shift_leader")).filter(pk=made.case.pk).exists()
    assert not visible_to(town.actor("dispatcher")).filter(pk=made.case.pk).exists()
    assert town.reported("学校不准孩子打电话", by="grid_worker").case.sensitivity == "ordinary"


def test_a_category_never_lowers_what_is_restricted(town):
    ref = town.reported("邻居家天天打孩子").case.pk
    leader = town.actor("county_dispatcher")
    intake.accept(ref, actor=leader)
    desk.triage(ref, actor=leader, named=["dispatcher"])
    desk.triage(ref, actor=leader, category=OPENING_HOURS)
    case = Case.objects.get(pk=ref)
    assert case.sensitivity == "restricted"
    assert town.people["dispatcher"].pk in case.named_user_ids
    desk.triage(ref, actor=leader, sensitivity="ordinary")
    assert Case.objects.get(pk=ref).sensitivity == "ordinary"
