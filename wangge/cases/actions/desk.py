"""研判 立案 派遣: what the dispatch desk does."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction

from wangge.cases import clocks
from wangge.cases.actions.fields import (
    SENSITIVITIES,
    TIERS,
    URGENCIES,
    AssistCodes,
    CategoryCode,
    Reason,
    UnitCode,
)
from wangge.cases.actions.intake import accept
from wangge.cases.actions.registry import action
from wangge.cases.actions.report import Reported, place_of, report, set_category, set_place
from wangge.cases.clocks import Budget
from wangge.cases.dispatching import dispatch_to, end_dispatch, frozen_row, release_unit, take_over
from wangge.cases.given import Given
from wangge.cases.lookups import category_named, needed, unit_named, units_named, user_named
from wangge.cases.models import Case, Stage
from wangge.cases.move import CaseRef, Move, Seen, begin
from wangge.cases.recusal import recuse
from wangge.cases.routing import proposals
from wangge.cases.workflow import State, Verb
from wangge.catalog.models import Sensitivity, Tier, Urgency
from wangge.kit.db import planned
from wangge.kit.errors import Conflict, Forbidden, Invalid
from wangge.territory.models import Unit
from wangge.territory.roles import Role
from wangge.territory.scope import Actor

LARGE = 5  # reporters


@action(Verb.TRIAGE)
def triage(
    ref: CaseRef, *, actor: Actor,
    category: CategoryCode = "",
    tier: Annotated[str, Given("层级", "Tier", "choice", TIERS)] = "",
    urgency: Annotated[str, Given("紧急程度", "Urgency", "choice", URGENCIES)] = "",
    sensitivity: Annotated[str, Given("敏感程度", "Sensitivity", "choice", SENSITIVITIES)] = "",
    area: Annotated[str, Given("所在区域", "Area", "area")] = "",
    address: Annotated[str, Given("地址", "Address", max_length=200)] = "",
    lon: Annotated[float | None, Given("经度", "Longitude", "number")] = None,
    lat: Annotated[float | None, Given("纬度", "Latitude", "number")] = None,
    datum: Annotated[str, Given("坐标系", "Datum")] = "wgs84",
    position_source: Annotated[str, Given("定位方式", "Source of the position")] = "dispatcher",
    named: Annotated[list[str], Given("知情人员", "Who may see it", "users")] = [],  # noqa: B006
    recused: Annotated[list[str], Given("须回避人员", "Who must not see it", "users")] = [],  # noqa: B006
    recused_units: Annotated[list[str], Given("须回避单位", "Units that must not see it", "units")] = [],  # noqa: B006
) -> Case:  # fmt: skip
    """研判: category, tier, urgency, place, sensitivity; routing then proposes units with reasons."""
    move = begin(ref, Verb.TRIAGE, actor)
    case = move.case
    if category:
        set_category(case, category_named(category), urgency)
    elif urgency:
        set_category(case, case.category, urgency)
    if tier:
        set_tier(move, tier)
    if area or (lon is not None and lat is not None):
        set_place(case, place_of(lon, lat, datum, None, position_source, area, actor))
    case.address = address.strip()[:200] or case.address
    set_sensitivity(move, sensitivity, named)
    recuse(
        case, users=[user_named(name, "recused").pk for name in recused],
        units=[unit.pk for unit in units_named(recused_units, "recused_units")],
    )  # fmt: skip
    case.proposed_unit_ids = [proposal.unit_id for proposal in proposals(case)]
    return move.finish(
        category=category, tier=tier, urgency=urgency, sensitivity=sensitivity, area=area, lon=lon, lat=lat,
        position_source=position_source if lon is not None else "", proposed=case.proposed_unit_ids,
    )  # fmt: skip


def set_tier(move: Move, tier: str) -> None:
    """Raising is always possible; lowering needs the receiver's consent, so only the receiver itself may lower."""
    order = [Tier.IN_GRID, Tier.IN_GROUP, Tier.REPORT_UP]
    if tier not in order:
        raise Invalid("tier", "请选择层级。", "Choose the tier.")
    is_lower = order.index(Tier(tier)) < order.index(Tier(move.case.tier))
    if is_lower and tier == Tier.IN_GROUP and Role.COMMUNITY_MANAGER not in move.roles and not loops(move):
        raise Forbidden(
            "降为“群内办”须由社区同意:请社区管理员办理。",
            "Lowering to the group needs the community's consent: ask its manager.",
        )
    move.case.tier = Tier(tier)


