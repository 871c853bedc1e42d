"""Figures of messages for whoever watches the machine; counts only."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from wangge.kit.metrics import Sample
from wangge.notify.models import Message, MessageState


def message_figures() -> Iterator[Sample]:
    """Messages that wait and that went nowhere, by channel."""
    undelivered = Message.objects.filter(state__in=[MessageState.WAITING, MessageState.FAILED]).order_by()
    for state, channel, n in undelivered.values_list("state", "channel").annotate(n=Count("id")):
        labels = (("state", str(state)), ("channel", str(channel)))
        yield Sample("wangge_messages", n, "Messages not delivered, by state and channel", labels=labels)
