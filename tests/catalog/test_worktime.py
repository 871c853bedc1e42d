"""Natural units now; working units are refused, never guessed. No database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wangge.catalog.worktime import add, between
from wangge.kit.errors import DomainError

START = datetime(2026, 2, 14, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "unit", "due"),
    [
        (72, "nat_hour", datetime(2026, 2, 17, 2, 0, tzinfo=UTC)),  # SL-16
        (90, "nat_min", datetime(2026, 2, 14, 3, 30, tzinfo=UTC)),
        (3, "nat_day", datetime(2026, 2, 17, 2, 0, tzinfo=UTC)),
        (0.5, "nat_hour", datetime(2026, 2, 14, 2, 30, tzinfo=UTC)),
        (-1, "nat_day", datetime(2026, 2, 13, 2, 0, tzinfo=UTC)),
    ],
)
def test_natural_time(amount, unit, due):
    assert add(START, amount, unit) == due
    assert between(START, due, unit) == pytest.approx(amount)


@pytest.mark.parametrize("unit", ["work_min", "work_hour", "work_day"])
def test_working_time_waits_for_the_calendar(unit):
    with pytest.raises(DomainError, match="工作日历将在后续版本提供"):
        add(START, 1, unit)
    with pytest.raises(DomainError) as refusal:
        between(START, START, unit)
    assert refusal.value.status == 501


def test_a_moment_needs_its_zone():
    with pytest.raises(ValueError, match="zone"):
        add(datetime(2026, 2, 14), 1, "nat_hour")
    with pytest.raises(ValueError):
        add(START, 1, "fortnight")
