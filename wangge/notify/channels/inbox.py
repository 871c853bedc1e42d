"""The inbox in the program itself: a message has arrived when its time has come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wangge.kit.findings import Finding
from wangge.kit.words import Text
from wangge.notify.channels.channel import Outcome
from wangge.notify.models import Message


class InboxChannel:
    """Needs nothing from outside."""

    def deliver(self, messages: Sequence[Message]) -> Iterator[Outcome]:
        for message in messages:
            yield message, None

    def check(self) -> Finding:
        return Finding("fine", "channel_inbox", Text("站内消息可用。", "The inbox works."))
