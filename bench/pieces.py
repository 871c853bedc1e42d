"""Text with holes: a row or a ledger body whose unchanging part is written once and whose holes are filled by C code.

While a template is made, every value that will differ from copy to copy stands as a mark; ``Slots`` numbers them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from operator import itemgetter
from typing import Any

# Private-use characters: JSON leaves them as they are, and no message holds them.
MARK = re.compile("\ue000(\\d+)\ue001")
NUMBER = re.compile('"\ue002(\\d+)\ue001"')


class Slots:
    """The holes of one template: equal keys share one."""

    def __init__(self) -> None:
        self.keys: dict[Hashable, int] = {}

    def text(self, *key: Hashable) -> str:
        """A mark for a value inside a string, or alone in a row."""
        return f"\ue000{self.at(*key)}\ue001"

    def number(self, *key: Hashable) -> str:
        """A mark for a JSON number: its quotes vanish."""
        return f"\ue002{self.at(*key)}\ue001"

    def at(self, *key: Hashable) -> int:
        return self.keys.setdefault(key, len(self.keys))

    def of_kind(self, kind: str) -> list[tuple[int, Any]]:
        """Slot and key of every hole of one kind."""
        return [(at, key) for key, at in self.keys.items() if isinstance(key, tuple) and key[0] == kind]


class Piece:
    """A marked text, ready to be filled."""

    def __init__(self, marked: str) -> None:
        marked = NUMBER.sub("\ue000\\1\ue001", marked)
        at = [int(found) for found in MARK.findall(marked)]
        self.shape = MARK.sub("%s", marked.replace("%", "%%"))
        self.values_of: Callable[[Sequence[str]], Any] = itemgetter(*at) if at else nothing

    def filled(self, values: Sequence[str]) -> str:
        return self.shape % self.values_of(values)


def nothing(_values: Sequence[str]) -> tuple[str, ...]:
    return ()


def escaped(text: str) -> str:
    """As COPY reads it."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text or "\t" in text or "\r" in text:
        text = text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return text


def cell(value: str | None) -> str:
    """One value of a row as COPY reads it."""
    return "\\N" if value is None else escaped(value)
