"""The drawn map on which residents mark a place: a picture that is a button, so that it works without a script.

A tap marks the point and comes closer, four times each, until a view is 300 metres wide. Served for the visitor's
own draft; the addresses hold no position.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from wangge.kit.geo import Bbox, LocalPlane, geometry_of
from wangge.kit.map_view import View
from wangge.kit.mapsheet import Border, MapSheet, Mark, svg_map
from wangge.kit.speech import spoken
from wangge.portal.draft import Draft
from wangge.portal.places import home, name_of
from wangge.territory.changes import Kept
from wangge.territory.models import AreaLevel
from wangge.territory.queries import areas_on

SIZE = 320  # pixels of the square picture; taps come in these
WIDTHS_M = (4_000.0, 1_600.0, 700.0, 300.0)  # of the views below the whole town
NAMES_AT_ONCE = 60  # more borders than that have no names on the map of the whole town
TAP_PX = 10  # how exactly a finger hits
BORDER_OF = {AreaLevel.STREET: "street", AreaLevel.COMMUNITY: "community"}


def base_path() -> Path:
    return Path(settings.DATA_FOLDER) / "maps" / "base.json"


@lru_cache(maxsize=2)
def sheet_of(path: Path, changed_at_ns: int) -> tuple[MapSheet, str]:
    """The base map ready to be drawn, and the note it carries; read once for each version of the file."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return MapSheet(content["features"]), str(content.get("note", ""))


def base_map() -> tuple[MapSheet, str]:
    """The base map of this installation; without one the bare ground of the areas."""
    path = base_path()
    if path.is_file():
        return sheet_of(path, path.stat().st_mtime_ns)
    return _ground.get(), spoken("只有区域边界,没有底图", "borders only, no base map")


def read_ground() -> MapSheet:
    """The town's own area as land, when there is no base map."""
    town = home()
    rows = areas_on().defer(None).filter(pk=town.pk) if town else []
    features = [
        {
            "type": "Feature",
            "properties": {"class": "land", "name": ""},
            "geometry": geometry_of(bytes(area.boundary)).__geo_interface__,
        }
        for area in rows
        if area.boundary is not None
    ]
    return MapSheet(features)


def read_borders() -> list[tuple[Border, str]]:
    """Borders of streets and communities with their English names; grids mean nothing to residents."""
    rows = areas_on().defer(None).filter(level__in=list(BORDER_OF), boundary__isnull=False).order_by("code")
    return [
        (
            Border(geometry_of(bytes(area.boundary or b"")), BORDER_OF[AreaLevel(area.level)], area.name_zh),
            area.name_en or area.name_zh,
        )
        for area in rows
    ]


_ground = Kept("areas", read=read_ground, daily=True)
_borders = Kept("areas", read=read_borders, daily=True)


def whole_town() -> Bbox | None:
    """The box around the town; None when no boundary is known."""
    town = home()
    if (
        town is None
        or town.min_lon is None
        or town.min_lat is None
        or town.max_lon is None
        or town.max_lat is None
    ):
        return None
    return Bbox(town.min_lon, town.min_lat, town.max_lon, town.max_lat).grown(100.0)


def box_of(draft: Draft) -> Bbox | None:
    """What the draft's map shows: the whole town, or a square around its middle."""
    whole = whole_town()
    if whole is None or draft.view is None:
        return whole
    lon, lat, level = draft.view
    return square(lon, lat, WIDTHS_M[min(int(level), len(WIDTHS_M)) - 1]) if level >= 1 else whole


def square(lon: float, lat: float, width_m: float) -> Bbox:
    plane = LocalPlane(lon, lat)
    west, south = plane.to_degrees(-width_m / 2, -width_m / 2)
    east, north = plane.to_degrees(width_m / 2, width_m / 2)
    return Bbox(west, south, east, north)


def tap(draft: Draft, x: float, y: float) -> bool:
    """Mark what lies under a tap on the picture and come closer; whether it was on the picture at all."""
    box = box_of(draft)
    if box is None or not (0 < x <= SIZE and 0 < y <= SIZE):
        return False
    view = View(box, SIZE, SIZE)
    lon = view.west + x / view.px_per_deg / view.squeeze
    lat = view.north - y / view.px_per_deg
    draft.set_position(round(lon, 6), round(lat, 6), math.ceil(TAP_PX / view.px_per_m), "map")
    look_at(draft, lon, lat, level_of(draft) + 1)
    return True


def level_of(draft: Draft) -> int:
    return int(draft.view[2]) if draft.view else 0


def look_at(draft: Draft, lon: float, lat: float, level: int) -> None:
    draft.view = [round(lon, 6), round(lat, 6), max(0, min(level, len(WIDTHS_M)))]


def zoom(draft: Draft, by: int) -> None:
    """Closer (+1) or farther (-1), around the mark, else around what is in the middle."""
    box = box_of(draft)
    if box is None:
        return
    lon, lat = (
        (draft.view[0], draft.view[1])
        if draft.view
        else ((box.west + box.east) / 2, (box.south + box.north) / 2)
    )
    look_at(draft, lon, lat, level_of(draft) + by)


def drawn(draft: Draft, is_dark: bool = False) -> str | None:
    """The map of the draft as SVG; None when the town has no boundary yet."""
    box, town = box_of(draft), home()
    if box is None or town is None:
        return None
    sheet, note = base_map()
    has_names = level_of(draft) > 0 or len(_borders.get()) <= NAMES_AT_ONCE
    borders = [
        Border(border.boundary, border.kind, spoken(border.name, name_en) if has_names else "")
        for border, name_en in _borders.get()
    ]
    marks = []
    if draft.lon is not None and draft.lat is not None:
        marks = [Mark(draft.lon, draft.lat, accuracy_m=draft.accuracy_m, colour="#c62828", shape="pin")]
    title = spoken(f"{town.name_zh}地图", f"Map of {name_of(town)}")
    return svg_map(
        sheet, box, SIZE, SIZE, borders=borders, marks=marks, title=title, note=settings.MAP_NOTE or note,
        is_dark=is_dark, name="town",
    )  # fmt: skip
