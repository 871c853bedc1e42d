"""群众不满意不销号: the reporter's verdict, and when a case may close. Rows and rules that several verbs share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from wangge.cases.dispatching import end_case, rework
from wangge.cases.models import Case, Rating, Reporter
from wangge.cases.move import Move
from wangge.cases.workflow import State
from wangge.kit.clock import SHANGHAI
from wangge.kit.db import planned, select
from wangge.kit.errors import Conflict, Invalid

REWORK_WHY = frozenset({"untouched", "incomplete", "came_back"})
SERVICES = frozenset({"satisfied", "fair", "dissatisfied"})
RESULTS = frozenset({"solved", "partly", "not_solved"})
WHYS = REWORK_WHY | {"policy", "manners"}
ASKED_AGAIN = "asked_again"  # was dissatisfied before the rework and has not judged the new result yet
ATTEMPTS = 3
NOT_SOLVED = ("partly", "not_solved")


@dataclass(frozen=True)
class Verdict:
    """What a reporter says: the service, the result, and why not."""

    service: str
    result: str
    why: str = ""

    def checked(self) -> Verdict:
        """Itself, or a refusal that says what is missing."""
        if self.service not in SERVICES:
            raise Invalid("service", "请评价服务。", "Please rate the service.")
        if self.result not in RESULTS:
            raise Invalid(
                "result", "请告诉我们问题是否解决。", "Please tell us whether the problem is solved."
            )
        if self.result != "solved" and self.why not in WHYS:
            raise Invalid("why", "请告诉我们哪里没有解决。", "Please tell us what is not solved.")
        return self


def record(move: Move, reporter: Reporter, verdict: Verdict, via: str) -> None:
    """Write the rating and the reporter's present verdict."""
    move.insert(
        Rating(
            case=move.case, reporter=reporter, via=via, service=verdict.service, result=verdict.result,
            why=verdict.why if verdict.result != "solved" else "", user_id=move.actor.user_id, at=move.at,
        )
    )  # fmt: skip
    move.update(reporter, verdict=verdict.result, service=verdict.service, why=verdict.why)
    move.case.is_dissatisfied = any_dissatisfied(move.case)


# the case itself and those merged into it
CONCERNED = """case_id IN (
  SELECT %s::bigint UNION ALL SELECT id FROM cases_case WHERE parent_id = %s AND link = 'merged' AND state = 'merged'
)"""


def concerned(case: Case) -> Q:
    """Reporters of the case itself and of the cases merged into it, for queries."""
    return Q(case_id=case.pk) | Q(case__parent_id=case.pk, case__link="merged", case__state=State.MERGED)


def voices(case: Case) -> list[Reporter]:
    """The same reporters that are not erased, for the verbs."""
    return select(Reporter, f"WHERE {CONCERNED} AND erased_at IS NULL ORDER BY id", [case.pk, case.pk])


def any_dissatisfied(case: Case) -> bool:
    """Whether a reporter says that the result does not solve the problem."""
    return any(reporter.verdict in NOT_SOLVED for reporter in voices(case))


def after_verdict(move: Move, verdict: Verdict) -> State:
    """Where the case goes: closed when solved, rework when not done, otherwise it waits for explaining and consulting."""
    if verdict.result == "solved":
        if refusal_to_close(move.case, move.at) is None:
            return close_as(move, "solved")
        return State.CHECKED
    if verdict.why in REWORK_WHY:
        rework_or_accept(move)
        return State(move.case.state)
    move.case.must_consult = move.case.must_consult or verdict.why == "policy"
    return State.CHECKED


def rework_or_accept(move: Move) -> None:
    """Back to the unit; a case that never had one goes back to the desk."""
    rework(move)
    move.case.state = State.HANDLING if move.case.lead_unit_id else State.ACCEPTED


def close_as(move: Move, close_type: str) -> State:
    """Close in this same transaction."""
    case = move.case
    case.close_type, case.closed_at = close_type, move.at
    end_case(move)
    return State.CLOSED


def ask_anew(case: Case) -> None:
    """After a rework the earlier "not solved" is about the earlier result: the reporter is asked again."""
    planned(
        f"UPDATE cases_reporter SET verdict = %s WHERE {CONCERNED} AND verdict = ANY(%s) RETURNING id",
        [ASKED_AGAIN, case.pk, case.pk, list(NOT_SOLVED)],
    )
    case.is_dissatisfied = False


def nobody_to_ask(case: Case) -> bool:
    """A resident stands behind it who left no telephone and gave no verdict: such endings are counted apart."""
    own = list(Reporter.objects.filter(case=case, erased_at=None))
    return bool(own) and all(reporter.phone_sealed is None and not reporter.verdict for reporter in own)


def is_unreached(reporter: Reporter, since: datetime | None) -> bool:
    """Three attempts on different days and at different hours, none answered."""
    tries = Rating.objects.filter(
        reporter=reporter, reached=False, at__gte=since or reporter.case.reported_at
    )
    local = [attempt.astimezone(SHANGHAI) for attempt in tries.values_list("at", flat=True)]
    return len({at.date() for at in local}) >= ATTEMPTS and len({at.hour for at in local}) >= ATTEMPTS


def refusal_to_close(case: Case, at: datetime) -> Conflict | None:
    """Why the case may not be closed now, or None. The one gate: every way of closing asks it."""
    for reporter in voices(case):
        if reporter.verdict in NOT_SOLVED:
            return Conflict(
                "dissatisfied",
                "诉求人表示问题没有解决,不能结案。请返工、会商,或按规定申请例外结案。",
                "A reporter says the problem is not solved, so the case cannot be closed. Rework, consult, or ask for an exception.",
            )
        has_phone = reporter.phone_sealed is not None
        if (
            reporter.verdict in ("", ASKED_AGAIN)
            and (has_phone or reporter.verdict)
            and not is_unreached(reporter, case.checked_at)
        ):
            return Conflict(
                "not_asked",
                "还没有得到诉求人的评价。请先回访;不同日期、不同时段三次联系不上可按“未联系上”结案。",
                "The reporter has not been heard yet. Follow up first; three attempts on different days and hours count as unreached.",
            )
    return None
