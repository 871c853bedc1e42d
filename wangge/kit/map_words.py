"""Names, marks and the scale bar of a drawn map; no two names stand on one another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import shapely
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge

from wangge.kit.geo import label_point
from wangge.kit.map_style import DARK_TEXT, LIGHT_TEXT, NAME_PX
from wangge.kit.map_view import View

Placed = tuple[Mapping[str, Any], BaseGeometry]


@dataclass(frozen=True)
class Mark:
    """A point over the map with its uncertainty; the shape speaks beside the colour."""

    lon: float
    lat: float
    name: str = ""
    accuracy_m: float | None = None
    colour: str = "#1f5fbf"
    shape: str = "circle"  # circle, square, diamond, triangle, pin
    href: str = ""


class Names:
    """Writes names where there is room; what is written first keeps its place."""

    def __init__(self, view: View, is_dark: bool) -> None:
        self._view = view
        self._ink, self._halo = DARK_TEXT if is_dark else LIGHT_TEXT
        self._taken: list[tuple[float, float, float, float]] = []

    def keep_free(self, x: float, y: float, radius: float) -> None:
        """Let no name cover a mark."""
        self._taken.append((x - radius, y - radius, x + radius, y + radius))

    def write(
        self, text: str, x: float, y: float, px: float, *, turn_deg: float = 0, is_bold: bool = False,
        anchor: str = "middle",
    ) -> str:  # fmt: skip
        """The name as SVG text, or nothing where it would cover another or leave the map."""
        wide = sum(px if ord(letter) > 255 else px * 0.55 for letter in text)
        cos, sin = abs(math.cos(math.radians(turn_deg))), abs(math.sin(math.radians(turn_deg)))
        half_w, half_h = (wide * cos + px * sin) / 2 + 2, (wide * sin + px * cos) / 2 + 2
        middle = x if anchor == "middle" else x + wide / 2
        if not self._claim(middle - half_w, y - half_h, middle + half_w, y + half_h):
            return ""
        turn = f' transform="rotate({turn_deg:.0f} {x:.0f} {y:.0f})"' if round(turn_deg) else ""
        place = f'x="{x:.0f}" y="{y + px * 0.36:.0f}" text-anchor="{anchor}"{turn}'
        return self._text(place, px, escape(text), is_bold=is_bold)

    def write_down(self, text: str, spots: Sequence[tuple[float, float]], px: float) -> str:
        """The name with its letters upright, one below the other, at the given places."""
        xs, ys = [x for x, _ in spots], [y for _, y in spots]
        if not self._claim(min(xs) - px / 2, min(ys) - px / 2, max(xs) + px / 2, max(ys) + px / 2):
            return ""
        lower = " ".join(f"{y + px * 0.36:.0f}" for y in ys)
        place = f'x="{" ".join(f"{x:.0f}" for x in xs)}" y="{lower}" text-anchor="middle"'
        return self._text(place, px, escape(text))

    def _claim(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether the rectangle is inside the map and free; if so it is taken now."""
        if left < 0 or top < 0 or right > self._view.width or bottom > self._view.height:
            return False
        if any(left < t[2] and t[0] < right and top < t[3] and t[1] < bottom for t in self._taken):
            return False
        self._taken.append((left, top, right, bottom))
        return True

    def _text(self, place: str, px: float, text: str, *, is_bold: bool = False) -> str:
        weight = ' font-weight="600"' if is_bold else ""
        return (
            f'<text {place} font-size="{px:g}"{weight} fill="{self._ink}" stroke="{self._halo}" '
            f'stroke-width="2.5" stroke-linejoin="round" paint-order="stroke">{text}</text>'
        )


def road_names(placed: Iterable[Placed], view: View, names: Names) -> str:
    """Each road's name once, along its longest straight stretch in the view."""
    out = []
    order = {"wide": 0, "coast": 1, "street": 2}
    roads: dict[str, list[Placed]] = {}
    for properties, piece in placed:
        if properties.get("name"):
            roads.setdefault(str(properties["name"]), []).append((properties, piece))
    for name, pieces in sorted(
        roads.items(), key=lambda entry: order.get(entry[1][0][0].get("grade", ""), 3)
    ):
        grade = pieces[0][0].get("grade", "street")
        px = 12.0 if grade == "wide" else 11.0
        if grade == "street" and view.px_per_m < 0.10:
            continue
        line = _longest([piece for _, piece in pieces], view)
        if line is None or line.length < px * len(name) * 1.25:
            continue
        out.append(_along(name, line, px, names))
    return "".join(out)


def _along(name: str, line: LineString, px: float, names: Names) -> str:
    """A name in the middle of a line: turned with it, or its letters below one another where it is steep."""
    middle, reach = line.length / 2, px * len(name) / 2
    a, b = line.interpolate(middle - reach), line.interpolate(middle + reach)
    turn = (math.degrees(math.atan2(b.y - a.y, b.x - a.x)) + 90) % 180 - 90
    x, y = (a.x + b.x) / 2, (a.y + b.y) / 2
    if abs(turn) < 55:
        return names.write(name, x, y, px, turn_deg=turn)
    steps = [middle + (number - (len(name) - 1) / 2) * px * 1.12 for number in range(len(name))]
    spots = sorted(((p.x, p.y) for p in map(line.interpolate, steps)), key=lambda spot: spot[1])
    return names.write_down(name, spots, px)


