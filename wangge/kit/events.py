"""The outbox: verbs publish, the relay delivers; nothing is lost between commit and queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.db import fresh
from wangge.kit.models import OutboxRow

REGISTRY: dict[str, type[Event]] = {}


@dataclass(frozen=True)
class Event:
    """Something that happened, in JSON values only; subclasses set ``kind``. Software term, never a 事件."""

    kind: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        REGISTRY[cls.kind] = cls

    def payload(self) -> dict[str, Any]:
        return dict(self.__dict__)  # JSON values already; ``asdict`` would copy each of them


def row_of(event: Event, not_before: datetime) -> OutboxRow:
    """The unsaved outbox row of an event."""
    return fresh(OutboxRow, kind=event.kind, payload=event.payload(), not_before_at=not_before)


def publish(*events: Event, not_before: datetime | None = None) -> None:
    """Write events to the outbox in the caller's transaction; delivered after commit, at least once, in order.

    ``not_before``: the relay waits until then (outgoing messages wait the seconds in which a verb can be undone).
    """
    due = not_before or REAL_CLOCK.now()
    OutboxRow.objects.bulk_create(row_of(event, due) for event in events)


def revive(row: OutboxRow) -> Event:
    """The event that an outbox row holds."""
    return REGISTRY[row.kind](**row.payload)


def cancel_published(case_id: int, seq: int, kinds: Iterable[str]) -> int:
    """Take back undelivered events of one entry of a case (an undone verb); returns how many."""
    waiting = OutboxRow.objects.filter(
        delivered_at=None, kind__in=list(kinds), payload__contains={"case_id": case_id, "seq": seq}
    )
    return waiting.update(delivered_at=REAL_CLOCK.now(), outcome="cancelled")
