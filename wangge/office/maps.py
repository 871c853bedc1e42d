"""Maps on office pages, drawn by the server: the base map of the installation when there is one, else borders only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from wangge.cases.queries import Line
from wangge.kit.geo import Bbox, geometry_of
from wangge.kit.mapsheet import Border, MapSheet, Mark, svg_map
from wangge.kit.speech import said, spoken
from wangge.kit.words import Text
from wangge.territory.changes import Kept
from wangge.territory.queries import boundary_on, today

BASE_FILE = "base.json"
AROUND_M = 260.0
MARGIN_M = 40.0
EVERYWHERE: dict[str, Any] = {
    "type": "Feature",
    "properties": {"class": "land", "name": ""},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]]],
    },
}
MARKS = {
    "green": ("#2e7d4f", "circle"), "reminder": ("#1f5fbf", "circle"), "yellow": ("#855600", "triangle"),
    "red": ("#c62828", "square"), "purple": ("#6b2fa0", "diamond"),
}  # fmt: skip
PLAIN = ("#4d5869", "circle")
BORDER_KINDS = ("micro_grid", "grid", "community", "street", "police_grid", "dedicated", "forest", "sea")

_boundaries: Kept[dict[int, bytes | None]] = Kept("areas", read=dict, daily=True)


@cache
def base_sheet() -> MapSheet:
    """The base map, read once a process; without one, plain ground."""
    path = settings.DATA_FOLDER / "maps" / BASE_FILE
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
    except (OSError, ValueError, KeyError):
        features = [EVERYWHERE]
    return MapSheet(features)


def boundary(area_id: int, on: date | None = None) -> bytes | None:
    """The boundary of an area today, kept in memory."""
    held = _boundaries.get()
    if area_id not in held:
        held[area_id] = boundary_on(area_id, on or today())
    return held[area_id]


def borders_of(path: str) -> list[Border]:
    """The last two areas of a path that have a boundary, the innermost chosen."""
    found: list[Border] = []
    for part in reversed([part for part in path.split("/") if part]):
        outline = boundary(int(part))
        if outline is not None:
            found.append(Border(outline, "grid" if found else "chosen"))
        if len(found) == 2:
            break
    return found


def drawn(
    bbox: Bbox,
    size: tuple[int, int],
    borders: Sequence[Border],
    marks: Sequence[Mark],
    title: Text,
    name: str,
) -> SafeString:
    """One SVG map; says in the corner when there is no base map."""
    has_base = base_sheet().features != [EVERYWHERE]
    note = "" if has_base else spoken("未配置底图,仅显示界线", "No base map installed: borders only")
    svg = svg_map(
        base_sheet(), bbox, *size, borders=borders, marks=marks, title=said(title), note=note, name=name
    )
    return mark_safe(svg)  # noqa: S308  every name in it is escaped by the map itself


def bounds(border: Border) -> tuple[float, float, float, float]:
    """West, south, east, north of a border."""
    assert isinstance(border.boundary, bytes)
    west, south, east, north = geometry_of(border.boundary).bounds
    return west, south, east, north


def case_map(
    line: Line, path: str, accuracy_m: float | None, size: tuple[int, int] = (560, 320)
) -> SafeString | None:
    """Where a case is: its grid's border, the point with its circle of uncertainty. None when nothing is known."""
    borders = borders_of(path)
    code = line.deadline.light.code if line.deadline else ""
    title = Text(
        f"案件位置:{line.area.way.zh if line.area else line.address}", f"Place of the case: {line.address}"
    )
    if line.lon is None or line.lat is None:
        if not borders:
            return None
        return drawn(Bbox(*bounds(borders[0])).grown(MARGIN_M), size, borders, [], title, "case")
    colour, _ = MARKS.get(code, PLAIN)
    mark = Mark(line.lon, line.lat, accuracy_m=accuracy_m, colour=colour, shape="pin")
    around = Bbox(line.lon, line.lat, line.lon, line.lat).grown(max(AROUND_M, (accuracy_m or 0) * 1.4))
    return drawn(around, size, borders, [mark], title, "case")


def area_map(
    area_id: int,
    borders: Sequence[Border],
    title: Text,
    size: tuple[int, int] = (720, 480),
    marks: Sequence[Mark] = (),
) -> SafeString | None:
    """An area with what lies in it. None without a boundary."""
    outline = boundary(area_id)
    if outline is None:
        return None
    west, south, east, north = geometry_of(outline).bounds
    chosen = Border(outline, "chosen")
    return drawn(
        Bbox(west, south, east, north).grown(MARGIN_M), size, [*borders, chosen], marks, title, "area"
    )
