"""退单 商定 指定 会商: who is responsible."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from wangge.cases.actions.fields import Basis, Reason, UnitCode, Words
from wangge.cases.actions.registry import action
from wangge.cases.dispatching import dispatch_to, end_dispatch, name_heads, release_unit
from wangge.cases.given import Given
from wangge.cases.lookups import ground_named, needed, unit_named
from wangge.cases.models import Ask, Case, Dispatch
from wangge.cases.move import CaseRef, Move, begin
from wangge.cases.workflow import State, Verb
from wangge.catalog.actions import propose_responsibility
from wangge.kit.errors import Conflict, Forbidden, Invalid
from wangge.kit.words import Text
from wangge.territory.models import Unit
from wangge.territory.scope import Actor

RULE_WITHIN = timedelta(hours=4)
AGREE_WITHIN = timedelta(days=1)


@action(Verb.ASK_HAND_BACK)
def ask_hand_back(
    ref: CaseRef, *, actor: Actor,
    ground: Annotated[str, Given("退单事由", "Ground", "ground", source="hand_back")],
    reason: Reason,
    proposed: Annotated[str, Given("建议承办单位", "Unit proposed instead", "unit")] = "",
    basis: Basis = "",
) -> Case:  # fmt: skip
    """申请退单: the unit's head asks once; its clock runs until agreed, the case's never stops."""
    move = begin(ref, Verb.ASK_HAND_BACK, actor)
    case = move.case
    if case.is_final_dispatch:
        raise Conflict(
            "settled",
            "此案承办单位已经商定或指定,不能再退。",
            "The responsible unit is settled; no hand-back.",
        )
    unit_id = case.lead_unit_id or 0
    if Ask.objects.filter(case=case, kind="hand_back", unit_id=unit_id).exists():
        raise Conflict(
            "asked_once", "本单位已申请过一次退单,不能再次申请。", "Your unit has asked once already."
        )
    ground_named("hand_back", ground)
    words = needed("reason", reason, "请写明退单原因。", "Say why.")
    if proposed:
        unit_named(proposed, "proposed")
    given = {"ground": ground, "reason": words, "proposed": proposed, "basis": basis}
    move.ask("hand_back", given, rule_by=move.at + RULE_WITHIN, unit_id=unit_id)
    return move.finish(**given)


@action(Verb.AGREE_HAND_BACK)
def agree_hand_back(ref: CaseRef, *, actor: Actor, note: Words = "") -> Case:
    """同意退单: back to the desk; the second hand-back goes to settling. The unit's clock stops, the case's does not."""
    move = begin(ref, Verb.AGREE_HAND_BACK, actor)
    case = move.case
    ask = move.open_ask("hand_back")
    move.decide(ask, "granted")
    end_dispatch(move, "handed_back")
    case.n_hand_back += 1
    release_unit(move)
    if case.n_hand_back < 2:
        return move.finish(State.DOCKETED, note=note)
    case.proposed_unit_ids = concerned_units(case, ask)
    name_heads(move, case.proposed_unit_ids)
    return move.finish(
        State.SETTLING, note=note, concerned=case.proposed_unit_ids, agree_by=move.at + AGREE_WITHIN
    )


def concerned_units(case: Case, ask: Ask) -> list[int]:
    """Units that must settle it: those that held the case and the one proposed last."""
    held = list(Dispatch.objects.filter(case=case).order_by("id").values_list("unit_id", flat=True))
    proposed = ask.given.get("proposed")
    extra = [unit_named(proposed, "proposed").pk] if proposed else []
    return list(dict.fromkeys([*held, *extra, *case.proposed_unit_ids]))


@action(Verb.REFUSE_HAND_BACK)
def refuse_hand_back(ref: CaseRef, *, actor: Actor, reason: Reason) -> Case:
    """不同意退单: the unit keeps it, with the reason."""
    move = begin(ref, Verb.REFUSE_HAND_BACK, actor)
    words = needed("reason", reason, "请写明不同意的理由。", "Say why not.")
    move.decide(move.open_ask("hand_back"), "refused")
    return move.finish(reason=words)


@action(Verb.AGREE)
def agree(ref: CaseRef, *, actor: Actor, ruling: Words, basis: Basis = "") -> Case:
    """商定: the head of one of the units concerned takes it for that unit; it is not handed back again."""
    move = begin(ref, Verb.AGREE, actor)
    unit = Unit.objects.filter(pk=move.grant.unit_id or 0).first()
    if unit is None or unit.pk not in move.case.proposed_unit_ids:
        raise Forbidden("本单位不是协商各方之一。", "Your unit is not one of those concerned.")
    return settle_on(move, unit, ruling, basis, how="agreed")


@action(Verb.DESIGNATE)
def designate(ref: CaseRef, *, actor: Actor, lead: UnitCode, ruling: Words, basis: Basis) -> Case:
    """指定: a leader names the unit with the basis; it is not handed back again."""
    move = begin(ref, Verb.DESIGNATE, actor)
    needed("basis", basis, "请写明指定的依据。", "Name the basis of the ruling.")
    return settle_on(move, unit_named(lead), ruling, basis, how="designated")


def settle_on(move: Move, unit: Unit, ruling: str, basis: str, *, how: str) -> Case:
    """Dispatch for good, and propose the ruling as a row of the responsibility list."""
    words = needed("ruling", ruling, "请写明商定或指定的意见。", "Write the ruling.")
    dispatch_to(move, unit, [], words, is_final=True)
    if move.case.category is not None:
        row = propose_responsibility(
            category=move.case.category, lead_unit=unit, area=move.case.area, legal_basis=basis,
            note=f"{move.case.number}: {words}", by=move.actor.name, at=move.at,
        )  # fmt: skip
        move.remember_new(row)
    return move.finish(State.DISPATCHED, lead=unit.code, ruling=words, basis=basis, how=how)


@action(Verb.CONSULT)
def consult(
    ref: CaseRef, *, actor: Actor,
    people: Annotated[str, Given("参加人员", "People", "words", max_length=500, is_private=True)],
    conclusion: Annotated[str, Given("会商结论", "Conclusion", "words", max_length=2000)],
    ends_in: Annotated[
        str,
        Given(
            "处理方式", "Ends in", "choice",
            (("plan", Text("制定方案", "A plan")), ("park", Text("挂账", "Parking")),
             ("exception", Text("例外结案", "An exception")), ("transfer", Text("转出", "A transfer"))),
        ),
    ] = "plan",
) -> Case:  # fmt: skip
    """会商: people, conclusion and plan; required after two reworks before a result can be reported again."""
    move = begin(ref, Verb.CONSULT, actor)
    if ends_in not in ("plan", "park", "exception", "transfer"):
        raise Invalid("ends_in", "请选择会商后的处理方式。", "Choose what the consultation ends in.")
    move.private("people", needed("people", people, "请填写参加人员。", "Say who took part."))
    words = needed("conclusion", conclusion, "请填写会商结论。", "Write the conclusion.")
    move.case.must_consult = False
    return move.finish(conclusion=words, ends_in=ends_in)
