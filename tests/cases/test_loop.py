"""The loop as people live it: from a resident's report to a satisfied closing, with all its turns."""

from datetime import date, timedelta

import pytest

from tests.cases.steps import checked, docketed, handled, handling, photo
from tests.cast import DAMAGED_ROAD, RUBBISH
from wangge.cases.actions import (
    closing,
    delay,
    desk,
    handback,
    intake,
    linking,
    notes,
    refusal,
    report,
    resident,
    unit,
)
from wangge.cases.audit import verify
from wangge.cases.jobs import follow_parts
from wangge.cases.models import Case, CaseClock, Dispatch, Reporter
from wangge.cases.move import Seen
from wangge.catalog.models import ResponsibilityRow
from wangge.kit.errors import Conflict, Forbidden, Invalid, NotFound
from wangge.kit.events import revive
from wangge.kit.models import OutboxRow
from wangge.territory.scope import PLATFORM


def fresh(made) -> Case:
    return Case.objects.get(pk=made.case.pk)


def refused(code: str, function, *arguments, **given):
    """The call is refused with this code, in both languages."""
    with pytest.raises((Conflict, Forbidden, Invalid, NotFound)) as caught:
        function(*arguments, **given)
    assert caught.value.code == code, caught.value
    assert any(c >= "一" for c in caught.value.zh)
    assert caught.value.en


def test_from_a_report_to_a_satisfied_closing(town):
    made = town.reported("门口道路破了一个大坑")
    assert len(made.code.replace("-", "")) == 14
    assert fresh(made).area == town.areas["grid_1"]
    assert fresh(made).police_path == town.areas["police_grid"].path
    handling(town, made=made)
    assert fresh(made).unit_due_at is not None
    checked(town, made)
    case = closing.rate(made.case.pk, actor=town.resident(made), service="satisfied", result="solved")
    assert (case.state, case.close_type) == ("closed", "solved")
    assert not CaseClock.objects.filter(case=case, stopped_at=None).exists()
    verbs = list(case.entries.order_by("seq").values_list("verb", flat=True))
    assert verbs == [
        "report",
        "accept",
        "docket",
        "dispatch",
        "take",
        "report_result",
        "check_passed",
        "rate",
    ]
    assert OutboxRow.objects.filter(payload__case_id=case.pk).count() == len(verbs)
    assert verify().findings == []


def test_no_closing_while_the_reporter_is_dissatisfied(town):
    made = checked(town)
    refused("not_asked", closing.close, made.case.pk, actor=town.actor("shift_leader"))
    case = closing.rate(
        made.case.pk, actor=town.resident(made), service="fair", result="not_solved", why="policy"
    )
    assert (case.state, case.is_dissatisfied, case.must_consult) == ("checked", True, True)
    refused("dissatisfied", closing.close, made.case.pk, actor=town.actor("shift_leader"))
    refused(
        "dissatisfied",
        closing.close,
        made.case.pk,
        actor=town.actor("county_dispatcher"),
        close_type="unreached",
    )
    case = closing.rate(made.case.pk, actor=town.resident(made), service="fair", result="solved")
    assert case.state == "closed"


def test_not_solved_sends_it_back_and_the_clock_has_at_least_a_fifth_left(town):
    made = handling(town)
    town.later(hours=71)
    checked(town, made)
    case = closing.rate(
        made.case.pk, actor=town.resident(made), service="dissatisfied", result="partly", why="incomplete"
    )
    assert (case.state, case.n_rework, case.is_dissatisfied) == ("handling", 1, True)
    clock = CaseClock.objects.get(case=case, stage="handle")
    assert clock.stopped_at is None
    assert clock.due_at - town.clock.now() >= timedelta(hours=0.2 * clock.budget) - timedelta(seconds=1)
    handled(town, made)
    closing.check_passed(made.case.pk, actor=town.actor("checker"))
    refused("not_asked", closing.close, made.case.pk, actor=town.actor("shift_leader"))
    assert (
        closing.rate(made.case.pk, actor=town.resident(made), service="satisfied", result="solved").state
        == "closed"
    )


