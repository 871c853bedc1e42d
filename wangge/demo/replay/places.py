"""Where a message plays: its own position, words of its text, or the simulated dispatcher's choice."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median

from wangge.cases.orders.reading import Order, decoded
from wangge.kit.errors import Invalid
from wangge.territory.locator import locate
from wangge.territory.models import Area, AreaLevel, Building

ROUNDED_DIGITS = 2  # a position with at most two decimals stands for a whole town, not for a place
LEAST_WORD = 2


@dataclass(frozen=True)
class Spot:
    """A place found: a position, or an area by code; ``by`` says how (position, words, dispatcher)."""

    by: str
    position: tuple[float, float] | None = None
    area: str = ""


def is_rounded(lon: float, lat: float) -> bool:
    """Whether a position is too coarse to be one (885 rows of Baltimore lie on 39.0, -77.0)."""
    return round(lon, ROUNDED_DIGITS) == lon and round(lat, ROUNDED_DIGITS) == lat


class Places:
    """Finds the spot of each message of one file."""

    def __init__(self, orders: list[Order], mapping: Path | None, seed: int) -> None:
        self._seed = seed
        grids = list(Area.objects.filter(level=AreaLevel.GRID, valid_to_on=None).order_by("code"))
        if not grids:
            raise Invalid(
                "areas",
                "还没有网格。请先导入区域,或运行 wangge demo。",
                "There are no grids. Import areas or run `wangge demo`.",
            )
        self._grids = [grid.code for grid in grids if grid.kind in ("base", "dedicated")] or [
            g.code for g in grids
        ]
        self._words = read_mapping(mapping) if mapping else place_words()
        self._move = move_of(orders, grids)

    def spot(self, order: Order) -> Spot:
        """The spot of one message."""
        if order.lon is not None and order.lat is not None and not is_rounded(order.lon, order.lat):
            lon, lat = self._move.moved(order.lon, order.lat)
            if locate(lon, lat).grid_id is not None:
                return Spot("position", position=(lon, lat))
        text = f"{order.address} {order.title} {order.text}"
        for word, area in self._words:
            if word in text:
                return Spot("words", area=area)
        return Spot("dispatcher", area=Random(f"{self._seed}:{order.number}:place").choice(self._grids))  # noqa: S311


@dataclass(frozen=True)
class Axis:
    """One direction of a move: the file's median comes to lie on the town's, a larger spread is drawn together."""

    here: float = 0.0
    there: float = 0.0
    scale: float = 1.0

    @staticmethod
    def between(here: list[float], there: list[float]) -> Axis:
        wide, far = spread(here), spread(there)
        return Axis(median(here), median(there), min(1.0, wide / far) if far else 1.0)

    def moved(self, value: float) -> float:
        return self.here + (value - self.there) * self.scale


@dataclass(frozen=True)
class Shift:
    """How the positions of another town come into this one; by itself none."""

    east: Axis = Axis()
    north: Axis = Axis()

    def moved(self, lon: float, lat: float) -> tuple[float, float]:
        return self.east.moved(lon), self.north.moved(lat)


def spread(values: list[float]) -> float:
    """The width of the middle nine tenths."""
    ordered = sorted(values)
    return ordered[int(len(ordered) * 0.95)] - ordered[int(len(ordered) * 0.05)]


def move_of(orders: list[Order], grids: list[Area]) -> Shift:
    """How the file's positions are moved: not at all when they lie here, else median to median."""
    found = [
        (o.lon, o.lat)
        for o in orders
        if o.lon is not None and o.lat is not None and not is_rounded(o.lon, o.lat)
    ]
    if not found:
        return Shift()
    if sum(locate(lon, lat).grid_id is not None for lon, lat in found[:500]) * 2 > len(found[:500]):
        return Shift()
    boxes = [
        (g.min_lon, g.min_lat, g.max_lon, g.max_lat)
        for g in grids
        if g.min_lon is not None and g.kind == "base"
    ]
    here = [((w + e) / 2, (s + n) / 2) for w, s, e, n in boxes if w is not None and s and e and n]
    if not here:
        return Shift()
    return Shift(
        Axis.between([x for x, _ in here], [lon for lon, _ in found]),
        Axis.between([y for _, y in here], [lat for _, lat in found]),
    )


def place_words() -> list[tuple[str, str]]:
    """Names of the town's areas and buildings with the area they stand for, the longest first."""
    words: dict[str, str] = {}
    for name, code in Area.objects.filter(valid_to_on=None, level__in=["community", "grid"]).values_list(
        "name_zh", "code"
    ):
        words[name] = code
    for name, code in Building.objects.exclude(name_zh="").values_list("name_zh", "area__code")[:20_000]:
        words.setdefault(name, code)
    return sorted(
        ((w, c) for w, c in words.items() if len(w) > LEAST_WORD), key=lambda item: (-len(item[0]), item[0])
    )


def read_mapping(path: Path) -> list[tuple[str, str]]:
    """``--places``: a CSV of word and area code, such as ``A3区,370299001001001``."""
    rows = [
        row for row in csv.reader(decoded(path.read_bytes()).splitlines()) if len(row) >= 2 and row[0].strip()
    ]
    codes = set(Area.objects.filter(valid_to_on=None).values_list("code", flat=True))
    found = [(row[0].strip(), row[1].strip()) for row in rows]
    unknown = [code for _, code in found if code not in codes]
    if len(unknown) > 1 or (unknown and unknown[0] != found[0][1]):  # the first row may be a header
        raise Invalid(
            "places",
            f"地名对照表中的区域编码不存在:{unknown[-1]}",
            f"The place file names an unknown area: {unknown[-1]}",
        )
    return sorted(((w, c) for w, c in found if c in codes), key=lambda item: -len(item[0]))
