"""Giving a case to a unit and taking it back: rows and clocks that several verbs share."""

from __future__ import annotations

from collections.abc import Iterable

from wangge.cases import clocks
from wangge.cases.clocks import Budget
from wangge.cases.models import Assist, Case, Dispatch, Stage
from wangge.cases.move import Move
from wangge.cases.recusal import refuse_recused
from wangge.catalog.models import PolicyRow, Sensitivity
from wangge.catalog.queries import policy_row
from wangge.kit.db import select
from wangge.kit.errors import Invalid
from wangge.territory.models import Unit
from wangge.territory.staff import heads_of_unit


def frozen_row(case: Case) -> PolicyRow:
    """The time limits that bind this case: the frozen version's row of its category."""
    return policy_row(case.policy_version_id, case.category_id, case.channel)


def current_dispatch(case: Case) -> Dispatch | None:
    """The dispatch that is not ended."""
    open_rows = "WHERE case_id = %s AND ended_at IS NULL ORDER BY id DESC LIMIT 1"
    return next(iter(select(Dispatch, open_rows, [case.pk])), None)


def dispatch_to(
    move: Move, lead: Unit, assisting: list[Unit], advice: str, *, is_final: bool = False
) -> Dispatch:
    """Give the case to a lead unit: dispatch and assist rows, the unit's clocks, who may see it."""
    if lead in assisting:
        raise Invalid("assisting", "主办单位不能同时是协办单位。", "The lead unit cannot assist as well.")
    case = move.case
    refuse_recused(case, lead, *assisting, at=move.at)
    row = frozen_row(case)
    given = Dispatch(
        case=case,
        unit=lead,
        advice=advice,
        dispatched_at=move.at,
        dispatched_by_id=move.actor.user_id,
        is_final=is_final,
    )
    move.insert(given)
    for unit in assisting:
        move.insert(Assist(dispatch=given, unit=unit))
    case.lead_unit, case.assist_unit_ids, case.handler = lead, [unit.pk for unit in assisting], None
    case.dispatched_at = move.at
    case.is_final_dispatch = is_final
    name_heads(move, [lead.pk, *case.assist_unit_ids])
    move.start(Stage.UNIT_TAKE, Budget(row.unit_take_hours, source=row.source), unit=lead)
    move.start(Stage.UNIT_HANDLE, Budget(row.unit_handle_hours, source=row.source), unit=lead)
    return given


def name_heads(move: Move, unit_ids: Iterable[int]) -> None:
    """The heads of units that must act on a restricted case come to be among its named persons."""
    case = move.case
    if case.sensitivity == Sensitivity.RESTRICTED:
        heads = {user for unit_id in unit_ids for user in heads_of_unit(unit_id, move.at)}
        case.named_user_ids = sorted({*case.named_user_ids, *heads})


def take_over(move: Move) -> None:
    """The unit takes it: ``take`` is met."""
    if (given := current_dispatch(move.case)) is not None:
        move.update(given, taken_at=move.at)
    move.stop(Stage.UNIT_TAKE)


def end_dispatch(move: Move, outcome: str) -> None:
    """The present dispatch is over (handed back, recalled, transferred, handled); the unit's clocks stop."""
    if (given := current_dispatch(move.case)) is not None:
        move.update(given, ended_at=move.at, outcome=outcome)
    move.stop(Stage.UNIT_TAKE, Stage.UNIT_HANDLE)


def release_unit(move: Move) -> None:
    """No unit holds the case any more."""
    case = move.case
    case.lead_unit, case.handler, case.assist_unit_ids = None, None, []


def resume(move: Move, *stages: Stage) -> None:
    """Stopped clocks of these stages go on with what was left, at least 20 % of their budget."""
    for stage in stages:
        if move.running(stage) is not None:
            continue
        clock = next(
            (c for c in reversed(move.clocks()) if c.stage == stage and c.stopped_at is not None), None
        )
        if clock is None or clock.stopped_at is None:
            continue
        budget = Budget(clock.budget, clock.unit_of_time)
        due_at = clocks.resumed_due(move.at, clock.stopped_at, clock.due_at, budget)
        move.set_due(clock, due_at, stopped_at=None)


def rework(move: Move) -> None:
    """返工: the case goes back to its unit; the same clocks resume; after two reworks a consultation must be held."""
    case = move.case
    case.n_rework += 1
    case.must_consult = case.must_consult or case.n_rework >= 2
    case.checked_at = case.handled_at = None
    move.stop(Stage.CHECK, Stage.FOLLOW_UP)
    given = Dispatch.objects.filter(case_id=case.pk).order_by("-id").first()
    if given is not None and given.ended_at is not None and given.outcome == "handled":
        move.update(given, ended_at=None, outcome="")
    resume(move, Stage.HANDLE, Stage.UNIT_HANDLE)


def stop_all(move: Move) -> None:
    """The case ends: every running clock stops."""
    move.stop(*Stage)


def end_case(move: Move) -> None:
    """What every ending shares."""
    stop_all(move)
    move.case.ended_at = move.at
