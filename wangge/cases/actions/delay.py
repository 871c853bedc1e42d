"""延期 挂账: more time, asked before it is late and granted by another person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from wangge.cases import clocks
from wangge.cases.actions.fields import Reason, Words
from wangge.cases.actions.registry import action
from wangge.cases.clocks import Budget
from wangge.cases.given import Given
from wangge.cases.lookups import ground_named, needed
from wangge.cases.models import Case, CaseClock, Stage
from wangge.cases.move import CaseRef, Move, begin
from wangge.cases.workflow import State, Verb
from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Conflict, Forbidden, Invalid
from wangge.territory.roles import Role
from wangge.territory.scope import Actor

MOST_EXTENSIONS = 2
LONGEST_PARKING_DAYS = 90
STREET_PARKING_DAYS = 30
DELAYED = (Stage.HANDLE, Stage.UNIT_HANDLE)


def running_unit_clock(move: Move) -> CaseClock:
    """The unit's running clock, or a refusal that nothing runs."""
    clock = move.running(Stage.UNIT_HANDLE) or move.running(Stage.HANDLE)
    if clock is None:
        raise Conflict("no_clock", "此案没有正在计时的时限。", "No deadline is running on this case.")
    return clock


@action(Verb.ASK_EXTENSION)
def ask_extension(
    ref: CaseRef, *, actor: Actor,
    days: Annotated[int, Given("延长天数", "Days", "number")],
    reason: Reason,
) -> Case:  # fmt: skip
    """申请延期: before it is due; at most two, together at most the original budget; the clock runs meanwhile."""
    move = begin(ref, Verb.ASK_EXTENSION, actor)
    clock = running_unit_clock(move)
    words = needed("reason", reason, "请写明延期原因。", "Say why.")
    if move.at > clock.due_at:
        raise Conflict(
            "too_late", "已经超时,不能再申请延期。", "It is late already; no extension can be asked."
        )
    if clock.n_extensions >= MOST_EXTENSIONS:
        raise Conflict("no_more", "延期最多两次。", "Two extensions at most.")
    if days < 1 or clock.extended + days * 24 > clock.budget:
        most = max(int((clock.budget - clock.extended) // 24), 0)
        raise Invalid(
            "days",
            f"最多还可延长 {most} 天(合计不超过原时限)。",
            f"At most {most} more days (in all the original limit).",
        )
    move.ask("extension", {"days": days, "reason": words}, unit_id=move.case.lead_unit_id)
    return move.finish(days=days, reason=words)


@action(Verb.GRANT_EXTENSION)
def grant_extension(ref: CaseRef, *, actor: Actor, note: Words = "") -> Case:
    """同意延期: a higher level, never the asker; the resident is told the new date."""
    move = begin(ref, Verb.GRANT_EXTENSION, actor)
    ask = move.open_ask("extension")
    move.decide(ask, "granted")
    days = int(ask.given["days"])
    for stage in DELAYED:
        if (clock := move.running(stage)) is not None:
            late_since_asking = clock.is_breached and ask.asked_at <= clock.due_at
            due_at = clocks.due(clock.due_at, Budget(days * 24))
            move.set_due(
                clock, due_at, n_extensions=clock.n_extensions + 1, extended=clock.extended + days * 24,
                is_breached=clock.is_breached and not late_since_asking,
            )  # fmt: skip
    return move.finish(days=days, note=note, due_at=move.case.due_at)


@action(Verb.REFUSE_EXTENSION)
def refuse_extension(ref: CaseRef, *, actor: Actor, reason: Reason) -> Case:
    """不同意延期, with the reason."""
    move = begin(ref, Verb.REFUSE_EXTENSION, actor)
    words = needed("reason", reason, "请写明不同意的理由。", "Say why not.")
    move.decide(move.open_ask("extension"), "refused")
    return move.finish(reason=words)


@action(Verb.ASK_PARK)
def ask_park(
    ref: CaseRef, *, actor: Actor,
    ground: Annotated[str, Given("挂账事由", "Ground", "ground", source="park")],
    plan: Annotated[str, Given("工作计划", "Plan", "words", max_length=2000)],
    leader: Annotated[str, Given("牵头领导", "Named leader", max_length=60)],
    review_on: Annotated[date, Given("复核日期", "Review on", "day")],
) -> Case:  # fmt: skip
    """申请挂账: a listed ground, a plan, a named leader, a review within 90 days; before it is due."""
    move = begin(ref, Verb.ASK_PARK, actor)
    if move.at > running_unit_clock(move).due_at:
        raise Conflict(
            "too_late", "已经超时,不能再申请挂账。", "It is late already; parking can no longer be asked."
        )
    ground_named("park", ground)
    needed("plan", plan, "请写明工作计划。", "Write the plan.")
    needed("leader", leader, "请写明牵头领导。", "Name the leader.")
    today = move.at.astimezone(SHANGHAI).date()
    if not today < review_on <= today + timedelta(days=LONGEST_PARKING_DAYS):
        raise Invalid(
            "review_on", "复核日期须在明天起 90 天内。", "The review must be within 90 days from tomorrow."
        )
    given = {"ground": ground, "plan": plan, "leader": leader, "review_on": review_on.isoformat()}
    move.ask("park", given, unit_id=move.case.lead_unit_id)
    return move.finish(**given)


@action(Verb.PARK)
def park(ref: CaseRef, *, actor: Actor, note: Words = "") -> Case:
    """同意挂账: the street leader, over 30 days the county leader; shown as unsolved, clock as the ground says."""
    move = begin(ref, Verb.PARK, actor)
    ask = move.open_ask("park")
    review_on = date.fromisoformat(ask.given["review_on"])
    days = (review_on - ask.asked_at.astimezone(SHANGHAI).date()).days
    if days > STREET_PARKING_DAYS and Role.COUNTY_LEADER not in move.roles:
        raise Forbidden(
            "超过 30 天的挂账须由区县负责人批准。",
            "Parking for over 30 days is granted by the county leader.",
        )
    move.decide(ask, "granted")
    case = move.case
    case.review_on, case.ground = review_on, ask.given["ground"]
    if ground_named("park", case.ground).clock == "stops":
        for stage in DELAYED:
            if (clock := move.running(stage)) is not None:
                move.update(clock, paused_at=ask.asked_at)
    return move.finish(State.PARKED, ground=case.ground, review_on=review_on.isoformat(), note=note)


@action(Verb.REFUSE_PARK)
def refuse_park(ref: CaseRef, *, actor: Actor, reason: Reason) -> Case:
    """不同意挂账, with the reason."""
    move = begin(ref, Verb.REFUSE_PARK, actor)
    words = needed("reason", reason, "请写明不同意的理由。", "Say why not.")
    move.decide(move.open_ask("park"), "refused")
    return move.finish(reason=words)


@action(Verb.UNPARK)
def unpark(ref: CaseRef, *, actor: Actor, reason: Words = "") -> Case:
    """恢复办理: paused clocks go on, later by the pause."""
    move = begin(ref, Verb.UNPARK, actor)
    for stage in DELAYED:
        clock = move.running(stage)
        if clock is not None and clock.paused_at is not None:
            move.set_due(clock, clocks.after_pause(clock.due_at, clock.paused_at, move.at), paused_at=None)
    move.case.review_on, move.case.ground = None, ""
    return move.finish(State.HANDLING, reason=reason)
