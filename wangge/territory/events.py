"""What territory tells the rest of the house; listeners are named in wiring.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wangge.kit.events import Event


@dataclass(frozen=True)
class AreaMoved(Event):
    """An area got another parent: every path that began with ``old_path`` begins with ``new_path`` now."""

    kind: ClassVar[str] = "area_moved"
    area_id: int
    old_path: str
    new_path: str


@dataclass(frozen=True)
class AreaClosed(Event):
    """An area ends on ``on`` (ISO date, the first day without it): whoever still points at it must move."""

    kind: ClassVar[str] = "area_closed"
    area_id: int
    on: str


@dataclass(frozen=True)
class PostEnded(Event):
    """A post ends with ``on`` (ISO date, its last day)."""

    kind: ClassVar[str] = "post_ended"
    post_id: int
    user_id: int
    on: str