def test_after_two_reworks_a_consultation_comes_first(town):
    made = handled(town)
    for _ in range(2):
        closing.check_failed(made.case.pk, actor=town.actor("checker"), reason="坑边仍有碎石")
        if fresh(made).n_rework < 2:
            handled(town, made)
    refused(
        "must_consult", unit.report_result, made.case.pk, actor=town.actor("works_handler"), result="好了"
    )
    handback.consult(made.case.pk, actor=town.actor("dispatcher"), people="市政、城管", conclusion="整段重铺")
    handled(town, made)
    assert fresh(made).state == "handled"


def test_three_vain_calls_on_different_days_and_hours_are_unreached(town):
    made = checked(town)
    for hours in (0, 25, 26):
        town.later(hours=hours)
        case = closing.follow_up(made.case.pk, actor=town.actor("intake_clerk"), reached=False)
    assert (case.state, case.close_type) == ("closed", "unreached")


def test_calls_only_by_day_and_never_by_the_handling_unit(town):
    made = checked(town)
    town.later(hours=13)
    refused("calling_hours", closing.follow_up, made.case.pk, actor=town.actor("intake_clerk"), reached=False)
    refused("role", closing.follow_up, made.case.pk, actor=town.actor("works_handler"), reached=True)


def test_manners_become_a_complaint_that_the_unit_neither_sees_nor_handles(town):
    made = checked(town)
    closing.rate(
        made.case.pk, actor=town.resident(made), service="dissatisfied", result="not_solved", why="manners"
    )
    complaint = Case.objects.get(parent=made.case)
    assert (complaint.kind, complaint.link) == ("complaint", "followed")
    intake.accept(complaint.pk, actor=town.actor("intake_clerk"))
    desk.docket(complaint.pk, actor=town.actor("intake_clerk"), category=DAMAGED_ROAD)
    refused("recused", desk.dispatch, complaint.pk, actor=town.actor("dispatcher"), lead="works")


def test_two_people_at_once_the_second_is_told_what_is_true(town):
    made = town.reported()
    seen = Seen(made.case.pk, 1)
    intake.accept(seen, actor=town.actor("intake_clerk"))
    with pytest.raises(Conflict) as caught:
        intake.accept(seen, actor=town.actor("community_manager"))
    assert caught.value.code == "changed"
    assert caught.value.details["state"] == "accepted"
    with pytest.raises(Conflict) as caught:
        intake.accept(made.case.pk, actor=town.actor("community_manager"))
    assert "已受理" in caught.value.zh


def test_hand_back_twice_ends_in_settling_and_the_case_clock_never_moves(town):
    made = docketed(town)
    due_at = fresh(made).due_at
    for lead, head in (("works", "works_head"), ("urban", "urban_head")):
        desk.dispatch(made.case.pk, actor=town.actor("dispatcher"), lead=lead)
        handback.ask_hand_back(
            made.case.pk,
            actor=town.actor(head),
            ground="not_our_duty",
            reason="不归我们管",
            proposed="sanitation",
        )
        refused(
            "asked_once",
            handback.ask_hand_back,
            made.case.pk,
            actor=town.actor(head),
            ground="other",
            reason="再退",
        )
        town.later(hours=1)
        case = handback.agree_hand_back(made.case.pk, actor=town.actor("dispatcher"))
    assert (case.state, case.n_hand_back) == ("settling", 2)
    assert case.due_at == due_at
    case = handback.agree(made.case.pk, actor=town.actor("sanitation_head"), ruling="由环卫承办")
    assert (case.state, case.lead_unit, case.is_final_dispatch) == (
        "dispatched",
        town.units["sanitation"],
        True,
    )
    refused(
        "settled",
        handback.ask_hand_back,
        made.case.pk,
        actor=town.actor("sanitation_head"),
        ground="other",
        reason="退",
    )
    assert ResponsibilityRow.objects.get(is_proposed=True).lead_unit == town.units["sanitation"]
    assert Dispatch.objects.filter(case=case, outcome="handed_back").count() == 2