def _longest(pieces: Sequence[BaseGeometry], view: View) -> LineString | None:
    """The longest continuous stretch of a road in the view, in pixels."""
    whole = shapely.clip_by_rect(shapely.union_all(list(pieces)), *view.box.bounds)
    merged = linemerge(whole) if isinstance(whole, MultiLineString) else whole
    lines = [
        part
        for part in shapely.get_parts(merged).tolist()
        if isinstance(part, LineString) and not part.is_empty
    ]
    if not lines:
        return None
    longest = max(lines, key=lambda part: float(part.length))
    return LineString([view.point(x, y) for x, y in longest.coords])


def place_names(found: Mapping[str, Sequence[Placed]], view: View, names: Names) -> str:
    """Names of water, harbour, woods, parks and compounds that are large enough to carry them."""
    out = []
    for kind, px in NAME_PX.items():
        if kind == "compound" and view.px_per_m < 0.22:
            continue
        for properties, piece in found.get(kind, ()):
            text = str(properties.get("name") or "")
            clipped = shapely.clip_by_rect(piece, *view.box.bounds)
            if text and clipped.area * (view.px_per_deg**2) * view.squeeze > (px * len(text)) ** 2 * 0.55:
                out.append(names.write(text, *view.point(*label_point(clipped)), px))
    return "".join(out)


def area_name(text: str, area: BaseGeometry, view: View, names: Names) -> str:
    """The name of a bordered area in the middle of what can be seen of it."""
    clipped = shapely.clip_by_rect(area, *view.box.bounds)
    west, _, east, _ = clipped.bounds if not clipped.is_empty else (0.0, 0.0, 0.0, 0.0)
    if not text or clipped.area == 0 or (east - west) * view.px_per_deg * view.squeeze < 12 * len(text) * 0.8:
        return ""
    return names.write(text, *view.point(*label_point(clipped)), 12, is_bold=True)


def marks_drawn(marks: Sequence[Mark], view: View, names: Names) -> str:
    """Circles of uncertainty, then the marks, then their names."""
    circles, points = [], []
    for mark in marks:
        x, y = view.point(mark.lon, mark.lat)
        if mark.accuracy_m:
            radius = max(6.0, mark.accuracy_m * view.px_per_m)
            circles.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{mark.colour}" fill-opacity="0.14" '
                f'stroke="{mark.colour}" stroke-opacity="0.6"/>'
            )
        names.keep_free(x, y, 9)
        drawn = f'<path d="{_mark_path(mark.shape, x, y)}" fill="{mark.colour}" stroke="#ffffff" stroke-width="1.5"/>'
        if mark.name:
            drawn += f"<title>{escape(mark.name)}</title>"
        points.append(f'<a href="{escape(mark.href)}">{drawn}</a>' if mark.href else f"<g>{drawn}</g>")
    texts = []
    for mark in marks:
        x, y = view.point(mark.lon, mark.lat)
        if mark.name:
            texts.append(names.write(mark.name, x + 11, y, 12, is_bold=True, anchor="start"))
    return "".join(circles + points + texts)


def _mark_path(kind: str, x: float, y: float) -> str:
    if kind == "square":
        return f"M{x - 6:.1f} {y - 6:.1f}h12v12h-12z"
    if kind == "diamond":
        return f"M{x:.1f} {y - 8:.1f}l8 8-8 8-8-8z"
    if kind == "triangle":
        return f"M{x:.1f} {y - 8:.1f}l8 14h-16z"
    if kind == "pin":
        return f"M{x:.1f} {y:.1f}c-2-6-8-9-8-15a8 8 0 0 1 16 0c0 6-6 9-8 15z"
    return f"M{x - 6.5:.1f} {y:.1f}a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0z"


def scale_bar(view: View, note: str, is_dark: bool) -> str:
    """A bar of a round number of metres, and the note in the other corner."""
    ink, halo = DARK_TEXT if is_dark else LIGHT_TEXT
    metres = 10 ** math.floor(math.log10(90 / view.px_per_m))
    metres = max(step for step in (metres, 2 * metres, 5 * metres) if step * view.px_per_m <= 100)
    wide = metres * view.px_per_m
    text = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    y = view.height - 10
    halo_text = f'fill="{ink}" stroke="{halo}" stroke-width="2.5" paint-order="stroke" font-size="11"'
    bar = (
        f'<path d="M10 {y - 5}v5h{wide:.0f}v-5" fill="none" stroke="{ink}" stroke-width="1.5"/>'
        f'<text x="{wide + 16:.0f}" y="{y}" {halo_text}>{text}</text>'
    )
    if note:
        bar += f'<text x="{view.width - 8}" y="{y}" text-anchor="end" {halo_text}>{escape(note)}</text>'
    return bar
