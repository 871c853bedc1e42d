"""The figures counted again the slow way: case by case in Python, straight from the rows, by nobody's SQL but the ORM's."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from wangge.cases.models import Case, CaseClock, Reporter
from wangge.cases.workflow import OPEN
from wangge.insight.periods import Period
from wangge.kit.clock import SHANGHAI


def day(at: datetime | None) -> date | None:
    return at.astimezone(SHANGHAI).date() if at else None


def counted_cases(paths: list[str]) -> list[Case]:
    found = [case for case in Case.objects.all() if case.sensitivity != "restricted"]
    return [case for case in found if any(case.path.startswith(path) for path in paths)]


def of_case(case: Case, period: Period) -> Counter[str]:
    """What a case adds to the counts of a period, as the words of the indicators say it."""

    def inside(on: date | None) -> bool:
        return on is not None and period.first_on <= on <= period.last_on

    clocks = list(CaseClock.objects.filter(case=case, stage="handle"))
    verdicts = set(Reporter.objects.filter(case=case).values_list("verdict", flat=True))
    services = set(Reporter.objects.filter(case=case).values_list("service", flat=True)) - {""}
    is_closed = case.state in ("closed", "archived") and case.closed_at is not None
    is_late = any(clock.is_breached for clock in clocks)
    is_paused = any(clock.paused_at and not clock.stopped_at for clock in clocks)
    counts_here = case.state in OPEN or is_closed
    due = day(case.due_at) if counts_here and not is_paused else None
    handled = day(case.handled_at) if case.state in ("handled", "checked") or is_closed else None
    closed = day(case.closed_at) if is_closed else None
    n: Counter[str] = Counter()
    n["reported"] = inside(day(case.reported_at))
    n["handled"] = inside(handled)
    n["handled_in_time"] = inside(handled) and not is_late
    n["closed"] = inside(closed)
    n["closed_in_time"] = inside(closed) and not is_late
    n["reworked"] = inside(closed) and case.n_rework > 0
    n["answered"] = inside(closed) and bool(verdicts & {"solved", "partly", "not_solved"})
    n["solved"] = inside(closed) and "solved" in verdicts and not verdicts & {"partly", "not_solved"}
    n["served"] = inside(closed) and bool(services)
    n["served_well"] = inside(closed) and services == {"satisfied"}
    n["to_handle"] = inside(due) or inside(handled)
    n["to_close"] = inside(due) or inside(closed)
    n["extended"] = n["to_handle"] and any(clock.n_extensions for clock in clocks)
    return n


def open_of(case: Case, now: datetime) -> Counter[str]:
    running = CaseClock.objects.filter(case=case, stage="handle", stopped_at=None, paused_at=None).first()
    is_open = case.state in OPEN
    return Counter(open=is_open, overdue=bool(is_open and running is not None and running.due_at < now))