def test_a_leader_designates_and_a_refused_hand_back_stays(town):
    made = docketed(town)
    desk.dispatch(made.case.pk, actor=town.actor("dispatcher"), lead="works")
    handback.ask_hand_back(made.case.pk, actor=town.actor("works_head"), ground="other", reason="人手不足")
    handback.refuse_hand_back(made.case.pk, actor=town.actor("dispatcher"), reason="人手不足不是退单理由")
    assert fresh(made).state == "dispatched"
    Case.objects.filter(pk=made.case.pk).update(n_hand_back=1)
    unit.take(made.case.pk, actor=town.actor("works_handler"))
    desk_case = fresh(made)
    assert desk_case.state == "handling"


def test_extension_is_asked_before_due_and_granted_by_another(town):
    made = handling(town)
    due_at = fresh(made).due_at
    delay.ask_extension(made.case.pk, actor=town.actor("works_handler"), days=1, reason="等材料")
    refused("role", delay.grant_extension, made.case.pk, actor=town.actor("works_handler"))
    case = delay.grant_extension(made.case.pk, actor=town.actor("shift_leader"))
    assert case.due_at == due_at + timedelta(days=1)
    refused(
        "invalid",
        delay.ask_extension,
        made.case.pk,
        actor=town.actor("works_handler"),
        days=9,
        reason="还要等",
    )
    town.later(days=30)
    refused(
        "too_late",
        delay.ask_extension,
        made.case.pk,
        actor=town.actor("works_handler"),
        days=1,
        reason="晚了",
    )


def test_parking_stops_the_clock_as_its_ground_says(town):
    made = handling(town)
    due_at = fresh(made).due_at
    review_on = date(2026, 12, 1)
    delay.ask_park(
        made.case.pk, actor=town.actor("works_handler"), ground="season", plan="开春重铺", leader="王副县长",
        review_on=review_on,
    )  # fmt: skip
    case = delay.park(made.case.pk, actor=town.actor("street_leader"))
    assert (case.state, case.review_on) == ("parked", review_on)
    town.later(days=5)
    case = delay.unpark(made.case.pk, actor=town.actor("street_leader"))
    assert case.due_at == due_at + timedelta(days=5)


def test_parking_over_thirty_days_is_the_county_leaders(town):
    made = handling(town)
    delay.ask_park(
        made.case.pk, actor=town.actor("works_handler"), ground="budget", plan="列入明年预算", leader="王副县长",
        review_on=date(2027, 1, 30),
    )  # fmt: skip
    refused("forbidden", delay.park, made.case.pk, actor=town.actor("street_leader"))
    assert delay.park(made.case.pk, actor=town.actor("county_leader")).state == "parked"


def test_decline_needs_a_second_person_and_may_be_contested_once(town):
    made = town.reported("邻居欠我钱不还")
    refusal.propose_decline(
        made.case.pk, actor=town.actor("intake_clerk"), ground="other_channel", where="人民法院 12368"
    )
    case = refusal.decline(made.case.pk, actor=town.actor("shift_leader"))
    assert (case.state, case.closing_note) == ("declined", "人民法院 12368")
    refusal.contest(made.case.pk, actor=town.resident(made), words="我不服")
    refused("contested_once", refusal.contest, made.case.pk, actor=town.resident(made), words="还是不服")
    refused(
        "role",
        refusal.decide_contest,
        made.case.pk,
        actor=town.actor("shift_leader"),
        decision="granted",
        reason="对",
    )
    case = refusal.decide_contest(
        made.case.pk, actor=town.actor("street_leader"), decision="granted", reason="应当受理"
    )
    assert case.state == "accepted"


