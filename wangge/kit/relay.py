"""The outbox relay: hands events to their listeners after commit, in order, at least once.

A batch is one transaction: the listeners' own rows and the mark "delivered" are committed together, so what a
listener does in the database happens once; after a crash the batch is simply done again. A listener that fails leaves
nothing behind (a savepoint), is called again later, alone, and later events of the same case wait for it; after
``MOST_ATTEMPTS`` the event counts as failed and ``doctor`` says so. Listeners work in the database only and may be
called more than once for one event: for the network they defer a job (``jobs.py``).

Only one relay works at a time (an advisory lock); others look on and take over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from traceback import format_tb

from django.db import connection, transaction
from django.db.models import Q

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.db import planned
from wangge.kit.events import Event, revive
from wangge.kit.models import OutboxRow

Listener = Callable[[Event], None]
Listeners = Mapping[str, Sequence[Listener]]
Stopped = dict[int | None, tuple[int, datetime]]  # case: the event it waits for, and when that is tried again

BATCH = 500
CHUNK = 50  # events that share a savepoint as long as nothing fails
BATCH_SECONDS = 1.0  # an undone verb that takes back its events waits no longer than this
MOST_ATTEMPTS = 9  # with the delays below: 21 minutes
LONGEST_DELAY = timedelta(minutes=15)
FARTHEST = timedelta(hours=1)  # nothing waits so long: the machine's clock was set back since
KEEP_SETTLED = timedelta(days=3)
KEEP_FAILED = timedelta(days=90)
ANY_DUE = """
SELECT EXISTS (SELECT 1 FROM kit_outboxrow WHERE delivered_at IS NULL AND (not_before_at <= %s OR not_before_at > %s))"""
ADVISORY_LOCK = int.from_bytes(b"relay", "big")

logger = logging.getLogger(__name__)


@dataclass
class Batch:
    """What one batch did. Of ``n_due`` rows ``n_seen`` were looked at in the time."""

    n_due: int = 0
    n_seen: int = 0
    delivered_ids: list[int] = field(default_factory=list)
    failed: list[OutboxRow] = field(default_factory=list)
    held: list[OutboxRow] = field(default_factory=list)

    @property
    def n_delivered(self) -> int:
        return len(self.delivered_ids)

    @property
    def is_last(self) -> bool:
        """Whether nothing more was due just now."""
        return self.n_due < BATCH and self.n_seen == self.n_due


def deliver_batch(listeners: Listeners, *, now: datetime | None = None, limit: int = BATCH) -> Batch:
    """Hand the events that are due to their listeners; one transaction. Nothing is done while another relay works."""
    now = now or REAL_CLOCK.now()
    batch = Batch()
    if not planned(ANY_DUE, [now, now + FARTHEST])[0][
        0
    ]:  # five times a second nothing is: no transaction for that
        return batch
    with transaction.atomic():
        if not _alone():
            return batch
        rows = list(
            OutboxRow.objects.select_for_update(skip_locked=True)
            .filter(Q(not_before_at__lte=now) | Q(not_before_at__gt=now + FARTHEST), delivered_at=None)
            .order_by("id")[:limit]
        )
        batch.n_due = len(rows)
        if rows:
            _work_through(rows, listeners, now, batch)
            _write_down(batch, now)
    return batch


def sweep(now: datetime | None = None) -> int:
    """Forget what was delivered or taken back days ago, and failures of three months ago; returns how many."""
    now = now or REAL_CLOCK.now()
    settled = OutboxRow.objects.exclude(delivered_at=None)
    gone, _ = settled.filter(delivered_at__lt=now - KEEP_SETTLED).exclude(outcome="failed").delete()
    failures, _ = settled.filter(delivered_at__lt=now - KEEP_FAILED).delete()
    return gone + failures


def retry_failed(now: datetime | None = None) -> int:
    """Hand failed events to their listeners once more, after the fault was mended; returns how many."""
    return OutboxRow.objects.filter(outcome="failed").update(
        delivered_at=None, outcome="", n_attempts=0, not_before_at=now or REAL_CLOCK.now()
    )


def delay(n_attempts: int) -> timedelta:
    """How long to wait after the n-th failure: 5, 10, 20 … seconds, at most 15 minutes."""
    return min(timedelta(seconds=5 * 2 ** (n_attempts - 1)), LONGEST_DELAY)


def name_of(listener: Listener) -> str:
    return f"{listener.__module__}.{listener.__qualname__}"


def _alone() -> bool:
    with connection.cursor() as cursor:
        # foreign keys are checked at once, inside the listener's savepoint, not at the end for the whole batch
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; SELECT pg_try_advisory_xact_lock(%s)", (ADVISORY_LOCK,)
        )
        cursor.nextset()
        (is_alone,) = cursor.fetchone()
        return bool(is_alone)


def _work_through(rows: list[OutboxRow], listeners: Listeners, now: datetime, batch: Batch) -> None:
    stopped = _stopped_cases(rows)
    until = monotonic() + BATCH_SECONDS
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        if not (_are_fresh(chunk, stopped) and _delivered_together(chunk, listeners)):
            _work_singly(chunk, listeners, now, batch, stopped)
        else:
            batch.delivered_ids += [row.pk for row in chunk]
        batch.n_seen += len(chunk)
        if monotonic() > until:
            return


def _are_fresh(chunk: list[OutboxRow], stopped: Stopped) -> bool:
    return all(row.n_attempts == 0 and _case_of(row) not in stopped for row in chunk)


def _delivered_together(chunk: list[OutboxRow], listeners: Listeners) -> bool:
    """Nearly always all goes well, and one savepoint for many events is ten times faster than one for each.

    Otherwise what was written is taken back, and they are delivered one by one.
    """
    try:
        with transaction.atomic():
            for row in chunk:
                if row.kind in listeners:
                    event = revive(row)
                    for listener in listeners[row.kind]:
                        listener(event)
    except Exception as error:
        logger.info("a listener failed, its events are delivered one by one: %s", type(error).__name__)
        return False
    return True


def _work_singly(
    chunk: list[OutboxRow], listeners: Listeners, now: datetime, batch: Batch, stopped: Stopped
) -> None:
    for row in chunk:
        case_id = _case_of(row)
        blocker_id, next_at = stopped.get(case_id, (row.pk, now))
        if blocker_id < row.pk:
            row.not_before_at = next_at
            batch.held.append(row)
        elif _delivered(row, listeners.get(row.kind, ())):
            batch.delivered_ids.append(row.pk)
        else:
            _put_off(row, now)
            batch.failed.append(row)
            if case_id is not None and row.outcome != "failed":
                stopped[case_id] = (row.pk, row.not_before_at)


def _delivered(row: OutboxRow, listeners: Sequence[Listener]) -> bool:
    """Call the listeners (those that failed last time, if any did); whether all of them are done."""
    named = {name_of(listener): listener for listener in listeners}
    wanted = [name for name in row.listeners_left if name in named] if row.listeners_left else list(named)
    if not wanted:
        return True
    try:
        event = revive(row)
    except (KeyError, TypeError) as error:
        row.last_error = _told(f"event {row.kind}", error)
        return False
    left, errors = [], []
    for name in wanted:
        try:
            with transaction.atomic():
                named[name](event)
        except Exception as error:
            left.append(name)
            errors.append(_told(name, error))
    row.listeners_left, row.last_error = left, "\n".join(errors)
    return not left


def _told(name: str, error: Exception) -> str:
    """The error in one line, also for the log; the database's further lines are values, which may be personal."""
    first_line = (str(error).splitlines() or [""])[0]
    told = f"{name}: {type(error).__name__}: {first_line}"[:500]
    where = "".join(frame for frame in format_tb(error.__traceback__) if "site-packages" not in frame)
    logger.error("%s\n%s", told, where)
    return told


