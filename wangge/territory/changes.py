"""What processes keep in memory, and how they notice that it changed.

Every action that changes such rows calls :func:`changed` in its transaction: the stamp's row gets a new random
word. A :class:`Kept` value compares the word at most every two seconds and is read again when it is another one,
so an edit is seen everywhere within two seconds, and at once in the process that made it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar, cast

from wangge.kit.clock import REAL_CLOCK, SHANGHAI
from wangge.territory.models import ChangeStamp

FRESH_S = 2.0
ALL_KEPT: list[Kept[Any]] = []

T = TypeVar("T")


def changed(*names: str) -> None:
    """Say, in the caller's transaction, that rows of these names changed ("areas", "units", "catalog" …)."""
    for name in sorted(names):
        ChangeStamp.objects.update_or_create(name=name, defaults={"stamp": secrets.token_hex(16)})
    for kept in ALL_KEPT:
        if set(kept.names) & set(names):
            kept.doubt()


def forget_everything() -> None:
    """Drop all that is kept: after a rolled-back change, and before each test."""
    for kept in ALL_KEPT:
        kept.forget()


class Kept(Generic[T]):
    """A value read from rows and kept in memory until their stamp changes; threads share it.

    ``names`` are the stamps it depends on. With ``daily`` it is also read again after midnight in Shanghai
    (validity dates).
    """

    def __init__(self, *names: str, read: Callable[[], T], daily: bool = False) -> None:
        self.names = names
        self._read = read
        self._daily = daily
        self._lock = Lock()
        self._value: T | None = None
        self._mark: tuple[str, str] | None = None
        self._checked_s = 0.0
        ALL_KEPT.append(self)

    def get(self) -> T:
        """The present value; costs nothing within two seconds of the last look at the stamp."""
        if self._mark is not None and time.monotonic() - self._checked_s < FRESH_S:
            return cast(T, self._value)
        with self._lock:
            mark = self._mark_now()
            if mark != self._mark:
                self._value = self._read()
                self._mark = mark
            self._checked_s = time.monotonic()
            return cast(T, self._value)

    def doubt(self) -> None:
        """Look at the stamp at the next call."""
        self._checked_s = float("-inf")

    def forget(self) -> None:
        """Read again at the next call, whatever the stamp says."""
        with self._lock:
            self._mark = None
            self._value = None

    def _mark_now(self) -> tuple[str, str]:
        stamps = ChangeStamp.objects.filter(name__in=self.names).order_by("name")
        day = REAL_CLOCK.now().astimezone(SHANGHAI).date().isoformat() if self._daily else ""
        return " ".join(stamps.values_list("stamp", flat=True)), day
