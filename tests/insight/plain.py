"""The figures counted again the slow way: case by case in Python, straight from the rows, with no SQL of the figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any

from wangge.cases.models import Case, CaseClock, Reporter
from wangge.cases.workflow import OPEN
from wangge.insight.periods import Period
from wangge.kit.clock import SHANGHAI


def day(at: datetime | None) -> date | None:
    return at.astimezone(SHANGHAI).date() if at else None


class Plain:
    """A case as the words of the indicators see it."""

    def __init__(self, case: Case, clocks: list[CaseClock], reporters: list[Reporter]) -> None:
        verdicts = {one.verdict for one in reporters}
        services = {one.service for one in reporters} - {""}
        is_closed = case.state in ("closed", "archived") and case.closed_at is not None
        is_paused = any(clock.paused_at and not clock.stopped_at for clock in clocks)
        self.case = case
        self.reported = day(case.reported_at)
        self.due = day(case.due_at) if (case.state in OPEN or is_closed) and not is_paused else None
        self.handled = day(case.handled_at) if case.state in ("handled", "checked") or is_closed else None
        self.closed = day(case.closed_at) if is_closed else None
        self.is_valid = case.state not in ("void", "declined")
        self.is_late = any(clock.is_breached for clock in clocks)
        self.is_extended = any(clock.n_extensions for clock in clocks)
        self.is_answered = bool(verdicts & {"solved", "partly", "not_solved"})
        self.is_solved = "solved" in verdicts and not verdicts & {"partly", "not_solved"}
        self.is_served, self.is_served_well = bool(services), services == {"satisfied"}
        self.running_due = [c.due_at for c in clocks if c.stopped_at is None and c.paused_at is None]

    def during(self, period: Period) -> Counter[str]:
        """What it adds to the counts of a period."""

        def inside(on: date | None) -> bool:
            return on is not None and period.first_on <= on <= period.last_on

        reported, handled, closed, due = map(inside, (self.reported, self.handled, self.closed, self.due))
        return Counter(
            reported=reported, valid=reported and self.is_valid, handled=handled,
            handled_in_time=handled and not self.is_late, closed=closed, closed_in_time=closed and not self.is_late,
            reworked=closed and self.case.n_rework > 0, answered=closed and self.is_answered,
            solved=closed and self.is_solved, served=closed and self.is_served, served_well=closed and self.is_served_well,
            to_handle=due or handled, to_close=due or closed, extended=(due or handled) and self.is_extended,
        )  # fmt: skip

    def now(self, at: datetime) -> Counter[str]:
        is_open = self.case.state in OPEN
        return Counter(open=is_open, overdue=is_open and any(due < at for due in self.running_due))


def all_plain() -> list[Plain]:
    """Every case that figures may count."""
    clocks: dict[int, list[Any]] = defaultdict(list)
    reporters: dict[int, list[Any]] = defaultdict(list)
    for clock in CaseClock.objects.filter(stage="handle"):
        clocks[clock.case_id].append(clock)
    for reporter in Reporter.objects.all():
        reporters[reporter.case_id].append(reporter)
    cases = [case for case in Case.objects.all() if case.sensitivity != "restricted"]
    return [Plain(case, clocks[case.pk], reporters[case.pk]) for case in cases]
