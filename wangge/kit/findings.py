"""What ``doctor`` and the administrator's health page say: one finding, one sentence in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wangge.kit.words import Text

Level = Literal["fine", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """Something that was looked at. ``code`` is a stable readable word for programs."""

    level: Level
    code: str
    text: Text
