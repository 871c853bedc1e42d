"""What waits, for whom; and what several reporters of one matter see of each other: nothing."""

import pytest

from tests.cases.steps import checked, docketed, handling, photo
from tests.cast import Town
from wangge.cases.actions import closing, delay, desk, handback, intake, linking, notes, refusal, unit
from wangge.cases.models import Case
from wangge.cases.queries import (
    WAITS,
    case_list,
    case_view,
    reporter_by_code,
    resident_view,
    waiting_for,
    waiting_list,
)
from wangge.cases.workflow import RULES

pytestmark = pytest.mark.django_db


def waits(town: Town, name: str) -> dict[str, int]:
    return {row.key: row.n for row in waiting_for(town.actor(name))}


def test_whatever_waits_for_a_role_the_table_lets_that_role_do() -> None:
    for wait in WAITS:
        assert wait.roles <= RULES[wait.verb].roles, wait.key


def test_what_waits_can_be_opened_and_the_verb_is_offered(town: Town) -> None:
    """Every row in somebody's list is a case that this person sees, with the verb it waits for possible now."""
    town.reported()
    docketed(town)
    handling(town)
    checked(town)
    handed_back = handling(town)
    handback.ask_hand_back(
        handed_back.case.pk, actor=town.actor("works_head"), ground="not_our_duty", reason="不归我们"
    )
    extended = handling(town)
    delay.ask_extension(extended.case.pk, actor=town.actor("works_handler"), days=1, reason="等材料")
    declined = town.reported()
    refusal.propose_decline(
        declined.case.pk, actor=town.actor("intake_clerk"), ground="no_duty", where="物业公司"
    )
    n_looked_at = 0
    for name in town.people:
        actor = town.actor(name)
        for wait in WAITS:
            if wait.key not in {row.key for row in waiting_for(actor)}:
                continue
            for line in waiting_list(actor, wait.key).items:
                view = case_view(actor, line.number)
                possible = {offer.verb.code for offer in view.offers}
                assert wait.verb.value in possible, (
                    name,
                    wait.key,
                    [one for one in view.not_now if one.verb.code == wait.verb.value],
                )
                n_looked_at += 1
    assert n_looked_at > 20


def test_requests_wait_for_another_person_never_for_the_asker(town: Town) -> None:
    case = town.reported().case
    refusal.propose_decline(case.pk, actor=town.actor("zone_manager"), ground="no_duty", where="物业公司")
    assert waits(town, "shift_leader")["decline"] == 1
    assert "docket" not in waits(town, "intake_clerk")
    extended = handling(town)
    delay.ask_extension(extended.case.pk, actor=town.actor("works_handler"), days=1, reason="等材料")
    assert waits(town, "street_leader") == {"extension": 1}
    assert waits(town, "shift_leader")["extension"] == 1
    assert "extension" not in waits(town, "works_head")


def test_settling_waits_for_the_units_and_for_the_leader_who_designates(town: Town) -> None:
    made = handling(town)
    for lead in ("works", "urban"):
        if lead == "urban":
            desk.dispatch(made.case.pk, actor=town.actor("dispatcher"), lead="urban")
        handback.ask_hand_back(
            made.case.pk, actor=town.actor(f"{lead}_head"), ground="not_our_duty", reason="不归我们"
        )
        handback.agree_hand_back(made.case.pk, actor=town.actor("dispatcher"))
    assert Case.objects.get().state == "settling"
    assert waits(town, "works_head") == waits(town, "urban_head") == {"agree": 1}
    assert waits(town, "street_leader") == {"designate": 1}
    handback.designate(
        made.case.pk,
        actor=town.actor("street_leader"),
        lead="works",
        ruling="按清单由市政办理",
        basis="职责清单",
    )
    assert waits(town, "works_handler") == {"take": 1}


def test_the_county_desk_sees_all_and_is_asked_only_for_its_own(town: Town) -> None:
    town.reported()
    escalated = town.reported()
    notes.escalate(escalated.case.pk, actor=town.actor("intake_clerk"), reason="涉及多个街道")
    assert len(case_list(town.actor("county_dispatcher")).items) == 2
    assert waits(town, "county_dispatcher") == {"accept": 1}


def test_an_anonymous_case_waits_for_closing_not_for_a_call(town: Town) -> None:
    made = town.reported(name="", phone="", is_anonymous=True)
    checked(town, handling(town, made=made))
    assert waits(town, "shift_leader") == {"close": 1}
    assert waits(town, "checker") == {}


def test_merged_reporters_never_see_each_other_and_are_kept_informed(town: Town) -> None:
    first = handling(town, made=town.reported("我家门口路坏了,我叫张三丰"))
    second = town.reported("一个大坑,我是李四光,电话13900001111", name="李四光", phone="13900001111")
    linking.merge(
        second.case.pk, actor=town.actor("intake_clerk"), parent=first.case.number, reason="同一个坑"
    )
    view = resident_view(reporter_by_code(second.code), town.clock.now())
    assert view.sentence.zh == "已与同类反映合并办理,进展照样通知您"
    assert view.promise is not None
    assert "已交 望海县市政工程处 办理" in [one.words.zh for one in view.happenings]
    for secret in ("张三丰", "我家门口", first.case.number):
        assert secret not in repr(view)
    assert "李四光" not in repr(resident_view(reporter_by_code(first.code), town.clock.now()))

    assert "rate" not in {offer.verb.code for offer in view.offers}
    works = town.actor("works_handler")
    unit.report_result(
        first.case.pk, actor=works, result="已修好,已电话13812341234告知", photos_after=[photo(works)]
    )
    closing.check_passed(first.case.pk, actor=town.actor("checker"))
    view = resident_view(reporter_by_code(second.code), town.clock.now())
    assert view.answer == "已修好,已电话138****1234告知"
    assert "rate" in {offer.verb.code for offer in view.offers}
    assert [one.role for one in view.photos] == ["after"]

    staff = case_view(town.actor("intake_clerk"), first.case.number)
    assert [person.name for person in staff.reporters] == ["张*", "李*"]
    assert [(one.number, one.link) for one in staff.related] == [(second.case.number, "merged")]


def test_a_restricted_case_is_in_nobodys_list_but_of_the_named(town: Town) -> None:
    made = town.reported()
    desk_clerk = town.actor("intake_clerk")
    intake.accept(made.case.pk, actor=desk_clerk)
    desk.triage(made.case.pk, actor=desk_clerk, sensitivity="restricted", named=["shift_leader"])
    seen = {name for name in town.people if case_list(town.actor(name)).items}
    assert seen == {"intake_clerk", "shift_leader"}
    assert {name for name in town.people if waits(town, name)} <= seen
