"""Small maps on the phone, drawn by the server: where a case is, and a grid with its micro-grids."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from wangge.cases.queries import Line
from wangge.kit.geo import Bbox, geometry_of
from wangge.kit.mapsheet import Border, MapSheet, Mark, svg_map
from wangge.kit.speech import spoken
from wangge.territory.changes import Kept
from wangge.territory.models import Area, AreaLevel
from wangge.territory.queries import areas_on

SIZE = (360, 240)
AROUND_M, MARGIN_M = 180.0, 30.0
RED = "#c62828"
# without a base map: plain ground under the borders
GROUND: dict[str, Any] = {
    "type": "Feature", "properties": {"class": "land", "name": ""},
    "geometry": {"type": "Polygon", "coordinates": [[[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]]]},
}  # fmt: skip


@lru_cache(maxsize=2)
def sheet_of(path: Path, changed_at_ns: int) -> MapSheet:
    """The base map ready to be drawn; read once for each version of the file."""
    return MapSheet(json.loads(path.read_text(encoding="utf-8"))["features"])


def base() -> tuple[MapSheet, str]:
    """The base map of this installation and the note in its corner."""
    path = Path(settings.DATA_FOLDER) / "maps" / "base.json"
    if path.is_file():
        return sheet_of(path, path.stat().st_mtime_ns), str(getattr(settings, "MAP_NOTE", ""))
    return MapSheet([GROUND]), spoken("没有底图,只有界线", "no base map, borders only")


def read_borders() -> dict[int, tuple[str, int | None, bytes]]:
    """Boundaries of grids and micro-grids: level, parent, outline."""
    rows = (
        areas_on()
        .defer(None)
        .filter(level__in=[AreaLevel.GRID, AreaLevel.MICRO_GRID], boundary__isnull=False)
    )
    return {area.pk: (area.level, area.parent_id, bytes(area.boundary or b"")) for area in rows}


_borders = Kept("areas", read=read_borders, daily=True)


def case_map(line: Line, area_path: str, accuracy_m: float | None) -> SafeString | None:
    """Where a case is, with the circle of uncertainty; only the grid when no point is known, None without either."""
    outline = next((found for pk in reversed(ids_of(area_path)) if (found := _borders.get().get(pk))), None)
    border = [Border(outline[2], "chosen")] if outline else []
    title = spoken("事项位置", "Place of the case")
    if line.lon is None or line.lat is None:
        return drawn(box_of(outline[2]), border, [], title, "case") if outline else None
    around = Bbox(line.lon, line.lat, line.lon, line.lat).grown(max(AROUND_M, (accuracy_m or 0) * 1.3))
    mark = Mark(line.lon, line.lat, accuracy_m=accuracy_m, colour=RED, shape="pin")
    return drawn(around, border, [mark], title, "case")


def grid_map(area: Area) -> SafeString | None:
    """A grid with its micro-grids; None when its boundary is not known."""
    held = _borders.get()
    own = held.get(area.pk)
    if own is None:
        return None
    inside = [Border(outline, "micro_grid") for level, parent, outline in held.values() if parent == area.pk]
    title = spoken(f"{area.name_zh}地图", f"Map of {area.name_en or area.name_zh}")
    return drawn(box_of(own[2]), [*inside, Border(own[2], "chosen")], [], title, f"grid{area.pk}")


def drawn(bbox: Bbox, borders: list[Border], marks: list[Mark], title: str, name: str) -> SafeString:
    sheet, note = base()
    svg = svg_map(sheet, bbox, *SIZE, borders=borders, marks=marks, title=title, note=note, name=name)
    return mark_safe(svg)  # noqa: S308  every name in it is escaped by the map itself


def box_of(outline: bytes) -> Bbox:
    return Bbox(*geometry_of(outline).bounds).grown(MARGIN_M)


def ids_of(path: str) -> list[int]:
    return [int(part) for part in path.split("/") if part]
