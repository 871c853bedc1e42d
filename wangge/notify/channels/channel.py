"""What every channel does: deliver some messages one by one, and say whether it works."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from wangge.kit.findings import Finding
from wangge.notify.models import Message


class NotDelivered(Exception):
    """Why a message did not arrive; ``is_final`` when trying again cannot help.

    ``was_tried`` is False for a message that was put back because the one before it found nobody there.
    """

    def __init__(self, reason: str, *, is_final: bool = False, was_tried: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final
        self.was_tried = was_tried


Outcome = tuple[Message, NotDelivered | None]


class Channel(Protocol):
    """A way to people. Every channel has three twins: the real one, Null (switched off), and one that fails."""

    def deliver(self, messages: Sequence[Message]) -> Iterator[Outcome]:
        """Send each message; yields it with None when it arrived, or with the reason. Never raises for one of them."""
        ...

    def check(self) -> Finding:
        """Whether the channel works now, for the administrator."""
        ...
