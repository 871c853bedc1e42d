"""What stands in somebody's inbox."""

from __future__ import annotations

from django.db.models import QuerySet

from wangge.accounts.models import User
from wangge.kit.clock import REAL_CLOCK
from wangge.notify.channels.table import INBOX
from wangge.notify.models import Message, MessageState


def inbox(user: User) -> QuerySet[Message]:
    """One's own messages whose time has come, also when no worker has marked them delivered yet."""
    shown = (MessageState.WAITING, MessageState.DELIVERED)
    due = Message.objects.filter(user=user, channel=INBOX, next_attempt_at__lte=REAL_CLOCK.now())
    return due.filter(state__in=shown)


def n_unread(user: User) -> int:
    """How many of them are unread; at most 100 are counted."""
    return len(inbox(user).filter(read_at=None).values_list("pk", flat=True)[:100])
