"""核查 回访 结案 重办: from the result to a satisfied closing."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

from wangge.cases.actions.fields import (
    CHECK_KINDS,
    RESULT,
    SEEN,
    SERVICE,
    WHY,
    Files,
    IsDrawing,
    PrivateText,
    Reason,
    Words,
)
from wangge.cases.actions.registry import action
from wangge.cases.actions.service import complain_of_manners
from wangge.cases.clocks import Budget
from wangge.cases.dispatching import frozen_row, resume, rework
from wangge.cases.given import Given
from wangge.cases.lookups import needed
from wangge.cases.models import OPEN_SAMPLE, Case, Dispatch, Inspection, Rating, Reporter, Stage
from wangge.cases.move import CaseRef, Move, begin
from wangge.cases.scope import unit_ids
from wangge.cases.verdicts import (
    REWORK_WHY,
    Verdict,
    after_verdict,
    ask_anew,
    close_as,
    is_unreached,
    nobody_to_ask,
    record,
    refusal_to_close,
)
from wangge.cases.workflow import State, Verb
from wangge.catalog import queries as catalog
from wangge.kit.clock import SHANGHAI
from wangge.kit.db import select
from wangge.kit.errors import Conflict, Invalid
from wangge.territory.roles import Role
from wangge.territory.scope import Actor

CALLS_FROM, CALLS_TO = time(8, 30), time(20, 0)
REOPEN_WITHIN = timedelta(days=15)
EXCEPTION, SOLVED, ANONYMOUS = "exception", "solved", "anonymous"


@action(Verb.REPORT_SEEN)
def report_seen(
    ref: CaseRef, *, actor: Actor,
    seen: Annotated[str, Given("现场所见", "What is seen", "choice", SEEN)],
    note: Words = "",
    files: Files = [],  # noqa: B006
    is_drawing: IsDrawing = False,
) -> Case:  # fmt: skip
    """现场所见: the grid worker says what is seen at the place; the centre decides."""
    move = begin(ref, Verb.REPORT_SEEN, actor)
    if seen not in dict(SEEN):
        raise Invalid("seen", "请选择现场所见。", "Choose what is seen.")
    move.attach(files, "seen", is_drawing=is_drawing)
    move.insert(
        Inspection(case=move.case, purpose="seen", finding=seen, note=note, user_id=actor.user_id, at=move.at)
    )
    return move.finish(seen=seen, note=note)


def inspect(move: Move, kind: str, finding: str, note: str) -> Inspection | None:
    """Write the check; the handling unit and its people never check themselves. Returns the sample it answers."""
    case = move.case
    if kind not in dict(CHECK_KINDS):
        raise Invalid("kind", "请选择核查方式。", "Choose how it was checked.")
    newest = select(Dispatch, "WHERE case_id = %s ORDER BY id DESC LIMIT 1", [case.pk])
    if (newest and newest[0].unit_id in unit_ids(move.actor)) or case.handler_id == move.actor.user_id:
        raise Conflict(
            "own_work",
            "处置单位和处置人不能核查自己的结果。",
            "The handling unit may not check its own result.",
        )
    if case.state != State.CLOSED:
        move.insert(
            Inspection(
                case=case,
                purpose="check",
                kind=kind,
                finding=finding,
                note=note,
                user_id=move.actor.user_id,
                at=move.at,
            )
        )
        return None
    sample = Inspection.objects.filter(OPEN_SAMPLE, case=case).first()
    if sample is None or case.submitter_id == move.actor.user_id:
        raise Conflict("no_sample", "此案没有待抽查的任务。", "This closed case was not drawn for checking.")
    move.update(sample, kind=kind, finding=finding, note=note, user_id=move.actor.user_id, at=move.at)
    return sample


@action(Verb.CHECK_PASSED)
def check_passed(
    ref: CaseRef, *, actor: Actor,
    kind: Annotated[str, Given("核查方式", "How", "choice", CHECK_KINDS)] = "on_site",
    note: Words = "",
    files: Files = [],  # noqa: B006
) -> Case:  # fmt: skip
    """核查通过: the result stands; now the reporter is asked."""
    move = begin(ref, Verb.CHECK_PASSED, actor)
    sample = inspect(move, kind, "passed", note)
    move.attach(files, "seen")
    if sample is not None:
        return move.finish(State.CLOSED, kind=kind, note=note, sample=True)
    case = move.case
    case.checked_at = move.at
    ask_anew(case)
    move.stop(Stage.CHECK)
    row = frozen_row(case)
    move.start(Stage.FOLLOW_UP, Budget(row.follow_up_hours, source=row.source))
    return move.finish(State.CHECKED, kind=kind, note=note)


@action(Verb.CHECK_FAILED)
def check_failed(
    ref: CaseRef, *, actor: Actor,
    kind: Annotated[str, Given("核查方式", "How", "choice", CHECK_KINDS)] = "on_site",
    reason: Reason = "",
    files: Files = [],  # noqa: B006
) -> Case:  # fmt: skip
    """核查不通过: back to the unit, rework + 1, the clock resumes with at least 20 %."""
    move = begin(ref, Verb.CHECK_FAILED, actor)
    words = needed("reason", reason, "请写明哪里不合格。", "Say what is not right.")
    sample = inspect(move, kind, "failed", words)
    move.attach(files, "seen")
    if sample is not None:
        case = move.case
        case.closed_at = case.ended_at = case.checked_at = case.handled_at = None
        case.close_type, case.is_erased = "", False
        resume(move, Stage.HANDLE)
        return move.finish(State.ACCEPTED, kind=kind, reason=words, sample=True)
    rework(move)
    return move.finish(State.HANDLING, kind=kind, reason=words, n_rework=move.case.n_rework)


@action(Verb.FOLLOW_UP)
def follow_up(
    ref: CaseRef, *, actor: Actor,
    reached: Annotated[bool, Given("已联系上", "Reached", "yes_no")] = True,
    service: Annotated[str, Given("对服务", "The service", "choice", SERVICE)] = "",
    result: Annotated[str, Given("问题解决情况", "The result", "choice", RESULT)] = "",
    why: Annotated[str, Given("未解决原因", "Why not", "choice", WHY)] = "",
    note: PrivateText = "",
    reporter: Annotated[int | None, Given("诉求人", "Reporter", "reporter")] = None,
) -> Case:  # fmt: skip
    """回访: the centre asks the reporter; never the handling unit. Calls 8:30–20:00; three vain attempts: "unreached"."""
    move = begin(ref, Verb.FOLLOW_UP, actor)
    case = move.case
    if case.lead_unit_id in unit_ids(actor):
        raise Conflict(
            "own_work",
            "处置单位不能回访自己办理的案件。",
            "The handling unit may not follow up its own case.",
        )
    local = move.at.astimezone(SHANGHAI).time()
    if not CALLS_FROM <= local <= CALLS_TO:
        raise Conflict("calling_hours", "回访电话请在 8:30–20:00 之间拨打。", "Call between 8:30 and 20:00.")
    person = reporter_of(case, reporter)
    move.private("note", note.strip())
    if not reached:
        return unanswered(move, person)
    verdict = Verdict(service, result, why).checked()
    return judged(move, person, verdict, "call")


def reporter_of(case: Case, reporter_id: int | None) -> Reporter:
    """The reporter asked: the named one (its own or of a merged case), else the case's own."""
    own = Reporter.objects.filter(erased_at=None)
    if reporter_id is not None:
        person = (
            own.filter(pk=reporter_id)
            .filter(case__in=[case.pk, *case.children.values_list("pk", flat=True)])
            .first()
        )
    else:
        person = own.filter(case=case).order_by("id").first()
    if person is None:
        raise Conflict(
            "no_reporter", "此案没有可回访的诉求人。", "Nobody stands behind this case who could be asked."
        )
    return person


