"""The arithmetic of deadlines. Pure; natural hours until the working calendar exists (catalog/worktime.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from wangge.catalog.worktime import add, between

SMALLEST_SHARE = 0.2  # a resumed clock has at least this share of its budget left


@dataclass(frozen=True)
class Budget:
    """So much time in one unit (``nat_hour``), and where the number comes from."""

    amount: float
    unit: str = "nat_hour"
    source: str = ""


def due(start: datetime, budget: Budget) -> datetime:
    """When a clock that starts at ``start`` is due."""
    return add(start, budget.amount, budget.unit)


def resumed_due(now: datetime, stopped_at: datetime, due_at: datetime, budget: Budget) -> datetime:
    """Due time of a clock that goes on at ``now`` with what was left when it stopped, at least 20 % of its budget."""
    left = between(stopped_at, due_at, budget.unit) if due_at > stopped_at else 0.0
    return add(now, max(left, SMALLEST_SHARE * budget.amount), budget.unit)


def after_pause(due_at: datetime, paused_at: datetime, now: datetime) -> datetime:
    """Due time after a pause: later by the natural time inside it (unit nat_hour)."""
    return due_at + max(now - paused_at, timedelta(0))


def share_used(now: datetime, start: datetime, due_at: datetime) -> float:
    """How much of the time is used: 0 at the start, 1 when due, more when late."""
    whole = (due_at - start).total_seconds()
    return (now - start).total_seconds() / whole if whole > 0 else 1.0


def light(now: datetime, start: datetime | None, due_at: datetime | None) -> str:
    """Colour of a running clock: green, reminder (50 %), yellow (80 %), red (due), purple (150 %); none without one."""
    if due_at is None:
        return "none"
    used = share_used(now, start or due_at, due_at)
    if used < 0.5:
        return "green"
    if used < 0.8:
        return "reminder"
    if used < 1:
        return "yellow"
    return "red" if used < 1.5 else "purple"