def test_exception_is_granted_a_level_above_and_counted_apart(town):
    made = checked(town)
    closing.rate(made.case.pk, actor=town.resident(made), service="fair", result="not_solved", why="policy")
    closing.ask_exception(
        made.case.pk,
        actor=town.actor("works_handler"),
        law="城市道路管理条例",
        explained="已上门说明",
        remedies="可申请复议",
    )
    refused("role", closing.grant_exception, made.case.pk, actor=town.actor("shift_leader"))
    case = closing.grant_exception(made.case.pk, actor=town.actor("street_leader"))
    assert (case.state, case.close_type, case.is_dissatisfied) == ("closed", "exception", True)


def test_answer_self_close_and_verify_in_the_grid(town):
    asked = town.reported("居住证怎么办", kind="consultation")
    case = intake.answer(
        asked.case.pk, actor=town.actor("intake_clerk"), answer="带身份证到窗口", basis="居住证暂行条例"
    )
    assert case.state == "checked"
    refused(
        "not_answerable",
        intake.answer,
        town.reported().case.pk,
        actor=town.actor("intake_clerk"),
        answer="好",
        basis="有",
    )

    own = town.reported("楼道堆了纸箱", by="grid_worker", category="0507")
    verified = intake.ask_verification(own.case.pk, actor=town.actor("intake_clerk"))
    assert verified.state == "verifying"
    refused("not_found", intake.verify, own.case.pk, actor=town.actor("grid_worker_3"), finding="true")
    assert intake.verify(own.case.pk, actor=town.actor("grid_head"), finding="untrue").state == "reported"
    worker = town.actor("grid_worker")
    refused("invalid", intake.self_close, own.case.pk, actor=worker, result="已清走")
    case = intake.self_close(own.case.pk, actor=worker, result="已清走", photos_after=[photo(worker)])
    assert (case.state, case.tier) == ("closed", "in_grid")


def test_split_keeps_one_code_and_merge_lets_the_earliest_due_win(town):
    made = town.reported("路灯不亮,垃圾也没人收")
    intake.split(made.case.pk, actor=town.actor("intake_clerk"), demands=["路灯不亮", "垃圾没人收"])
    parts = Case.objects.filter(parent=made.case, link="split")
    assert parts.count() == 2
    assert not Reporter.objects.filter(case__in=parts).exists()

    first = town.reported("大坑")
    town.later(hours=5)
    second = town.reported("路上有坑")
    case = linking.merge(
        first.case.pk, actor=town.actor("dispatcher"), parent=second.case.number, reason="同一个坑"
    )
    assert case.state == "merged"
    into = fresh(second)
    assert (into.n_reporters, into.due_at) == (2, first.case.due_at)
    case = linking.unmerge(first.case.pk, actor=town.actor("dispatcher"), reason="不是同一个")
    assert (case.state, fresh(second).n_reporters) == ("reported", 1)
    assert verify().findings == []


def test_a_merged_reporter_who_is_dissatisfied_leaves_the_merger(town):
    first, second = town.reported("大坑"), town.reported("路上有坑")
    linking.merge(first.case.pk, actor=town.actor("dispatcher"), parent=second.case.number, reason="同一个坑")
    refused(
        "too_early", closing.rate, first.case.pk, actor=town.resident(first), service="fair", result="solved"
    )
    handling(town, made=second)
    checked(town, second)
    case = closing.rate(
        first.case.pk, actor=town.resident(first), service="fair", result="not_solved", why="untouched"
    )
    assert (case.state, case.parent_id) == ("accepted", None)
    case = closing.rate(second.case.pk, actor=town.resident(second), service="fair", result="solved")
    assert case.state == "closed"


