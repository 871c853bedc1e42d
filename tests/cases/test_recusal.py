"""回避 and 限定 hold everywhere: subordinates, parts, merged cases, messages, counts, related numbers, files."""

from datetime import timedelta

import pytest

from tests.cases.steps import checked, docketed, photo
from tests.cast import MONDAY_MORNING, Town
from wangge.accounts.models import User
from wangge.cases.actions import closing, desk, intake, linking, notes, unit
from wangge.cases.jobs import those_who_see
from wangge.cases.models import Case
from wangge.cases.queries import case_view, evidence_of
from wangge.cases.queries.figures import countable
from wangge.cases.scope import is_recused, visible_to
from wangge.kit import relay
from wangge.kit.errors import Conflict, Invalid, NotFound
from wangge.notify.models import Message
from wangge.office.lists import telephone_is
from wangge.territory.actions import end_post, give_post
from wangge.territory.changes import changed
from wangge.territory.models import Post, Unit
from wangge.territory.roles import Role
from wangge.wiring import LISTENERS

TODAY = MONDAY_MORNING.date()


def sees(town: Town, name: str, case_id: int) -> bool:
    return visible_to(town.actor(name)).filter(pk=case_id).exists()


def complaint(town: Town, *, people: tuple[str, ...] = (), units: tuple[str, ...] = ()) -> int:
    made = town.reported("他们态度不好", kind="complaint").case.pk
    county = town.actor("county_dispatcher")
    intake.accept(made, actor=county)
    desk.triage(made, actor=county, recused=list(people), recused_units=list(units))
    return made


def manners(town: Town) -> tuple[int, Case]:
    """A case that works handled, and the complaint about it."""
    made = checked(town)
    closing.rate(
        made.case.pk, actor=town.resident(made), service="dissatisfied", result="not_solved", why="manners"
    )
    return made.case.pk, Case.objects.get(parent=made.case)


def test_subordinates_of_who_is_complained_of_see_nothing(town) -> None:
    Unit.objects.filter(code="squad").update(parent=town.units["urban"])
    changed("units")
    about_head = complaint(town, people=("urban_head",))
    for name in ("urban_head", "urban_handler", "professional"):
        assert is_recused(town.actor(name), Case.objects.get(pk=about_head)), name
    assert not is_recused(town.actor("works_head"), Case.objects.get(pk=about_head))
    about_manager = complaint(town, people=("community_manager",))
    for name in ("community_manager", "grid_head", "grid_worker", "part_time_worker"):
        assert not sees(town, name, about_manager), name
    assert sees(town, "intake_clerk", about_manager)
    assert sees(town, "grid_worker_3", about_manager) is sees(town, "volunteer", about_manager) is False
    newcomer = town.people["newcomer"] = User.objects.create(username="newcomer")
    Post.objects.create(user=newcomer, role=Role.GRID_WORKER, area=town.areas["grid_1"], starts_on=TODAY)
    assert not sees(town, "newcomer", about_manager)
    about_station = complaint(town, units=("station_a",))
    assert not sees(town, "community_manager", about_station)
    assert not sees(town, "grid_worker", about_station)
    assert sees(town, "dispatcher", about_station)


def test_the_unit_complained_of_neither_leads_nor_assists(town) -> None:
    case_id = complaint(town, units=("urban",))
    county = town.actor("county_dispatcher")
    desk.docket(case_id, actor=county, category="0110")
    for given in ({"lead": "urban"}, {"lead": "works", "assisting": ["urban"]}):
        with pytest.raises(Conflict, match="回避"):
            desk.dispatch(case_id, actor=county, **given)
    desk.dispatch(case_id, actor=county, lead="works")
    Case.objects.filter(pk=case_id).update(recused_user_ids=[town.people["works_handler"].pk])
    unit.take(case_id, actor=town.actor("works_head"))
    with pytest.raises(Conflict, match="回避"):
        unit.assign(case_id, actor=town.actor("works_head"), person="works_handler")


def test_the_case_complained_about_does_not_tell_of_the_complaint(town) -> None:
    handled, about = manners(town)
    number = Case.objects.get(pk=handled).number
    assert about.number not in repr(case_view(town.actor("works_head"), number))
    assert [one.number for one in case_view(town.actor("intake_clerk"), number).related] == [about.number]


def test_who_is_recused_counts_it_in_no_figure(town) -> None:
    first = complaint(town, people=("street_leader",))
    noise = town.reported().case.pk
    assert set(countable(town.actor("street_leader")).values_list("pk", flat=True)) == {noise}
    assert set(countable(town.actor("county_leader")).values_list("pk", flat=True)) == {first, noise}


def test_messages_reach_nobody_who_may_not_see_the_case(town) -> None:
    case_id = complaint(town, people=("grid_worker",))
    intake.ask_verification(town.reported().case.pk, actor=town.actor("county_dispatcher"))
    notes.escalate(case_id, actor=town.actor("county_dispatcher"), reason="久拖")
    case = Case.objects.get(pk=case_id)
    everybody = {user.pk for user in town.people.values()}
    assert town.people["grid_worker"].pk not in those_who_see(case, everybody)
    restricted = town.reported("邻居家天天打孩子").case
    named = {town.people["shift_leader"].pk, town.people["county_dispatcher"].pk}
    assert those_who_see(restricted, everybody) == named
    assert those_who_see(restricted, {town.people["dispatcher"].pk}) == named


