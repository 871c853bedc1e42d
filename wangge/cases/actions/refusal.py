"""不予受理 作废 转出 异议: endings without handling, and the right to contest them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from wangge.cases.actions.fields import PrivateText, Reason, Words
from wangge.cases.actions.registry import action
from wangge.cases.clocks import Budget
from wangge.cases.dispatching import end_case, end_dispatch, resume
from wangge.cases.given import Given
from wangge.cases.lookups import ground_named, needed
from wangge.cases.models import Ask, Case, Entry, Stage
from wangge.cases.move import CaseRef, begin
from wangge.cases.scope import visible_to
from wangge.cases.workflow import State, Verb
from wangge.kit.errors import Conflict, Invalid
from wangge.kit.words import Text
from wangge.territory.scope import Actor

ANSWERED_BEFORE = "answered_before"
CONTEST_WITHIN = timedelta(days=5)
EXCEPTION = "exception"


@action(Verb.PROPOSE_DECLINE)
def propose_decline(
    ref: CaseRef, *, actor: Actor,
    ground: Annotated[str, Given("不予受理事由", "Ground", "ground", source="decline")],
    where: Annotated[str, Given("可以去哪里办", "Where to go instead", "words", max_length=500)],
    earlier: Annotated[str, Given("此前案件编号", "Number of the earlier case", "line", max_length=40)] = "",
) -> Case:  # fmt: skip
    """建议不予受理: ground and where to go instead; the shift leader signs. Per matter, never per person."""
    move = begin(ref, Verb.PROPOSE_DECLINE, actor)
    ground_named("decline", ground)
    needed("where", where, "请告诉诉求人可以去哪里办。", "Say where the reporter can go instead.")
    if ground == ANSWERED_BEFORE and not visible_to(actor).filter(number=earlier).exists():
        raise Invalid(
            "earlier", "“已答复过”须填此前案件编号。", "“Answered before” needs the earlier number."
        )
    given = {"ground": ground, "where": where, "earlier": earlier}
    move.ask("decline", given)
    return move.finish(**given)


@action(Verb.DECLINE)
def decline(ref: CaseRef, *, actor: Actor, note: Words = "") -> Case:
    """不予受理: the shift leader signs what another person proposed."""
    move = begin(ref, Verb.DECLINE, actor)
    ask = move.open_ask("decline")
    move.decide(ask, "granted")
    case = move.case
    case.ground, case.closing_note = ask.given["ground"], ask.given["where"]
    end_case(move)
    return move.finish(State.DECLINED, ground=case.ground, where=case.closing_note, note=note)


@action(Verb.VOID)
def void(
    ref: CaseRef, *, actor: Actor,
    ground: Annotated[str, Given("作废事由", "Ground", "ground", source="void")],
    reason: Reason = "",
) -> Case:  # fmt: skip
    """作废: a test or no content; with evidence attached a second person must do it (first asks, then signs)."""
    move = begin(ref, Verb.VOID, actor)
    case = move.case
    listed = ground_named("void", ground)
    asked = Ask.objects.filter(case=case, kind="void", decision="").first()
    if case.evidence.exists() and asked is None:
        move.ask("void", {"ground": ground, "reason": reason})
        return move.finish(ground=ground, reason=reason, waits_for="second_person")
    if asked is not None:
        move.decide(asked, "granted")
    case.ground, case.closing_note = ground, reason or listed.name_zh
    end_case(move)
    return move.finish(State.VOID, ground=ground, reason=reason)


LEGAL_CHANNELS = (
    ("police", Text("110 公安", "Police 110")),
    ("petition", Text("信访", "Petition office")),
    ("court", Text("法院·仲裁·复议", "Court, arbitration, review")),
    ("discipline", Text("12388 纪检", "Discipline 12388")),
    ("other_county", Text("其他区县", "Another county")),
)


@action(Verb.TRANSFER_OUT)
def transfer_out(
    ref: CaseRef, *, actor: Actor,
    legal_channel: Annotated[str, Given("法定渠道", "Legal channel", "choice", LEGAL_CHANNELS)],
    unit: Annotated[str, Given("受理单位", "Receiving unit", max_length=100)],
    phone: Annotated[str, Given("联系电话", "Telephone", max_length=40)],
    receipt: Annotated[str, Given("回执编号", "Receipt", max_length=80)],
) -> Case:  # fmt: skip
    """转出: another legal channel, with its receipt; the resident gets address and date."""
    move = begin(ref, Verb.TRANSFER_OUT, actor)
    case = move.case
    if legal_channel not in dict(LEGAL_CHANNELS):
        raise Invalid("legal_channel", "请选择法定渠道。", "Choose the legal channel.")
    case.outside_unit = needed("unit", unit, "请填写受理单位。", "Name the receiving unit.")
    case.outside_phone = needed("phone", phone, "请填写联系电话。", "Give its telephone.")
    needed("receipt", receipt, "请填写回执编号。", "Give the receipt.")
    end_dispatch(move, "transferred")
    end_case(move)
    return move.finish(
        State.TRANSFERRED, legal_channel=legal_channel, unit=unit, phone=phone, receipt=receipt
    )


@action(Verb.CONTEST)
def contest(ref: CaseRef, *, actor: Actor, words: PrivateText) -> Case:
    """异议: the resident, once, against a decline or an exceptional closing; decided a level above in 5 working days."""
    move = begin(ref, Verb.CONTEST, actor)
    case = move.case
    if case.state == State.CLOSED and case.close_type != EXCEPTION:
        raise Conflict("not_contestable", "此案可以申请重新办理。", "This case can be reopened instead.")
    if Ask.objects.filter(case=case, kind="contest").exists():
        raise Conflict("contested_once", "您已经提出过一次异议。", "You have contested once already.")
    move.private("words", needed("words", words, "请写明您的理由。", "Write your reasons."))
    move.ask("contest", {}, rule_by=move.at + CONTEST_WITHIN)
    return move.finish()


@action(Verb.DECIDE_CONTEST)
def decide_contest(
    ref: CaseRef, *, actor: Actor,
    decision: Annotated[
        str, Given("裁定", "Decision", "choice", (("granted", Text("重新受理", "Accept again")), ("refused", Text("维持", "Unchanged"))))
    ],
    reason: Reason,
) -> Case:  # fmt: skip
    """裁定异议: a level above, never who signed the decline or granted the exception."""
    move = begin(ref, Verb.DECIDE_CONTEST, actor)
    case = move.case
    if decision not in ("granted", "refused"):
        raise Invalid("decision", "请选择裁定。", "Choose the decision.")
    words = needed("reason", reason, "请写明理由。", "Give the reason.")
    signer = Entry.objects.filter(case=case, verb__in=("decline", "grant_exception")).order_by("-seq").first()
    if signer is not None and signer.user_id == actor.user_id:
        raise Conflict("own_decision", "不能裁定自己作出的决定。", "You cannot rule on your own decision.")
    move.decide(move.open_ask("contest"), decision)
    if decision == "refused":
        return move.finish(decision=decision, reason=words)
    case.ground = case.closing_note = case.close_type = ""
    case.closed_at = case.ended_at = None
    case.is_erased = False
    case.accepted_at = case.accepted_at or move.at
    resume(move, Stage.HANDLE)
    if move.running(Stage.HANDLE) is None:
        move.start(Stage.HANDLE, Budget(72, source="contest"))
    return move.finish(State.ACCEPTED, decision=decision, reason=words)