def test_a_hazard_goes_on_without_its_reporter(town):
    plain = town.reported("垃圾")
    assert resident.withdraw(plain.case.pk, actor=town.resident(plain)).state == "void"
    hazard = town.reported("楼道里给电动车充电")
    Case.objects.filter(pk=hazard.case.pk).update(has_hazard=True)
    assert resident.withdraw(hazard.case.pk, actor=town.resident(hazard)).state == "reported"


def test_urge_once_a_day_and_reopen_within_fifteen_days(town):
    made = town.reported("门口有坑")
    resident.urge(made.case.pk, actor=town.resident(made))
    refused("urged_today", resident.urge, made.case.pk, actor=town.resident(made))
    town.later(days=1)
    resident.urge(made.case.pk, actor=town.resident(made))
    handling(town, made=made)
    checked(town, made)
    closing.rate(made.case.pk, actor=town.resident(made), service="fair", result="solved")
    town.later(days=14, hours=23)
    case = closing.reopen(made.case.pk, actor=town.resident(made), words="又坏了")
    assert (case.state, case.n_reopen) == ("handling", 1)
    checked(town, made)
    closing.rate(made.case.pk, actor=town.resident(made), service="fair", result="solved")
    town.later(days=15, minutes=1)
    refused("too_late", closing.reopen, made.case.pk, actor=town.resident(made), words="又坏了")


def test_undo_within_ten_seconds_restores_state_clocks_and_dispatch(town):
    made = docketed(town)
    desk.dispatch(made.case.pk, actor=town.actor("dispatcher"), lead="works", assisting=["urban"])
    refused("not_yours", notes.undo, made.case.pk, actor=town.actor("intake_clerk"))
    case = notes.undo(made.case.pk, actor=town.actor("dispatcher"))
    case.refresh_from_db()
    assert (case.state, case.lead_unit, case.assist_unit_ids, case.unit_due_at) == (
        "docketed",
        None,
        [],
        None,
    )
    assert not Dispatch.objects.filter(case=case).exists()
    assert not CaseClock.objects.filter(case=case, stage="unit_handle").exists()
    assert OutboxRow.objects.get(payload__case_id=case.pk, payload__verb="dispatch").outcome == "cancelled"
    assert verify().findings == []
    refused("not_yours", notes.undo, made.case.pk, actor=town.actor("dispatcher"))


def test_one_desk_is_one_submission_and_three_entries(town):
    made = town.reported("门口有坑")
    case = desk.one_desk(
        made.case.pk, actor=town.actor("county_dispatcher"), category=DAMAGED_ROAD, lead="works"
    )
    assert list(case.entries.order_by("seq").values_list("verb", flat=True)) == [
        "report",
        "accept",
        "docket",
        "dispatch",
    ]
    second = town.reported("又一个坑")
    refused(
        "invalid",
        desk.one_desk,
        second.case.pk,
        actor=town.actor("county_dispatcher"),
        category=DAMAGED_ROAD,
        lead="nobody",
    )
    assert fresh(second).state == "reported"


def test_routing_proposes_units_with_reasons_and_a_unit_may_claim(town):
    made = docketed(town, category=RUBBISH)
    proposed = fresh(made).proposed_unit_ids
    assert proposed == [town.units[name].pk for name in ("station_a", "urban", "sanitation", "street_centre")]
    refused("not_found", desk.claim, made.case.pk, actor=town.actor("works_head"))
    case = desk.claim(made.case.pk, actor=town.actor("sanitation_handler"))
    assert (case.state, case.lead_unit) == ("handling", town.units["sanitation"])


def test_assisting_units_finish_or_are_waived_before_the_result(town):
    made = docketed(town)
    desk.dispatch(
        made.case.pk, actor=town.actor("dispatcher"), lead="works", assisting=["urban", "sanitation"]
    )
    unit.take(made.case.pk, actor=town.actor("works_handler"))
    refused(
        "not_lead_unit", unit.report_result, made.case.pk, actor=town.actor("urban_handler"), result="好了"
    )
    refused(
        "assistance_open", unit.report_result, made.case.pk, actor=town.actor("works_handler"), result="好了"
    )
    unit.assist_done(made.case.pk, actor=town.actor("urban_handler"))
    unit.assist_done(
        made.case.pk, actor=town.actor("works_handler"), unit="sanitation", outcome="waived", note="不需要"
    )
    handled(town, made)


