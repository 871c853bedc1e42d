"""Where the time comes from: an argument, never a global.

The ledger's ``recorded_at`` is always the real clock; everything else asks the actor's clock, so that the
demo town and the replay of old reports can act at simulated times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the present moment, aware, in UTC."""

    def now(self) -> datetime: ...


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class MovedClock:
    """A clock that shows what it was set to; for tests, the demo and the replay."""

    at: datetime

    def now(self) -> datetime:
        return self.at


REAL_CLOCK = RealClock()
