"""Codes of areas and city assets: what a sound code looks like, and the next free one. Pure.

Source: statistical division codes (6 county + 3 street + 3 community, the national twelve digits); grids append
a three-digit sequence (as in ``370102013006008``), micro-grids and sub-grids two more, cells two more. City assets:
6 county + 2 class + 2 subclass + 6 sequence (``3205080101000001``). The kind of a grid is never part of its code.
A place with another rule writes its own :class:`CodeRule`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from wangge.kit.words import Text

DIVISION_DIGITS = {"city": 4, "county": 6, "street": 9, "community": 12}
CHILD_DIGITS = {"grid": 3, "micro_grid": 2, "sub_grid": 2, "cell": 2}
PARENT_DIGITS = {"grid": (12,), "micro_grid": (15,), "sub_grid": (15, 17), "cell": (15, 17, 19)}
OWN_CODES = frozenset({"zone", "police_grid"})  # have no statistical code and get their own
LONGEST = 30
ASSET_DIGITS = 16


class CodeRule(Protocol):
    """How a place numbers its areas; levels are the words of ``AreaLevel``."""

    def problem(self, code: str, level: str, above: Mapping[str, str]) -> Text | None:
        """What is wrong with a code; ``above`` are the codes of the areas above it, by level. None: nothing."""

    def next_code(self, parent_code: str, level: str, taken: Collection[str]) -> str:
        """The next free code of a level below a parent."""


class StatisticalCodes:
    """The default rule: national division codes and sequences below them."""

    def problem(self, code: str, level: str, above: Mapping[str, str]) -> Text | None:
        """A sentence in two languages that says what is wrong and what to do, or None.

        Division codes may be written short (``370211``) or padded with zeros to twelve digits.
        """
        if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z_.-]*", code) or len(code) > LONGEST:
            return Text(
                f"代码“{code}”只能用数字、字母和 . _ -,最长 {LONGEST} 位。",
                f"Code “{code}” may hold digits, letters and . _ - only, at most {LONGEST} of them.",
            )
        if level in OWN_CODES:
            return None
        if not code.isascii() or not code.isdigit():
            return Text(
                f"代码“{code}”应全部是数字(统计用区划代码)。",
                f"Code “{code}” must be digits only (statistical division code).",
            )
        if level in DIVISION_DIGITS:
            return self._division_problem(code, level, above)
        return self._child_problem(code, level, above)

    def next_code(self, parent_code: str, level: str, taken: Collection[str]) -> str:
        """The smallest unused number after the largest one in use; ValueError when all are used up."""
        if level in OWN_CODES:
            return self._next_own(parent_code, level, taken)
        stem = significant(parent_code)
        digits = CHILD_DIGITS.get(level) or DIVISION_DIGITS[level] - len(stem)
        if digits < 1:
            raise ValueError(f"a {level} cannot stand below {parent_code}")
        own = re.compile(re.escape(stem) + rf"(\d{{{digits}}})0*")
        used = {int(match[1]) for code in taken if (match := own.fullmatch(code))}
        number = max(used, default=0) + 1
        if number >= 10**digits:
            free = sorted(set(range(1, 10**digits)) - used)
            if not free:
                raise ValueError(f"all numbers of {level} below {parent_code} are used")
            number = free[0]
        return f"{stem}{number:0{digits}d}"

    def _division_problem(self, code: str, level: str, above: Mapping[str, str]) -> Text | None:
        digits = DIVISION_DIGITS[level]
        if len(code) != digits and not (len(code) in (6, 12) and not code[digits:].strip("0")):
            return Text(
                f"代码“{code}”有 {len(code)} 位,此层级应为 {digits} 位(可补零到 12 位)。",
                f"Code “{code}” has {len(code)} digits; this level has {digits} (zeros may pad it to 12).",
            )
        return _prefix_problem(code[:digits], above)

    def _child_problem(self, code: str, level: str, above: Mapping[str, str]) -> Text | None:
        own = CHILD_DIGITS[level]
        lengths = sorted({digits + own for digits in PARENT_DIGITS[level]})
        if len(code) not in lengths:
            wanted = " / ".join(map(str, lengths))
            return Text(
                f"代码“{code}”有 {len(code)} 位,此层级应为 {wanted} 位。",
                f"Code “{code}” has {len(code)} digits; this level has {wanted}.",
            )
        if not code[-own:].strip("0"):
            return Text(
                f"代码“{code}”的顺序号是 0,应从 1 开始。",
                f"The sequence of code “{code}” is 0; it starts at 1.",
            )
        return _prefix_problem(code, above)

    def _next_own(self, parent_code: str, level: str, taken: Collection[str]) -> str:
        letter = "Z" if level == "zone" else "P"
        stem = f"{significant(parent_code)}{letter}"
        own = re.compile(re.escape(stem) + r"(\d+)")
        used = {int(match[1]) for code in taken if (match := own.fullmatch(code))}
        return f"{stem}{max(used, default=0) + 1:02d}"


STATISTICAL_CODES = StatisticalCodes()


def significant(code: str) -> str:
    """A division code without the zeros that pad it to six or twelve digits; other codes as they are."""
    if code.isdigit() and len(code) in (6, 12):
        for digits in (4, 6, 9):
            if digits < len(code) and not code[digits:].strip("0"):
                return code[:digits]
    return code


def _prefix_problem(code: str, above: Mapping[str, str]) -> Text | None:
    """Codes begin with the code of the nearest area above that has a statistical one (a zone has none)."""
    numbered = [significant(up) for level, up in above.items() if level not in OWN_CODES and up.isdigit()]
    nearest = max(numbered, key=len, default="")
    if nearest and (not code.startswith(nearest) or code == nearest):
        return Text(
            f"代码“{code}”应以上级代码“{nearest}”开头。请核对上级或代码。",
            f"Code “{code}” must begin with the code above it, “{nearest}”. Check the parent or the code.",
        )
    return None


def in_numbering_order(points: Sequence[tuple[float, float]]) -> list[int]:
    """Positions of ``(lon, lat)`` points in the order in which grids are numbered: bands from north to south,
    in each band from west to east (DB6101/T 3185: from west to east, from north to south).
    """
    if not points:
        return []
    lats = [lat for _, lat in points]
    n_bands = max(1, round(math.sqrt(len(points))))
    height = (max(lats) - min(lats)) / n_bands or 1.0

    def place(index: int) -> tuple[int, float, float]:
        lon, lat = points[index]
        band = min(int((max(lats) - lat) / height), n_bands - 1)
        return band, lon, -lat

    return sorted(range(len(points)), key=place)


def asset_code(county: str, kind: str, sequence: int) -> str:
    """Sixteen digits of a city asset: county (6), class and subclass (2 + 2), sequence (6, from 1)."""
    code = f"{significant(county)[:6]}{kind}{sequence:06d}"
    if sequence < 1 or asset_code_problem(code) is not None:
        raise ValueError(f"not an asset code: {code}")
    return code


def asset_code_problem(code: str, kinds: Iterable[str] = ()) -> Text | None:
    """What is wrong with a city asset's code, or None; with ``kinds`` its class and subclass must be listed."""
    if len(code) != ASSET_DIGITS or not (code.isascii() and code.isdigit()):
        return Text(
            f"部件编码“{code}”应为 16 位数字(6 位区县 + 4 位类别 + 6 位顺序)。",
            f"Asset code “{code}” must have 16 digits (6 county + 4 kind + 6 sequence).",
        )
    if not code[10:].strip("0"):
        return Text(
            f"部件编码“{code}”的顺序号是 0,应从 1 开始。", f"The sequence of “{code}” is 0; it starts at 1."
        )
    listed = set(kinds)
    if listed and code[6:10] not in listed:
        return Text(
            f"部件类型“{code[6:10]}”不在字典中。请核对编码,或先添加此类型。",
            f"Asset kind “{code[6:10]}” is not in the dictionary. Check the code, or add the kind first.",
        )
    return None