def _put_off(row: OutboxRow, now: datetime) -> None:
    row.n_attempts += 1
    if row.n_attempts >= MOST_ATTEMPTS:
        row.delivered_at, row.outcome = now, "failed"
    else:
        row.not_before_at = now + delay(row.n_attempts)


def _case_of(row: OutboxRow) -> int | None:
    case_id = row.payload.get("case_id") if isinstance(row.payload, dict) else None
    return case_id if isinstance(case_id, int) else None


def _stopped_cases(rows: list[OutboxRow]) -> Stopped:
    """Cases whose earlier event failed and waits: id of that event, and when it is tried again."""
    seen = {row.pk for row in rows}
    cases = {_case_of(row) for row in rows} - {None}
    stuck = OutboxRow.objects.filter(delivered_at=None, n_attempts__gt=0).exclude(pk__in=seen).order_by("-id")
    return {_case_of(row): (row.pk, row.not_before_at) for row in stuck if _case_of(row) in cases}


def _write_down(batch: Batch, now: datetime) -> None:
    if batch.delivered_ids:
        OutboxRow.objects.filter(pk__in=batch.delivered_ids).update(
            delivered_at=now, outcome="delivered", listeners_left=[]
        )
    changed = ["not_before_at", "delivered_at", "outcome", "n_attempts", "last_error", "listeners_left"]
    OutboxRow.objects.bulk_update(batch.failed, changed)
    OutboxRow.objects.bulk_update(batch.held, ["not_before_at"])
