"""Sending what waits: claimed in one short transaction, sent outside any, the outcome written down.

Who dies between sending and writing down sends again when the claim has run out: at least once. Receivers know a
message by its Message-ID or webhook-id.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from wangge.kit.clock import REAL_CLOCK
from wangge.notify.channels.channel import NotDelivered
from wangge.notify.channels.table import INBOX, channel
from wangge.notify.models import Message, MessageState

# the wait after each failed attempt; after the last one the message counts as failed
WAITS = (
    timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30),
    timedelta(hours=2), timedelta(hours=6), timedelta(hours=12),
)  # fmt: skip
FARTHEST = WAITS[-1] + timedelta(hours=1)  # nothing waits so long: the machine's clock was set back since
CLAIM = timedelta(minutes=10)  # longer than the slowest batch takes
BATCH = 20
INBOX_BATCH = 500
KEEP = timedelta(days=180)


def deliver_due(name: str, *, now: datetime | None = None) -> int:
    """Send what is due on one channel; returns how many messages were tried."""
    now = now or REAL_CLOCK.now()
    claimed = claim(name, now, INBOX_BATCH if name == INBOX else BATCH)
    if not claimed:  # a channel prepares itself (certificates, a mail server) for messages only
        return 0
    for message, trouble in channel(name).deliver(claimed):
        write_down(message, trouble, now)
    return len(claimed)


def claim(name: str, now: datetime, limit: int) -> list[Message]:
    """Take messages for ourselves until the claim runs out; other workers take others."""
    with transaction.atomic():
        due = Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + FARTHEST)
        waiting = Message.objects.filter(due, state=MessageState.WAITING, channel=name)
        rows = list(
            waiting.order_by("next_attempt_at", "id")
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("user", "endpoint")[:limit]
        )
        for row in rows:
            row.n_attempts += 1
            row.next_attempt_at = now + CLAIM
        Message.objects.bulk_update(rows, ["n_attempts", "next_attempt_at"])
    return rows


def write_down(message: Message, trouble: NotDelivered | None, now: datetime) -> None:
    """The outcome of one attempt; a message that was cancelled meanwhile stays cancelled."""
    if trouble is None:
        change: dict[str, object] = {
            "state": MessageState.DELIVERED,
            "delivered_at": REAL_CLOCK.now(),
            "last_error": "",
        }
    elif trouble.is_final or message.n_attempts > len(WAITS):
        change = {"state": MessageState.FAILED, "last_error": trouble.reason[:300]}
    elif not trouble.was_tried:
        change = {"n_attempts": message.n_attempts - 1, "next_attempt_at": now + WAITS[0]}
    else:
        change = {"next_attempt_at": now + WAITS[message.n_attempts - 1], "last_error": trouble.reason[:300]}
    Message.objects.filter(pk=message.pk, state=MessageState.WAITING).update(**change)


def retry_failed(now: datetime | None = None) -> int:
    """Send what failed once more, after the fault was mended (not what nobody was meant to get); returns how many."""
    failed = Message.objects.filter(state=MessageState.FAILED).exclude(channel=INBOX)
    return failed.update(state=MessageState.WAITING, n_attempts=0, next_attempt_at=now or REAL_CLOCK.now())


def sweep(now: datetime | None = None) -> int:
    """Forget messages of half a year ago, read or not; returns how many."""
    return Message.objects.filter(created_at__lt=(now or REAL_CLOCK.now()) - KEEP).delete()[0]
