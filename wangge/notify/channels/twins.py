"""The Null and the failing twin of every channel. A message that goes nowhere counts as failed, never as sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wangge.kit.findings import Finding
from wangge.kit.words import Text
from wangge.notify.channels.channel import NotDelivered, Outcome
from wangge.notify.models import Message


class NullChannel:
    """The channel is not set up: nothing leaves, and every message says so."""

    def __init__(self, name: str) -> None:
        self.name = name

    def deliver(self, messages: Sequence[Message]) -> Iterator[Outcome]:
        for message in messages:
            yield message, NotDelivered(f"{self.name} is not set up", is_final=True)

    def check(self) -> Finding:
        return Finding(
            "fine",
            f"channel_{self.name}_off",
            Text(
                f"消息渠道 {self.name} 未启用:此渠道的消息一律记为未送达。",
                f"The channel {self.name} is off: its messages count as not delivered.",
            ),
        )


class FailingChannel:
    """Fails every time, as if the other side were down; for tests and drills."""

    def __init__(self, name: str) -> None:
        self.name = name

    def deliver(self, messages: Sequence[Message]) -> Iterator[Outcome]:
        for message in messages:
            yield message, NotDelivered("failing on purpose")

    def check(self) -> Finding:
        return Finding(
            "error",
            f"channel_{self.name}_failing",
            Text(
                f"消息渠道 {self.name} 被设为“一律失败”(演练用)。请检查 WANGGE_CHANNELS。",
                f"The channel {self.name} fails on purpose (a drill). Look at WANGGE_CHANNELS.",
            ),
        )
