"""What one drill found, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Tell = Callable[[str], object]
"""Told what is being done just now."""


@dataclass
class Outcome:
    """``figures`` are measured values; ``problems`` are sentences, none when all is well."""

    name: str
    zh: str
    en: str
    figures: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        return not self.problems

    def expect(self, is_so: bool, problem: str) -> None:
        if not is_so:
            self.problems.append(problem)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"good": self.is_good}
