"""The page of figures: what came in, was handled and closed, and what is open now; each number is a list of cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from wangge.insight.indicators import COUNTED, INDICATORS, NOW, Counts, Indicator, Share
from wangge.insight.periods import SPANS, Period, before, month
from wangge.insight.queries import NONE, open_now, totals
from wangge.insight.rows import (
    FigureRow,
    areas_inside,
    levels_inside,
    open_rows,
    rows_by_area,
    rows_by_category,
    rows_by_unit,
)
from wangge.insight.scope import Whole
from wangge.kit.clock import SHANGHAI
from wangge.kit.export import Row
from wangge.kit.speech import said, spoken
from wangge.kit.words import Text
from wangge.territory.models import AreaLevel

LEVELS: dict[str, Text] = {
    AreaLevel.COUNTY: Text("区县", "County"), AreaLevel.STREET: Text("街道", "Street"), AreaLevel.ZONE: Text("管区", "Zone"),
    AreaLevel.COMMUNITY: Text("社区", "Community"), AreaLevel.GRID: Text("网格", "Grid"),
    AreaLevel.MICRO_GRID: Text("微网格", "Micro-grid"),
}  # fmt: skip
SHOWN = ("reported", "closed", "closed_in_time", "reworked", "answered", "solved")
SHARES = {
    "closed_in_time": "closed", "reworked": "closed", "solved": "answered", "handled": "to_handle",
    "handled_in_time": "to_handle",
}  # fmt: skip
UNIT_SHOWN = ("to_handle", "handled", "handled_in_time", "extended", "reworked")
IN_FILES = tuple(name for name in COUNTED if name != "late")
BAR_WIDTH = 100.0


@dataclass(frozen=True)
class Cell:
    """One number; ``share`` is its percentage of ``whole`` when that is large enough."""

    figure: str
    n: int
    whole: int | None = None

    @property
    def share(self) -> float | None:
        return None if self.whole is None else Share(self.n, self.whole).percent


@dataclass(frozen=True)
class Line:
    """A row of a table. ``filter`` narrows the list behind its numbers; ``bar`` is 0–100, the longest row 100."""

    name: Text
    cells: tuple[Cell, ...]
    bar: float
    filter: str = ""
    code: str = ""
    has_more: bool = False


def cells(counts: Counts, shown: Iterable[str] = SHOWN) -> tuple[Cell, ...]:
    return tuple(Cell(name, counts[name], counts[SHARES[name]] if name in SHARES else None) for name in shown)


def lines(rows: list[FigureRow], column: str, shown: Iterable[str] = SHOWN) -> list[Line]:
    """Rows of a table whose codes fit the list's filter ``column``; the first number is drawn as a bar."""
    shown = tuple(shown)
    most = max((row.counts[shown[0]] for row in rows), default=0) or 1
    return [
        Line(
            row.name, cells(row.counts, shown), round(BAR_WIDTH * row.counts[shown[0]] / most, 1),
            column if row.code else "", row.code, row.has_more,
        )
        for row in rows if any(row.counts[name] for name in shown)
    ]  # fmt: skip


def spans(now: datetime, chosen: Period) -> list[tuple[str, Text, bool]]:
    """The periods to choose from: today, some days, this month and the one before; and the chosen one if it is another."""
    this = month(now.astimezone(SHANGHAI).date())
    last = before(this)
    found = {key: name for key, (name, _) in SPANS.items()}
    found |= {this.key: Text("本月", "This month"), last.key: Text("上月", "Last month")}
    if chosen.key not in found:
        days = f"{chosen.first_on} – {chosen.last_on}"
        found[chosen.key] = Text(days, days)
    return [(key, name, key == chosen.key) for key, name in found.items()]


def preferred_level(whole: Whole) -> str:
    """By what a page is divided at first: several streets, else communities, else the next level."""
    levels = levels_inside(whole)
    if AreaLevel.STREET in levels and len(areas_inside(whole, AreaLevel.STREET)) > 1:
        return AreaLevel.STREET
    return AreaLevel.COMMUNITY if AreaLevel.COMMUNITY in levels else levels[0] if levels else ""


@dataclass(frozen=True)
class Page:
    """All figures of one page."""

    totals: list[tuple[Cell, Text, int]]
    shares: list[tuple[Indicator, Share, Share]]
    now: list[tuple[str, Text, int]]
    areas: list[Line]
    categories: list[Line]
    open_categories: list[Line]
    units: list[Line]


def page(whole: Whole, period: Period, now: datetime, *, level: str, under: str) -> Page:
    """Everything a page shows; each number as it stands in the tables that the worker keeps."""
    counts, earlier = totals(whole, period), totals(whole, before(period))
    present = open_now(whole, now, "all").get("", NONE)
    return Page(
        totals=[(cell, COUNTED[cell.figure], earlier[cell.figure]) for cell in cells(counts)],
        shares=[(one, one.of(counts), one.of(earlier)) for one in INDICATORS.values()],
        now=[(name, words, present[name]) for name, words in NOW.items()],
        areas=lines(rows_by_area(whole, period, level), "area") if level else [],
        categories=lines(rows_by_category(whole, period, under), "category"),
        open_categories=lines(open_rows(whole, now, "category", under=under), "category", tuple(NOW)),
        units=lines(rows_by_unit(whole, period), "led_by", UNIT_SHOWN),
    )


def table(whole: Whole, period: Period, by: str, level: str) -> Iterator[Row]:
    """One division as rows of a file: name, code, all counts, all shares."""
    if by == "area":
        rows = rows_by_area(whole, period, level)
    else:
        rows = rows_by_category(whole, period) if by == "category" else rows_by_unit(whole, period)
    for row in rows:
        shares = [one.of(row.counts).percent for one in INDICATORS.values()]
        yield (said(row.name), row.code, *(row.counts[name] for name in IN_FILES), *shares)


def columns() -> list[str]:
    shares = [f"{said(one.name)} %" for one in INDICATORS.values()]
    return [
        spoken("名称", "Name"),
        spoken("编码", "Code"),
        *(said(COUNTED[name]) for name in IN_FILES),
        *shares,
    ]
