"""Adding and measuring time in the units of deadlines. Pure.

Natural units now: 24 hours a day, every day; a natural day is 24 hours. Working units need the working calendar,
which a later release brings; until then they are refused, never guessed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from wangge.kit.errors import DomainError


class Unit(StrEnum):
    """Units of a deadline; never mixed. ``nat_``: round the clock, ``work_``: inside working intervals."""

    NAT_MIN = "nat_min"
    NAT_HOUR = "nat_hour"
    NAT_DAY = "nat_day"
    WORK_MIN = "work_min"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"


_NATURAL = {
    Unit.NAT_MIN: timedelta(minutes=1),
    Unit.NAT_HOUR: timedelta(hours=1),
    Unit.NAT_DAY: timedelta(hours=24),
}


def add(start: datetime, amount: float, unit: Unit | str) -> datetime:
    """The moment ``amount`` units after ``start`` (before it when negative); ``start`` carries its zone.

    Raises DomainError 501 for working units, ValueError for a naive ``start`` or an unknown unit.
    """
    _need_zone(start)
    return start + amount * _length(unit)


def between(a: datetime, b: datetime, unit: Unit | str) -> float:
    """How many units lie between ``a`` and ``b`` (negative when ``b`` is earlier)."""
    _need_zone(a)
    _need_zone(b)
    return (b - a) / _length(unit)


def _length(unit: Unit | str) -> timedelta:
    unit = Unit(unit)
    if unit not in _NATURAL:
        raise DomainError(
            501,
            "working_calendar_missing",
            "工作日历将在后续版本提供。请先使用自然分钟、自然小时或自然日。",
            "The working calendar comes in a later release. Use natural minutes, hours or days for now.",
            unit=unit.value,
        )
    return _NATURAL[unit]


def _need_zone(at: datetime) -> None:
    if at.utcoffset() is None:
        raise ValueError("a moment without a time zone")
