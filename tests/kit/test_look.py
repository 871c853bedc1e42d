"""The style sheet keeps what the design asks of it: contrast in light and dark, no script, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import wangge.kit

LOOK = Path(wangge.kit.__file__).parent
SHEET = (LOOK / "static/wangge/wangge.css").read_text(encoding="utf-8")
PALETTES = re.findall(r":root \{(.*?)\}", SHEET, re.S)[:2]

# what is written in which colour on which ground
WRITTEN = {
    "ink": ["paper", "ground", "brand-soft", "red-soft", "yellow-soft", "in-time-soft"],
    "ink-2": ["paper", "ground", "brand-soft"],
    "brand": ["paper", "ground", "brand-soft"],
    "on-brand": ["brand", "brand-strong"],
    "in-time": ["paper", "in-time-soft"],
    "reminder": ["paper", "reminder-soft"],
    "yellow": ["paper", "yellow-soft"],
    "red": ["paper", "red-soft", "ground"],
    "purple": ["paper", "purple-soft"],
}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", PALETTES, ids=["light", "dark"])
def test_everything_written_can_be_read(palette: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", palette))
    weak = [
        f"{text} on {ground}: {contrast(colours[text], colours[ground]):.2f}"
        for text, grounds in WRITTEN.items()
        for ground in grounds
        if contrast(colours[text], colours[ground]) < 4.5
    ]
    assert not weak
    assert contrast(colours["edge"], colours["paper"]) >= 3, "edges of inputs (WCAG 1.4.11)"


def test_pages_need_nothing_from_elsewhere() -> None:
    parts = [SHEET, *(path.read_text(encoding="utf-8") for path in LOOK.glob("templates/**/*.html"))]
    assert not [found for part in parts for found in re.findall(r"(?:https?:)?//[a-z]+\.[a-z.]+", part)]
    assert not any("<script" in part or "style=" in part for part in parts[1:])