def test_a_message_of_a_restricted_case_tells_nothing_and_a_title_is_masked(town) -> None:
    for text in ("邻居家天天打孩子", "井盖没了电话13812341234"):
        made, county = town.reported(text).case.pk, town.actor("county_dispatcher")
        intake.accept(made, actor=county)
        desk.docket(made, actor=county, category="" if "孩子" in text else "0110")
        desk.dispatch(made, actor=county, lead="urban")
    while not relay.deliver_batch(LISTENERS, now=MONDAY_MORNING + timedelta(days=400)).is_last:
        pass
    told = " ".join(Message.objects.values_list("body_zh", flat=True))
    assert "派遣。限定事项" in told
    assert "138****1234" in told
    assert "13812341234" not in told
    assert "打孩子" not in told


def test_parts_of_a_restricted_case_are_restricted(town) -> None:
    whole = town.reported("邻居家天天打孩子").case.pk
    intake.split(whole, actor=town.actor("county_dispatcher"), demands=["送去就医", "联系学校"])
    for part in Case.objects.filter(parent_id=whole):
        assert part.sensitivity == "restricted"
        assert not sees(town, "intake_clerk", part.pk)
        assert sees(town, "shift_leader", part.pk)


def test_restricted_and_other_cases_are_not_merged_and_recusal_goes_along(town) -> None:
    county = town.actor("county_dispatcher")
    restricted, plain, other = (
        town.reported("邻居家天天打孩子").case,
        town.reported().case,
        town.reported().case,
    )
    with pytest.raises(Conflict, match="限定"):
        linking.merge(restricted.pk, actor=county, parent=plain.number, reason="同一件")
    Case.objects.filter(pk=other.pk).update(recused_user_ids=[town.people["grid_worker"].pk])
    linking.merge(other.pk, actor=county, parent=plain.number, reason="同一件")
    assert not sees(town, "grid_worker", plain.pk)
    assert sees(town, "grid_head", plain.pk)


def test_a_tip_off_is_for_named_persons(town) -> None:
    case = town.reported("有人偷排", kind="tip_off").case
    assert case.sensitivity == "restricted"
    assert not sees(town, "intake_clerk", case.pk)
    assert sees(town, "shift_leader", case.pk)


def test_a_file_is_the_cases_as_soon_as_it_is_attached(town) -> None:
    worker = town.actor("grid_worker")
    key = photo(worker)
    assert str(evidence_of(worker, key).key) == key
    made = town.reported("井盖没了", by="grid_worker", files=[key]).case
    assert str(evidence_of(worker, key).key) == key
    Case.objects.filter(pk=made.pk).update(recused_user_ids=[town.people["grid_worker"].pk])
    with pytest.raises(NotFound):
        evidence_of(worker, key)


def test_without_a_post_in_force_not_even_own_reports_are_seen(town) -> None:
    made = town.reported("楼道灯坏了", by="grid_worker").case
    post = Post.objects.get(user=town.people["grid_worker"])
    assert sees(town, "grid_worker", made.pk)
    end_post(post.pk, on=TODAY - timedelta(days=1), by="test", at=MONDAY_MORNING)
    assert not sees(town, "grid_worker", made.pk)


def test_an_administrator_holds_no_post_and_a_forced_one_is_worth_nothing(town) -> None:
    admin = town.people["security_admin"]
    with pytest.raises(Invalid, match="管理员"):
        give_post(
            user=admin,
            role=Role.DISPATCHER,
            area=town.areas["street"],
            starts_on=TODAY,
            by="t",
            at=MONDAY_MORNING,
        )
    Post.objects.create(user=admin, role=Role.DISPATCHER, area=town.areas["street"], starts_on=TODAY)
    assert town.actor("security_admin").grants == ()


def test_a_number_is_looked_for_only_where_reporters_may_be_seen(town) -> None:
    here, there = town.reported().case.pk, town.case_at((120.125, 35.905)).pk
    Post.objects.create(
        user=town.people["community_manager"],
        role=Role.GRID_WORKER,
        area=town.areas["other_grid"],
        starts_on=TODAY,
    )
    actor = town.actor("community_manager")
    assert {here, there} <= set(visible_to(actor).values_list("pk", flat=True))
    found = visible_to(actor).filter(telephone_is(actor, "13812341234"))
    assert set(found.values_list("pk", flat=True)) == {here}


def test_a_unit_that_led_sees_it_for_ninety_days(town) -> None:
    made = checked(town)
    closing.rate(made.case.pk, actor=town.resident(made), service="satisfied", result="solved")
    noise = docketed(town).case.pk
    for days, seen in ((0, True), (89, True), (91, False)):
        town.clock.at = MONDAY_MORNING + timedelta(days=days)
        assert sees(town, "works_handler", made.case.pk) is seen, days
        assert sees(town, "dispatcher", made.case.pk)
        assert sees(town, "dispatcher", noise)


def test_a_note_is_masked_for_who_need_not_know(town) -> None:
    made = docketed(town)
    notes.note(made.case.pk, actor=town.actor("intake_clerk"), text="打电话13812341234联系")
    assert "13812341234" in repr(case_view(town.actor("dispatcher"), made.case.number).timeline)
    masked = repr(case_view(town.actor("grid_worker"), made.case.number))
    assert "13812341234" not in masked
    assert "138****1234" in masked