def unanswered(move: Move, person: Reporter) -> Case:
    """One vain attempt; after the third by the rule the platform closes as "unreached"."""
    move.insert(
        Rating(
            case=move.case, reporter=person, via="call", reached=False, user_id=move.actor.user_id, at=move.at
        )
    )
    move.update(person, n_attempts=person.n_attempts + 1)
    if is_unreached(person, move.case.checked_at) and refusal_to_close(move.case, move.at) is None:
        return move.finish(close_as(move, "unreached"), reached=False, attempt=person.n_attempts)
    return move.finish(reached=False, attempt=person.n_attempts)


def judged(move: Move, person: Reporter, verdict: Verdict, via: str) -> Case:
    """Write a verdict and go where it leads."""
    case = move.case
    origin = State(case.state)
    record(move, person, verdict, via)
    if verdict.result != "solved" and verdict.why == "manners":
        complain_of_manners(move)
    to = after_verdict(move, verdict)
    case.state = origin
    return move.finish(to, service=verdict.service, result=verdict.result, why=verdict.why, via=via)


@action(Verb.RATE)
def rate(
    ref: CaseRef, *, actor: Actor,
    service: Annotated[str, Given("对服务", "The service", "choice", SERVICE)],
    result: Annotated[str, Given("问题解决情况", "Is it solved?", "choice", RESULT)],
    why: Annotated[str, Given("哪里没有解决", "What is not solved", "choice", WHY)] = "",
    note: PrivateText = "",
) -> Case:  # fmt: skip
    """评价: the resident by code; "not solved" sends it back, "solved" closes it in the same transaction."""
    move = begin(ref, Verb.RATE, actor)
    person = Reporter.objects.get(pk=actor.reporter_id or 0)
    verdict = Verdict(service, result, why).checked()
    move.private("note", note.strip())
    if move.case.state == State.MERGED:
        return rate_merged(move, person, verdict)
    return judged(move, person, verdict, "code")


