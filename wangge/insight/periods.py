"""Spans of whole days that figures speak of: today, some days up to today, a calendar month, or any first and last day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Invalid
from wangge.kit.words import Text

SPANS: dict[str, tuple[Text, int]] = {
    "today": (Text("今天", "Today"), 1),
    "7": (Text("近 7 天", "Last 7 days"), 7),
    "30": (Text("近 30 天", "Last 30 days"), 30),
}
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
DAYS = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")
LONGEST = timedelta(days=3660)


@dataclass(frozen=True)
class Period:
    """Whole days in Shanghai, both included. ``key`` gives the same period again."""

    key: str
    first_on: date
    last_on: date

    @property
    def n_days(self) -> int:
        return (self.last_on - self.first_on).days + 1


def period_of(key: str, now: datetime) -> Period:
    """``today``, ``7``, ``30`` (with today), ``2026-11`` (a month) or ``2026-11-01..2026-11-15``. Raises Invalid."""
    today = now.astimezone(SHANGHAI).date()
    if key in SPANS:
        return Period(key, today - timedelta(days=SPANS[key][1] - 1), today)
    try:
        if found := MONTH.fullmatch(key):
            return month(date(int(found[1]), int(found[2]), 1))
        if found := DAYS.fullmatch(key):
            first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
            if timedelta() <= last - first <= LONGEST:
                return Period(key, first, last)
    except (ValueError, OverflowError):
        pass
    raise Invalid(
        "period",
        "时段请写 today、7、30、月份(2026-11)或起止日期(2026-11-01..2026-11-15)。",
        "Give today, 7, 30, a month (2026-11) or days (2026-11-01..2026-11-15).",
    )


def month(day: date) -> Period:
    """The calendar month of a day."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(f"{first:%Y-%m}", first, last)


def before(period: Period) -> Period:
    """The period of the same length just before; of a month the month before."""
    last = period.first_on - timedelta(days=1)
    if MONTH.fullmatch(period.key):
        return month(last)
    first = period.first_on - timedelta(days=period.n_days)
    return Period(f"{first}..{last}", first, last)
