"""签收 交办 到场 反馈: what the handling unit does."""

from __future__ import annotations

from typing import Annotated

from wangge.cases.actions.fields import Basis, Files, IsDrawing, PhotosAfter, Words
from wangge.cases.actions.registry import action
from wangge.cases.clocks import Budget
from wangge.cases.dispatching import current_dispatch, end_dispatch, frozen_row, take_over
from wangge.cases.given import Given
from wangge.cases.lookups import needed, user_named
from wangge.cases.models import Assist, Case, Stage
from wangge.cases.move import CaseRef, Move, begin
from wangge.cases.recusal import refuse_recused_person
from wangge.cases.workflow import State, Verb
from wangge.kit.db import select
from wangge.kit.errors import Conflict, Invalid
from wangge.kit.words import Text
from wangge.territory.scope import Actor
from wangge.territory.staff import members_of_unit, unit_by_id


@action(Verb.TAKE)
def take(ref: CaseRef, *, actor: Actor) -> Case:
    """签收(接单): the lead unit takes it; ``take`` is met."""
    move = begin(ref, Verb.TAKE, actor)
    take_over(move)
    move.case.handler_id = actor.user_id
    return move.finish(State.HANDLING)


@action(Verb.ASSIGN)
def assign(
    ref: CaseRef,
    *,
    actor: Actor,
    person: Annotated[str, Given("承办人", "Person", "colleague")],
    advice: Words = "",
) -> Case:
    """交办: the head of the unit names the person who handles it."""
    move = begin(ref, Verb.ASSIGN, actor)
    user = user_named(person, "person")
    if user.pk not in members_of_unit(move.case.lead_unit_id or 0, move.at):
        raise Invalid(
            "person",
            "此人不在本单位任职,请重新选择。",
            "This person holds no post in your unit; choose again.",
        )
    refuse_recused_person(move.case, user)
    move.case.handler = user
    return move.finish(person=person, advice=advice)


@action(Verb.ARRIVE)
def arrive(ref: CaseRef, *, actor: Actor) -> Case:
    """到场: "我到了"; no position is asked."""
    move = begin(ref, Verb.ARRIVE, actor)
    if (given := current_dispatch(move.case)) is not None and given.arrived_at is None:
        move.update(given, arrived_at=move.at)
    move.stop(Stage.ARRIVE)
    return move.finish()


@action(Verb.ASSIST_DONE)
def assist_done(
    ref: CaseRef, *, actor: Actor,
    unit: Annotated[str, Given("协办单位", "Assisting unit", "assist")] = "",
    outcome: Annotated[
        str, Given("结果", "Outcome", "choice", (("done", Text("已完成", "Done")), ("waived", Text("不再需要", "Waived"))))
    ] = "done",
    note: Words = "",
) -> Case:  # fmt: skip
    """协办完成: the assisting unit says it is done, or the lead unit waives it with a reason."""
    move = begin(ref, Verb.ASSIST_DONE, actor)
    is_lead = move.case.lead_unit_id in {grant.unit_id for grant in move.roles.values()}
    if outcome not in ("done", "waived") or (outcome == "waived" and not is_lead):
        raise Invalid("outcome", "只有主办单位可以免去协办。", "Only the lead unit may waive assistance.")
    if outcome == "waived":
        needed("note", note, "免去协办请写明原因。", "Say why the assistance is waived.")
    row = open_assist(move, unit, is_lead)
    move.update(row, outcome=outcome, note=note, done_at=move.at)
    return move.finish(unit=row.unit.code, outcome=outcome, note=note)


def open_assist(move: Move, code: str, is_lead: bool) -> Assist:
    """The open assist row of the named unit (of the actor's own unit when it is not the lead)."""
    given = current_dispatch(move.case)
    waiting = Assist.objects.filter(dispatch=given, outcome="").select_related("unit")
    if code:
        waiting = waiting.filter(unit__code=code)
    if not is_lead:
        waiting = waiting.filter(
            unit_id__in={grant.unit_id for grant in move.roles.values() if grant.unit_id}
        )
    row = waiting.order_by("id").first()
    if row is None:
        raise Conflict("no_assistance", "没有待完成的协办事项。", "There is no open assistance.")
    return row


@action(Verb.REPORT_RESULT)
def report_result(
    ref: CaseRef, *, actor: Actor,
    result: Annotated[
        str, Given("办理结果", "Result", "words", max_length=4000, help=Text("逐项答复诉求", "Answer each demand"))
    ],
    measures: Annotated[str, Given("采取措施", "Measures", "words", max_length=2000)] = "",
    basis: Basis = "",
    photos_after: PhotosAfter = [],  # noqa: B006
    files: Files = [],  # noqa: B006
    is_drawing: IsDrawing = False,
) -> Case:  # fmt: skip
    """反馈结果: answer to each demand, measures, basis, evidence by the closing standard; ``handle`` stops, ``check`` starts."""
    move = begin(ref, Verb.REPORT_RESULT, actor)
    case = move.case
    words = needed("result", result, "请写明办理结果,逐项答复。", "Say what was done; answer each demand.")
    refuse_unfinished(move)
    if case.category is not None and case.category.needs_photo_after and not photos_after:
        raise Invalid("photos_after", "此类案件须有处置后照片。", "This category needs a photo afterwards.")
    move.attach(photos_after, "after", for_resident=True, is_drawing=is_drawing)
    move.attach(files, "document")
    case.handled_at, case.closing_note = move.at, words
    end_dispatch(move, "handled")
    move.stop(Stage.HANDLE, Stage.ARRIVE)
    row = frozen_row(case)
    move.start(Stage.CHECK, Budget(row.check_hours, source=row.source))
    return move.finish(State.HANDLED, result=words, measures=measures, basis=basis)


def refuse_unfinished(move: Move) -> None:
    """Not while a required consultation or an assisting unit is open."""
    if move.case.must_consult:
        raise Conflict(
            "must_consult",
            "此案已返工两次,须先会商。",
            "After two reworks a consultation must be held first.",
        )
    if (given := current_dispatch(move.case)) is None:
        return
    waiting = select(Assist, "WHERE dispatch_id = %s AND outcome = '' ORDER BY id", [given.pk])
    if names := [unit_by_id(row.unit_id).name_zh for row in waiting]:
        raise Conflict(
            "assistance_open", f"协办单位还没有完成:{'、'.join(names)}。请等其完成或写明免去原因。",
            f"Assisting units are not done: {', '.join(names)}. Wait for them or waive with a reason.",
        )  # fmt: skip
