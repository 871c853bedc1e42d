"""受理: what the desk and the grid do before a case is docketed."""

from __future__ import annotations

from typing import Annotated

from wangge.cases.actions.fields import (
    FINDINGS,
    Basis,
    CategoryCode,
    Files,
    IsDrawing,
    PhotosAfter,
    PrivateText,
    Words,
)
from wangge.cases.actions.registry import action
from wangge.cases.actions.report import Reported, report
from wangge.cases.clocks import Budget
from wangge.cases.dispatching import frozen_row
from wangge.cases.given import Given
from wangge.cases.lookups import category_named, needed
from wangge.cases.models import Case, Inspection, Stage
from wangge.cases.move import CaseRef, Move, begin
from wangge.cases.workflow import ENDED, NEW, State, Verb
from wangge.catalog.models import Tier
from wangge.catalog.queries import knowledge_named
from wangge.kit.errors import Conflict, Invalid
from wangge.kit.words import Text
from wangge.territory.scope import Actor

ANSWERED_KINDS = ("consultation", "suggestion", "praise")
SAMPLED_ONE_IN = 10
MOST_PARTS = 9


@action(Verb.ACCEPT)
def accept(ref: CaseRef, *, actor: Actor) -> Case:
    """受理: the desk takes the report on; the ``accept`` clock is met."""
    move = begin(ref, Verb.ACCEPT, actor)
    move.case.accepted_at = move.at
    move.stop(Stage.ACCEPT)
    return move.finish(State.ACCEPTED)


@action(Verb.ANSWER)
def answer(
    ref: CaseRef, *, actor: Actor,
    answer: Annotated[str, Given("答复", "Answer", "words", max_length=2000)],
    knowledge: Annotated[str, Given("知识条目", "Knowledge entry", "knowledge")] = "",
    basis: Basis = "",
) -> Case:  # fmt: skip
    """当场答复: consultations, suggestions and praise are answered at the desk; the resident's veto holds."""
    move = begin(ref, Verb.ANSWER, actor)
    if move.case.kind not in ANSWERED_KINDS:
        raise Conflict(
            "not_answerable", "只有咨询、建议、表扬可以当场答复,其他请立案办理。",
            "Only consultations, suggestions and praise are answered at the desk; docket the others.",
        )  # fmt: skip
    words = needed("answer", answer, "请填写答复。", "Write the answer.")
    if not knowledge and not basis.strip():
        raise Invalid("basis", "请引用知识条目或写明依据。", "Name a knowledge entry or the basis.")
    if knowledge:
        knowledge_named(knowledge)
    move.case.closing_note = words
    move.case.accepted_at = move.case.accepted_at or move.at
    move.stop(Stage.ACCEPT, Stage.FIRST_CONTACT, Stage.HANDLE)
    to = end_in_grid(move, "answered")
    return move.finish(to, answer=words, knowledge=knowledge, basis=basis)


def end_in_grid(move: Move, close_type: str) -> State:
    """Where a case goes that was solved at once: to the reporter's verdict, or closed when there is nobody to ask."""
    case = move.case
    case.handled_at = case.checked_at = move.at
    if case.reporters.exists():
        move.start(Stage.FOLLOW_UP, follow_up_budget(case))
        return State.CHECKED
    case.close_type, case.closed_at, case.ended_at = close_type, move.at, move.at
    return State.CLOSED


def follow_up_budget(case: Case) -> Budget:
    """The time for asking the reporter, by the frozen policy."""
    row = frozen_row(case)
    return Budget(row.follow_up_hours, source=row.source)


@action(Verb.SELF_CLOSE)
def self_close(
    ref: CaseRef, *, actor: Actor,
    result: Annotated[str, Given("办理结果", "Result", "words", max_length=2000)],
    category: CategoryCode = "",
    photos_after: PhotosAfter = [],  # noqa: B006
    is_drawing: IsDrawing = False,
) -> Case:  # fmt: skip
    """自办自结: the grid's own people solve it in their own grid; a share is drawn for checking afterwards."""
    move = begin(ref, Verb.SELF_CLOSE, actor)
    case = move.case
    if category:
        case.category = category_named(category)
    if case.category is None or not case.category.may_self_close:
        raise Conflict(
            "not_self_closable",
            "这一类别不能自办自结,请上报。",
            "This category cannot be closed in the grid; report it up.",
        )
    words = needed("result", result, "请写明办理结果。", "Say what was done.")
    if case.category.needs_photo_after and not photos_after:
        raise Invalid(
            "photos_after", "此类案件结案须有处置后照片。", "Closing this category needs a photo afterwards."
        )
    move.attach(photos_after, "after", for_resident=True, is_drawing=is_drawing)
    case.tier = Tier.IN_GRID
    case.accepted_at = case.accepted_at or move.at
    case.closing_note = words
    move.stop(Stage.ACCEPT, Stage.FIRST_CONTACT, Stage.HANDLE)
    to = end_in_grid(move, "solved")
    if int(case.number.encode().hex(), 16) % SAMPLED_ONE_IN == 0:
        move.insert(Inspection(case=case, purpose="sample", finding="", at=move.at))
    return move.finish(to, result=words, category=case.category.code)


