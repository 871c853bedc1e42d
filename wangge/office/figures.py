"""A modest page of figures: what came in and was closed, by area and by category; each number is a list of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Count, Q

from wangge.cases.queries.figures import countable
from wangge.catalog.queries import ancestors, is_leaf
from wangge.kit.words import Text
from wangge.office.choices import area_tree, named
from wangge.office.periods import FIGURES, Period, figure_set
from wangge.territory.models import AreaLevel
from wangge.territory.queries import TreeRow
from wangge.territory.scope import Actor

LEVELS: dict[str, Text] = {
    AreaLevel.STREET: Text("街道", "Street"), AreaLevel.ZONE: Text("管区", "Zone"),
    AreaLevel.COMMUNITY: Text("社区", "Community"), AreaLevel.GRID: Text("网格", "Grid"),
}  # fmt: skip
LEAST_FOR_SHARE = 5  # of fewer cases no percentage is told
SHARES = {"on_time": "closed", "rework": "closed", "solved": "answered"}


@dataclass(frozen=True)
class Cell:
    """One number of a row; ``share`` is its percentage of ``whole`` when that is large enough."""

    figure: str
    n: int
    whole: int | None = None

    @property
    def share(self) -> int | None:
        if self.whole is None or self.whole < LEAST_FOR_SHARE:
            return None
        return round(100 * self.n / self.whole)


@dataclass(frozen=True)
class FigureRow:
    """A row of a table; ``filter`` narrows the list behind its numbers, empty when no filter says the same.

    ``has_more``: it can be divided further.
    """

    name: Text
    cells: tuple[Cell, ...]
    filter: str = ""
    code: str = ""
    has_more: bool = False


Numbers = dict[str, int]


def counts_of(figures: Iterable[str], period: Period) -> dict[str, Count]:
    return {f"n_{name}": Count("pk", filter=figure_set(name, period)) for name in figures}


def touched(period: Period) -> Q:
    """Cases that any figure of the period may count."""
    return figure_set("taken_in", period) | figure_set("closed", period)


def totals(actor: Actor, period: Period) -> Numbers:
    """All figures of a period in one query."""
    found = countable(actor).filter(touched(period)).aggregate(**counts_of(FIGURES, period))
    return {name: found[f"n_{name}"] for name in FIGURES}


def before(period: Period) -> Period:
    """The period of the same length before."""
    length = period.last_on - period.first_on + timedelta(days=1)
    return replace(period, first_on=period.first_on - length, last_on=period.last_on - length)


def cells(numbers: Numbers) -> tuple[Cell, ...]:
    return tuple(
        Cell(name, numbers[name], numbers[SHARES[name]] if name in SHARES else None)
        for name in FIGURES
        if name != "late"
    )


def levels_of(actor: Actor) -> list[str]:
    """The levels by which this person's area can be divided."""
    paths = tuple(actor.area_paths()) or ("/",)
    own = {path.rstrip("/").rsplit("/", 1)[-1] for path in paths}
    present = {row.level for row in area_tree() if row.path.startswith(paths) and str(row.area_id) not in own}
    return [level for level in LEVELS if level in present]


def grouped(actor: Actor, period: Period, column: str, key: Callable[[object], str]) -> dict[str, Numbers]:
    """Figures by a column, gathered under ``key``; one query."""
    rows = (
        countable(actor)
        .filter(touched(period))
        .order_by()
        .values(column)
        .annotate(**counts_of(FIGURES, period))
    )
    found: dict[str, Numbers] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    for row in rows:
        into = found[key(row[column])]
        for name in FIGURES:
            into[name] += row[f"n_{name}"]
    return found


def by_area(actor: Actor, period: Period, level: str) -> list[FigureRow]:
    """A row for each area of a level that has something to tell; last what lies above the level."""
    areas = {row.area_id: row for row in area_tree() if row.level == level}

    def at_level(path: object) -> str:
        inside = [areas[int(part)] for part in str(path).split("/") if part and int(part) in areas]
        return inside[0].code if inside else ""

    found = grouped(actor, period, "path", at_level)
    by_code: dict[str, TreeRow] = {row.code: row for row in areas.values()}
    rows = [
        FigureRow(named(by_code[code]), cells(found[code]), "area", code) for code in sorted(found) if code
    ]
    if "" in found:
        rows.append(FigureRow(Text("未定到这一级", "Not placed at this level"), cells(found[""])))
    return rows


def by_category(actor: Actor, period: Period, under: str = "") -> list[FigureRow]:
    """A row for each of the eight roots, or for each category directly under one; most received first."""
    names: dict[str, tuple[Text, bool]] = {}

    def group(category_id: object) -> str:
        """The category of the wanted level, "" without one, "-" outside of ``under``."""
        if not isinstance(category_id, int):
            return "" if not under else "-"
        chain = ancestors(category_id)
        codes = [row.code for row in chain]
        if under and under not in codes[1:]:
            return "-"
        row = chain[codes.index(under) - 1] if under else chain[-1]
        names[row.code] = named(row), not is_leaf(row.pk)
        return row.code

    found = grouped(actor, period, "category_id", group)
    rows = [
        FigureRow(names[code][0], cells(found[code]), "category", code, names[code][1])
        for code in found
        if code not in ("", "-")
    ]
    rows.sort(key=lambda row: (-row.cells[0].n, row.code))
    if "" in found:
        rows.append(FigureRow(Text("未定类别", "No category yet"), cells(found[""])))
    return rows