def loops(move: Move) -> bool:
    return bool(
        move.roles.keys() & {Role.ZONE_MANAGER, Role.COUNTY_DISPATCHER, Role.INTAKE_CLERK, Role.DISPATCHER}
    )


def set_sensitivity(move: Move, sensitivity: str, named: list[str]) -> None:
    """Raise or lower the sensitivity; a restricted case is seen by the named persons and by whoever named them."""
    case = move.case
    if sensitivity:
        if sensitivity not in dict(SENSITIVITIES):
            raise Invalid("sensitivity", "请选择敏感程度。", "Choose the sensitivity.")
        case.sensitivity = Sensitivity(sensitivity)
    if case.sensitivity == Sensitivity.RESTRICTED:
        chosen = {user_named(username, "named").pk for username in named}
        case.named_user_ids = sorted({*case.named_user_ids, *chosen, move.actor.user_id or 0} - {0})


HAS_PARTS = "SELECT id FROM cases_case WHERE parent_id = %s AND link = 'split' LIMIT 1"


@action(Verb.DOCKET)
def docket(
    ref: CaseRef, *, actor: Actor,
    category: CategoryCode = "",
    tier: Annotated[str, Given("层级", "Tier", "choice", TIERS)] = "",
) -> Case:  # fmt: skip
    """立案: category, area and tier are settled; the category's row of the frozen policy binds, counted from the report."""
    move = begin(ref, Verb.DOCKET, actor)
    case = move.case
    if planned(HAS_PARTS, [case.pk]):
        raise Conflict(
            "is_split", "此案已拆分,请办理拆分出的各项。", "This case was split; its parts are handled."
        )
    if category:
        set_category(case, category_named(category), "")
    if case.category is None:
        raise Invalid("category", "立案前请先确定类别。", "Choose the category before docketing.")
    if tier:
        set_tier(move, tier)
    if case.area_id is None:
        raise Invalid("area", "立案前请先确定所在区域。", "Choose the area before docketing.")
    weighty = case.urgency != Urgency.ORDINARY or case.n_reporters >= LARGE
    if weighty and not move.roles.keys() & {Role.SHIFT_LEADER, Role.COUNTY_DISPATCHER, Role.ZONE_MANAGER}:
        raise Forbidden(
            "紧急或多人反映的案件须由值班长立案。",
            "Urgent cases and those of many reporters are docketed by the shift leader.",
        )
    case.docketed_at = move.at
    recount(move)
    case.proposed_unit_ids = [proposal.unit_id for proposal in proposals(case)]
    return move.finish(
        State.DOCKETED, category=case.category.code, tier=case.tier, policy=case.policy_version_id,
        due_at=case.due_at, proposed=case.proposed_unit_ids,
    )  # fmt: skip


def recount(move: Move) -> None:
    """The case's own clock by the row of its category, from the original start."""
    row = frozen_row(move.case)
    clock = move.running(Stage.HANDLE)
    if clock is None or clock.budget == row.handle_hours:
        return
    budget = Budget(row.handle_hours, clock.unit_of_time)
    move.set_due(
        clock, clocks.due(clock.started_at, budget), budget=row.handle_hours, source=row.source[:300]
    )