@action(Verb.ASK_VERIFICATION)
def ask_verification(ref: CaseRef, *, actor: Actor, question: Words = "") -> Case:
    """派人核实: the grid's worker or an inspector is sent to look before the case is decided on."""
    move = begin(ref, Verb.ASK_VERIFICATION, actor)
    move.case.state_before = move.case.state
    return move.finish(State.VERIFYING, question=question)


@action(Verb.VERIFY)
def verify(
    ref: CaseRef, *, actor: Actor,
    finding: Annotated[str, Given("核实结果", "Finding", "choice", FINDINGS)],
    note: Words = "",
    files: Files = [],  # noqa: B006
    is_drawing: IsDrawing = False,
) -> Case:  # fmt: skip
    """核实: what was found at the place; "untrue" never declines by itself."""
    move = begin(ref, Verb.VERIFY, actor)
    if finding not in dict(FINDINGS):
        raise Invalid("finding", "请选择核实结果。", "Choose what was found.")
    move.attach(files, "seen", is_drawing=is_drawing)
    move.insert(
        Inspection(
            case=move.case, purpose="verify", finding=finding, note=note, user_id=actor.user_id, at=move.at
        )
    )
    back = State(move.case.state_before) if move.case.state_before in NEW else State.REPORTED
    move.case.state_before = ""
    return move.finish(back, finding=finding, note=note)


@action(Verb.CONTACT)
def contact(
    ref: CaseRef, *, actor: Actor,
    outcome: Annotated[
        str,
        Given(
            "联系结果", "Outcome", "choice",
            (("reached", Text("已联系上", "Reached")), ("not_reached", Text("未联系上", "Not reached")),
             ("not_convenient", Text("对方不方便", "Not convenient"))),
        ),
    ],
    summary: PrivateText = "",
) -> Case:  # fmt: skip
    """联系诉求人: reached or not; "not convenient" is an outcome too; meets ``first_contact``."""
    move = begin(ref, Verb.CONTACT, actor)
    if outcome not in ("reached", "not_reached", "not_convenient"):
        raise Invalid("outcome", "请选择联系结果。", "Choose the outcome.")
    move.private("summary", summary.strip())
    if outcome != "not_reached":
        move.stop(Stage.FIRST_CONTACT)
    return move.finish(outcome=outcome)


@action(Verb.SPLIT)
def split(
    ref: CaseRef, *, actor: Actor,
    demands: Annotated[
        list[str], Given("各项诉求", "The demands", "words", help=Text("每行一项", "One a line"), max_length=1000)
    ],
) -> Case:  # fmt: skip
    """拆分: one sentence per demand, a case each; the parent follows them and the resident keeps one code."""
    move = begin(ref, Verb.SPLIT, actor)
    parts = [demand.strip() for demand in demands if demand.strip()]
    if not 2 <= len(parts) <= MOST_PARTS:
        raise Invalid(
            "demands",
            f"请写 2 至 {MOST_PARTS} 项诉求,每行一项。",
            f"Write 2 to {MOST_PARTS} demands, one a line.",
        )
    if move.case.link == "split":
        raise Conflict(
            "already_split", "拆分出来的案件不能再拆分。", "A part of a split case cannot be split again."
        )
    children = [part_of(move, demand) for demand in parts]
    return move.finish(parts=[child.case.number for child in children])


def part_of(move: Move, demand: str) -> Reported:
    """One part: same place, same start, own clocks, no reporter of its own."""
    case = move.case
    return report(
        actor=move.actor, text=demand, channel=case.channel, kind=case.kind, area=case.area.code if case.area else "",
        address=case.address, lon=case.lon, lat=case.lat, part_of=case, since=case.reported_at,
    )  # fmt: skip


@action(Verb.FOLLOW_PARTS)
def follow_parts(ref: CaseRef, *, actor: Actor) -> Case:
    """随各项办结: when all parts of a split case have ended, its reporter is asked about the whole."""
    move = begin(ref, Verb.FOLLOW_PARTS, actor)
    if not parts_are_done(move.case.pk):
        raise Conflict("parts_open", "还有诉求没有办完。", "Some of its parts are not done yet.")
    ends = (
        Case.objects.filter(parent=move.case, link="split")
        .order_by("number")
        .values_list("closing_note", flat=True)
    )
    move.case.closing_note = "\n".join(words for words in ends if words)
    move.stop(Stage.ACCEPT, Stage.FIRST_CONTACT, Stage.HANDLE)
    return move.finish(end_in_grid(move, "solved"))


def parts_are_done(case_id: int) -> bool:
    """Whether a case was split and every part has ended."""
    states = list(Case.objects.filter(parent_id=case_id, link="split").values_list("state", flat=True))
    return bool(states) and all(State(state) in ENDED for state in states)