def rate_merged(move: Move, person: Reporter, verdict: Verdict) -> Case:
    """A merged case: solved is noted; not solved takes it out of the merger, on its own again."""
    parent = move.case.parent
    if parent is None or parent.state not in (State.CHECKED, State.CLOSED):
        raise Conflict(
            "too_early", "还在办理,办完后请您评价。", "Still being handled; please rate when it is done."
        )
    record(move, person, verdict, "code")
    if verdict.result == "solved" or verdict.why not in REWORK_WHY:
        return move.finish(
            State.MERGED, service=verdict.service, result=verdict.result, why=verdict.why, via="code"
        )
    case = move.case
    case.parent, case.link, case.state_before, case.ended_at = None, "", "", None
    case.is_erased = False
    resume(move, Stage.HANDLE)
    return move.finish(
        State.ACCEPTED, service=verdict.service, result=verdict.result, why=verdict.why, unmerged=True
    )


@action(Verb.CLOSE)
def close(
    ref: CaseRef, *, actor: Actor,
    close_type: Annotated[str, Given("结案类型", "Close type", "close_type")] = "solved",
    note: Words = "",
) -> Case:  # fmt: skip
    """结案: refused while a reporter is dissatisfied with the result, whatever the client."""
    move = begin(ref, Verb.CLOSE, actor)
    refusal = refusal_to_close(move.case, move.at)
    if refusal is not None:
        raise refusal
    catalog.close_type(close_type)
    if close_type == EXCEPTION:
        raise Conflict(
            "needs_grant", "例外结案须由上一级批准。", "An exceptional closing must be granted a level above."
        )
    kind = ANONYMOUS if close_type == SOLVED and nobody_to_ask(move.case) else close_type
    return move.finish(close_as(move, kind), close_type=kind, note=note)


@action(Verb.ASK_EXCEPTION)
def ask_exception(
    ref: CaseRef, *, actor: Actor,
    law: Annotated[str, Given("法律依据", "Law", "words", max_length=500)],
    explained: Annotated[str, Given("解释说明记录", "Record of explaining", "words", max_length=2000)],
    remedies: Annotated[str, Given("已告知的救济途径", "Remedies told", "words", max_length=500)],
) -> Case:  # fmt: skip
    """申请例外结案: law, record of explaining, remedies told; granted one level above, counted apart, always shown."""
    move = begin(ref, Verb.ASK_EXCEPTION, actor)
    given = {
        "law": needed("law", law, "请写明法律依据。", "Name the law."),
        "explained": needed("explained", explained, "请写明解释说明的情况。", "Record the explaining."),
        "remedies": needed("remedies", remedies, "请写明已告知的救济途径。", "Say which remedies were told."),
    }
    move.ask("exception", given, unit_id=move.case.lead_unit_id)
    return move.finish(**given)


@action(Verb.GRANT_EXCEPTION)
def grant_exception(ref: CaseRef, *, actor: Actor, note: Words = "") -> Case:
    """批准例外结案: a second person, one level above; the resident may contest once."""
    move = begin(ref, Verb.GRANT_EXCEPTION, actor)
    ask = move.open_ask("exception")
    move.decide(ask, "granted")
    move.case.closing_note = ask.given["explained"]
    return move.finish(close_as(move, EXCEPTION), note=note, law=ask.given["law"])


@action(Verb.REFUSE_EXCEPTION)
def refuse_exception(ref: CaseRef, *, actor: Actor, reason: Reason) -> Case:
    """不批准例外结案, with the reason."""
    move = begin(ref, Verb.REFUSE_EXCEPTION, actor)
    words = needed("reason", reason, "请写明不批准的理由。", "Say why not.")
    move.decide(move.open_ask("exception"), "refused")
    return move.finish(reason=words)


@action(Verb.REOPEN)
def reopen(
    ref: CaseRef,
    *,
    actor: Actor,
    words: Annotated[str, Given("重办原因", "Why again", "words", max_length=2000, is_private=True)],
) -> Case:
    """重办: the resident within 15 days, staff with a reason; the same clock resumes with at least 20 %."""
    move = begin(ref, Verb.REOPEN, actor)
    case = move.case
    move.private("words", needed("words", words, "请写明原因。", "Say why."))
    if (
        Role.RESIDENT in move.roles
        and case.closed_at is not None
        and move.at > case.closed_at + REOPEN_WITHIN
    ):
        raise Conflict(
            "too_late", "结案已超过 15 天。请重新反映,新的案件会与此案关联。",
            "Closed for more than 15 days. Please report anew; the new case will be linked to this one.",
        )  # fmt: skip
    case.n_reopen += 1
    case.closed_at = case.ended_at = None
    case.close_type, case.is_erased = "", False
    if Role.RESIDENT in move.roles:
        Reporter.objects.filter(pk=actor.reporter_id or 0).update(verdict="not_solved")
        case.is_dissatisfied = True
    if case.lead_unit_id is None:
        resume(move, Stage.HANDLE)
        return move.finish(State.ACCEPTED)
    rework(move)
    return move.finish(State.HANDLING, n_reopen=case.n_reopen)


@action(Verb.ARCHIVE)
def archive(ref: CaseRef, *, actor: Actor) -> Case:
    """归档: by the platform when nothing can be contested or reopened any more; retention begins."""
    move = begin(ref, Verb.ARCHIVE, actor)
    return move.finish(State.ARCHIVED)
