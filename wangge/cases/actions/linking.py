"""并案: the same problem from several people becomes one case with several reporters."""

from __future__ import annotations

from typing import Annotated

from wangge.cases.actions.fields import Reason
from wangge.cases.actions.registry import action
from wangge.cases.dispatching import resume, stop_all
from wangge.cases.given import Given
from wangge.cases.lookups import needed
from wangge.cases.models import Case, Stage
from wangge.cases.move import CaseRef, Move, Seen, begin
from wangge.cases.recusal import take_on
from wangge.cases.scope import visible_to
from wangge.cases.workflow import OPEN, State, Verb
from wangge.catalog.models import Sensitivity
from wangge.kit.errors import Conflict, Invalid
from wangge.territory.scope import Actor

LARGE = 5


@action(Verb.MERGE)
def merge(
    ref: CaseRef, *, actor: Actor,
    parent: Annotated[str, Given("并入案件编号", "Number of the case it joins", "case", max_length=40)],
    reason: Reason,
) -> Case:  # fmt: skip
    """并案: into an open case of the same matter; the earliest due wins; reporters never see each other."""
    case_id = ref.case_id if isinstance(ref, Seen) else ref
    target = visible_to(actor).filter(number=parent).values_list("pk", flat=True).first()
    if target is None or target == case_id:
        raise Invalid("parent", "请选择要并入的另一案件。", "Choose another case to join.")
    list(Case.objects.select_for_update().filter(pk__in=[case_id, target]).order_by("pk"))
    move = begin(ref, Verb.MERGE, actor)
    case = move.case
    words = needed("reason", reason, "请写明为什么是同一件事。", "Say why it is the same.")
    joined = begin(target, Verb.NOTE, actor)
    into = joined.case
    if State(into.state) not in OPEN or into.state == State.CHECKED:
        raise Conflict(
            "parent_ended",
            "要并入的案件已办完,不能并入。",
            "The other case is finished; nothing can join it.",
        )
    if case.children.filter(link="merged", state=State.MERGED).exists():
        raise Conflict(
            "has_children",
            "已有案件并入此案,请反过来并。",
            "Other cases joined this one; merge the other way.",
        )
    if (case.sensitivity == Sensitivity.RESTRICTED) != (into.sensitivity == Sensitivity.RESTRICTED):
        raise Conflict(
            "other_sensitivity",
            "限定案件只能与限定案件合并。",
            "A restricted case joins only a restricted one.",
        )
    take_in(joined, case)
    case.state_before, case.parent, case.link = case.state, into, "merged"
    stop_all(move)
    case.ended_at = move.at
    return move.finish(State.MERGED, parent=parent, reason=words)


def take_in(joined: Move, case: Case) -> None:
    """The receiving case: one more reporter, the earliest due."""
    into = joined.case
    take_on(into, case)
    into.n_reporters += case.n_reporters
    into.is_escalated = into.is_escalated or into.n_reporters >= LARGE
    clock = joined.running(Stage.HANDLE)
    if clock is not None and case.due_at is not None and case.due_at < clock.due_at:
        joined.set_due(clock, case.due_at)
    joined.finish(merged=case.number, n_reporters=into.n_reporters, due_at=into.due_at)


@action(Verb.UNMERGE)
def unmerge(ref: CaseRef, *, actor: Actor, reason: Reason) -> Case:
    """取消并案: back to where it was; its clocks go on."""
    case_id = ref.case_id if isinstance(ref, Seen) else ref
    parent_id = Case.objects.filter(pk=case_id).values_list("parent_id", flat=True).first()
    list(Case.objects.select_for_update().filter(pk__in=[case_id, parent_id or 0]).order_by("pk"))
    move = begin(ref, Verb.UNMERGE, actor)
    case = move.case
    words = needed("reason", reason, "请写明取消并案的原因。", "Say why.")
    parent = Case.objects.get(pk=case.parent_id or 0)
    left = begin(parent.pk, Verb.NOTE, actor)
    left.case.n_reporters = max(left.case.n_reporters - case.n_reporters, 1)
    left.finish(unmerged=case.number, n_reporters=left.case.n_reporters)
    back = State(case.state_before) if case.state_before else State.ACCEPTED
    case.parent, case.link, case.state_before, case.ended_at = None, "", "", None
    case.is_erased = False
    resume(move, Stage.HANDLE, Stage.UNIT_HANDLE)
    return move.finish(back, reason=words)
