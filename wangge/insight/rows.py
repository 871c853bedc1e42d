"""Figures with names: the rows of tables, the same for pages and programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wangge.cases.queries.names import state_named
from wangge.catalog.queries import ancestors, is_leaf
from wangge.insight.measures import CATEGORY, STATE, UNIT
from wangge.insight.periods import Period
from wangge.insight.queries import NONE, Counts, Key, add, by_area, counts, open_by_area, open_now
from wangge.insight.scope import Whole
from wangge.kit.words import Text
from wangge.territory.changes import Kept
from wangge.territory.models import AreaLevel
from wangge.territory.queries import TreeRow, tree
from wangge.territory.staff import unit_by_id

LEVELS = (
    AreaLevel.COUNTY, AreaLevel.STREET, AreaLevel.ZONE, AreaLevel.COMMUNITY, AreaLevel.GRID, AreaLevel.MICRO_GRID,
)  # fmt: skip
NOT_SAID: dict[str, Text] = {
    CATEGORY: Text("未定类别", "No category yet"), UNIT: Text("未派单位", "No unit yet"),
    "area": Text("未定到这一级", "Not placed at this level"), STATE: Text("", ""),
}  # fmt: skip

_tree = Kept("areas", read=tree, daily=True)


@dataclass(frozen=True)
class FigureRow:
    """One row; ``code`` is empty when nothing is said. ``has_more``: it can be divided further."""

    code: str
    name: Text
    counts: Counts
    has_more: bool = False


def named(row: object) -> Text:
    zh = str(getattr(row, "name_zh", ""))
    return Text(zh, str(getattr(row, "name_en", "") or zh))


def areas_inside(whole: Whole, level: str) -> dict[str, TreeRow]:
    """The areas of a level inside, by id."""
    paths = tuple(area.path for area in whole.areas) or ("/",)
    return {str(row.area_id): row for row in _tree.get() if row.level == level and row.path.startswith(paths)}


def levels_inside(whole: Whole) -> list[str]:
    """The levels by which it can be divided."""
    own = {area.pk for area in whole.areas}
    paths = tuple(area.path for area in whole.areas) or ("/",)
    present = {row.level for row in _tree.get() if row.path.startswith(paths) and row.area_id not in own}
    return [level for level in LEVELS if level in present]


def next_level(whole: Whole) -> str:
    """The first level below that has areas."""
    return next(iter(levels_inside(whole)), "")


# --- of a period -------------------------------------------------------------------------------------------


def rows_by_area(whole: Whole, period: Period, level: str) -> list[FigureRow]:
    """A row for each area of a level that has something to tell, by code; last what lies above the level."""
    areas = areas_inside(whole, level)
    return of_areas(areas, by_area(whole, period, {int(pk) for pk in areas}, level))


def rows_by_category(whole: Whole, period: Period, under: str | None = None) -> list[FigureRow]:
    """A row for each category with cases; with ``under`` for each just below that one ("": the roots). Most first."""
    found = counts(whole, period, CATEGORY)
    return of_categories(found, under, "reported")


def rows_by_unit(whole: Whole, period: Period) -> list[FigureRow]:
    """A row for each unit that leads, most to handle first."""
    return of_units(counts(whole, period, UNIT), "to_handle")


# --- now ---------------------------------------------------------------------------------------------------


def open_rows(whole: Whole, now: datetime, by: str, *, under: str | None = None) -> list[FigureRow]:
    """Open cases now by ``category``, ``area`` (the next level), ``unit`` or ``state``, most first."""
    if by == "area":
        level = next_level(whole)
        areas = areas_inside(whole, level)
        return of_areas(areas, open_by_area(whole, now, {int(pk) for pk in areas}, level))
    found = open_now(whole, now, by)
    if by == CATEGORY:
        return of_categories(found, under, "open")
    if by == UNIT:
        return of_units(found, "open")
    rows = [FigureRow(state, state_named(state).name, row) for state, row in found.items()]
    return sorted(rows, key=lambda row: -row.counts["open"])


# --- keys become names -------------------------------------------------------------------------------------


def of_areas(areas: Mapping[str, TreeRow], found: Mapping[Key, Counts]) -> list[FigureRow]:
    rows = [FigureRow(areas[pk].code, named(areas[pk]), found[pk]) for pk in found if pk in areas]
    rows.sort(key=lambda row: row.code)
    return rows + nothing_said("area", found)


def of_units(found: Mapping[Key, Counts], first: str) -> list[FigureRow]:
    rows = []
    for key, row in found.items():
        if key != "0":
            unit = unit_by_id(int(key))
            rows.append(FigureRow(unit.code, named(unit), row))
    rows.sort(key=lambda row: (-row.counts[first], row.code))
    return rows + nothing_said(UNIT, found)


def of_categories(found: Mapping[Key, Counts], under: str | None, first: str) -> list[FigureRow]:
    names: dict[str, tuple[Text, bool]] = {}
    into: dict[str, Counts] = {}
    for key, row in found.items():
        chain = ancestors(int(key)) if key != "0" else []
        codes = [category.code for category in chain]
        if not chain or (under and under not in codes[1:]):
            continue
        chosen = chain[0] if under is None else chain[codes.index(under) - 1] if under else chain[-1]
        names[chosen.code] = named(chosen), not is_leaf(chosen.pk)
        add(into.setdefault(chosen.code, dict(NONE)), row)
    rows = [FigureRow(code, names[code][0], row, names[code][1]) for code, row in into.items()]
    rows.sort(key=lambda row: (-row.counts[first], row.code))
    return rows if under else rows + nothing_said(CATEGORY, found)


def nothing_said(split: str, found: Mapping[Key, Counts]) -> list[FigureRow]:
    return [FigureRow("", NOT_SAID[split], found["0"])] if "0" in found else []