@action(Verb.DISPATCH)
def dispatch(
    ref: CaseRef, *, actor: Actor,
    lead: UnitCode,
    assisting: AssistCodes = [],  # noqa: B006
    advice: Annotated[str, Given("派遣意见", "Advice", "words", max_length=500)] = "",
) -> Case:  # fmt: skip
    """派遣: give a docketed case to the unit that must handle it; the unit's clocks start."""
    move = begin(ref, Verb.DISPATCH, actor)
    case = move.case
    only_group = move.roles.keys() <= {Role.COMMUNITY_MANAGER}
    if only_group and case.tier != Tier.IN_GROUP:
        raise Forbidden(
            "社区只派遣“群内办”的案件,其他请上报街道派遣。",
            "A community dispatches in-group cases only; the street does the others.",
        )
    dispatch_to(move, unit_named(lead), units_named(assisting), advice)
    return move.finish(State.DISPATCHED, lead=lead, assisting=assisting, advice=advice)


@transaction.atomic
def one_desk(
    ref: CaseRef, *, actor: Actor, category: str, lead: str, assisting: list[str] | None = None, advice: str = "",
    tier: str = "",
) -> Case:  # fmt: skip
    """One-desk preset: accept, docket and dispatch in one submission, three entries in the ledger."""
    case_id = ref.case_id if isinstance(ref, Seen) else ref
    case = Case.objects.only("state").filter(pk=case_id).first()
    first: CaseRef = ref
    if case is not None and case.state == State.REPORTED:
        accept(first, actor=actor)
        first = case_id
    docket(first, actor=actor, category=category, tier=tier)
    return dispatch(case_id, actor=actor, lead=lead, assisting=assisting or [], advice=advice)


@action(Verb.RECALL)
def recall(ref: CaseRef, *, actor: Actor, reason: Reason) -> Case:
    """撤回派单: by its dispatcher, before it is taken; not counted as a hand-back."""
    move = begin(ref, Verb.RECALL, actor)
    words = needed("reason", reason, "请写明撤回原因。", "Say why it is recalled.")
    end_dispatch(move, "recalled")
    release_unit(move)
    return move.finish(State.DOCKETED, reason=words)


@action(Verb.CLAIM)
def claim(ref: CaseRef, *, actor: Actor) -> Case:
    """认领: a unit or a named professional on the list takes a docketed case; dispatch and take at once."""
    move = begin(ref, Verb.CLAIM, actor)
    unit = Unit.objects.filter(pk=move.grant.unit_id or 0).first()
    if unit is None or unit.pk not in move.case.proposed_unit_ids:
        raise Forbidden("本单位不在此案的建议承办名单中。", "Your unit is not on the list for this case.")
    dispatch_to(move, unit, [], "")
    take_over(move)
    move.case.handler_id = actor.user_id
    return move.finish(State.HANDLING, lead=unit.code)


@transaction.atomic
def emergency_report(*, actor: Actor, place: str, what: str) -> Reported:
    """先处后补, first half: a report of a few words, which ``emergency_start`` sets in motion."""
    return report(actor=actor, text=what, address=place, urgency=Urgency.CRITICAL, channel="duty")


@action(Verb.EMERGENCY_START)
def emergency_start(
    ref: CaseRef, *, actor: Actor,
    place: Annotated[str, Given("地点", "Place")],
    what: Annotated[str, Given("情况", "What happened", "words", max_length=1000)],
    unit: Annotated[str, Given("先行处置单位", "Unit that goes first", "unit")] = "",
) -> Case:  # fmt: skip
    """先处后补: act now, the fields within 24 hours; the duty and 110/119/120 are called at once."""
    move = begin(ref, Verb.EMERGENCY_START, actor)
    needed("place", place, "请写明地点。", "Say where.")
    needed("what", what, "请写明情况。", "Say what happened.")
    first = unit_named(unit, "unit") if unit else Unit.objects.filter(pk=move.grant.unit_id or 0).first()
    if first is None:
        raise Invalid("unit", "请选择先行处置的单位。", "Choose the unit that goes first.")
    case = move.case
    dispatch_to(move, first, [], "")
    take_over(move)
    move.stop(Stage.ACCEPT)
    case.urgency, case.is_escalated, case.address = Urgency.CRITICAL, True, case.address or place
    case.accepted_at = case.docketed_at = move.at
    return move.finish(State.HANDLING, place=place, what=what, unit=first.code, fields_due_hours=24)
