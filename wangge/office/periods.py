"""Spans of days that figures speak of, and which cases a figure counts: the figure and the list behind it are one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q

from wangge.cases.models import CaseClock, Reporter, Stage
from wangge.cases.workflow import State
from wangge.catalog.models import Sensitivity
from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Invalid
from wangge.kit.words import Text

SPANS: dict[str, tuple[Text, int]] = {
    "today": (Text("今天", "Today"), 1),
    "7": (Text("近 7 天", "Last 7 days"), 7),
    "30": (Text("近 30 天", "Last 30 days"), 30),
}
FIGURES: dict[str, Text] = {
    "taken_in": Text("收到", "Received"),
    "closed": Text("办结", "Closed"),
    "on_time": Text("按时办结", "Closed in time"),
    "late": Text("超时办结", "Closed late"),
    "rework": Text("返工后办结", "Closed after rework"),
    "answered": Text("已评价", "Rated"),
    "solved": Text("评价“已解决”", "Rated “solved”"),
}
ANSWERED = ("solved", "partly", "not_solved")
ENDED_WELL = (State.CLOSED, State.ARCHIVED)


@dataclass(frozen=True)
class Period:
    """Whole days in Shanghai, both included."""

    key: str
    first_on: date
    last_on: date

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first_on, time.min, SHANGHAI)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last_on + timedelta(days=1), time.min, SHANGHAI)


def period_of(key: str, now: datetime) -> Period:
    """Today, or the last seven or thirty days with today."""
    if key not in SPANS:
        raise Invalid("period", "请选择今天、近 7 天或近 30 天。", "Choose today, 7 or 30 days.")
    last = now.astimezone(SHANGHAI).date()
    return Period(key, last - timedelta(days=SPANS[key][1] - 1), last)


def figure_set(figure: str, period: Period) -> Q:
    """The cases that a figure counts. Restricted ones are in no figure."""
    if figure not in FIGURES:
        raise Invalid("figure", f"没有“{figure}”这一项统计。", f"There is no figure “{figure}”.")
    open_to_figures = ~Q(sensitivity=Sensitivity.RESTRICTED)
    if figure == "taken_in":
        return open_to_figures & Q(reported_at__gte=period.since, reported_at__lt=period.until)
    closed = open_to_figures & Q(
        state__in=ENDED_WELL, closed_at__gte=period.since, closed_at__lt=period.until
    )
    return closed & AMONG_CLOSED[figure]


def breached() -> Exists:
    """The case's own deadline was passed."""
    return Exists(CaseClock.objects.filter(case=OuterRef("pk"), stage=Stage.HANDLE, is_breached=True))


def verdict(*codes: str) -> Exists:
    return Exists(Reporter.objects.filter(case=OuterRef("pk"), verdict__in=codes))


AMONG_CLOSED: dict[str, Q] = {
    "closed": Q(),
    "on_time": ~Q(breached()),
    "late": Q(breached()),
    "rework": Q(n_rework__gt=0),
    "answered": Q(verdict(*ANSWERED)),
    "solved": Q(verdict("solved")) & ~Q(verdict("partly", "not_solved")),
}