def test_emergency_transfer_recall_and_void(town):
    fire = desk.emergency_report(actor=town.actor("duty_officer"), place="码头", what="仓库冒烟")
    case = desk.emergency_start(
        fire.case.pk, actor=town.actor("duty_officer"), place="码头", what="仓库冒烟", unit="squad"
    )
    assert (case.state, case.is_escalated) == ("handling", True)

    made = docketed(town)
    desk.dispatch(made.case.pk, actor=town.actor("dispatcher"), lead="works")
    assert desk.recall(made.case.pk, actor=town.actor("dispatcher"), reason="派错了").state == "docketed"
    case = refusal.transfer_out(
        made.case.pk,
        actor=town.actor("shift_leader"),
        legal_channel="police",
        unit="望海派出所",
        phone="110",
        receipt="GA-1",
    )
    assert (case.state, case.n_hand_back) == ("transferred", 0)
    empty = town.reported("测试")
    assert refusal.void(empty.case.pk, actor=town.actor("shift_leader"), ground="test").state == "void"


def test_what_cannot_be_reported_is_refused_with_a_sentence(town):
    refused("invalid", report, actor=town.visitor(), text="没有地点")
    refused("invalid", report, actor=town.visitor(), text="", address="长江路")
    refused("invalid", report, actor=town.visitor(), text="字" * 10_001, address="长江路")
    refused("invalid", report, actor=town.visitor(), text="坑", address="长江路", phone="abc")
    refused("state_secret", report, actor=town.visitor(), text="机密★五年 文件", address="长江路")
    first = report(actor=town.visitor(), text="坑", origin="12345", origin_number="G-1")
    refused("known", report, actor=town.visitor(), text="坑", origin="12345", origin_number="G-1")
    assert fresh(first).area == town.areas["county"]


def test_a_consultation_answered_badly_goes_back_to_the_desk(town):
    made = town.reported("居住证怎么办", kind="consultation")
    intake.answer(
        made.case.pk, actor=town.actor("intake_clerk"), answer="带身份证到窗口", basis="居住证暂行条例"
    )
    case = closing.follow_up(
        made.case.pk, actor=town.actor("checker"), service="fair", result="partly", why="incomplete"
    )
    assert (case.state, case.n_rework) == ("accepted", 1)


def test_a_split_case_ends_with_its_parts_and_asks_its_reporter(town):
    made = town.reported("路灯不亮,居住证也不知道怎么办")
    intake.split(made.case.pk, actor=town.actor("intake_clerk"), demands=["路灯不亮", "居住证怎么办"])
    refused("parts_open", intake.follow_parts, made.case.pk, actor=PLATFORM)
    intake.accept(made.case.pk, actor=town.actor("intake_clerk"))
    refused("is_split", desk.docket, made.case.pk, actor=town.actor("intake_clerk"), category=DAMAGED_ROAD)
    for part in Case.objects.filter(parent=made.case, link="split"):
        refusal.void(part.pk, actor=town.actor("shift_leader"), ground="mistake")
        for row in OutboxRow.objects.filter(payload__case_id=part.pk):
            follow_parts(revive(row))
    assert fresh(made).state == "checked"
    case = closing.rate(made.case.pk, actor=town.resident(made), service="fair", result="solved")
    assert case.state == "closed"


def test_an_anonymous_reporters_case_is_closed_apart(town):
    made = town.reported("门口有坑", name="", phone="", is_anonymous=True)
    checked(town, handling(town, made=made))
    case = closing.close(made.case.pk, actor=town.actor("shift_leader"))
    assert (case.state, case.close_type) == ("closed", "anonymous")
