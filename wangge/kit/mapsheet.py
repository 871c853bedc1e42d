"""A map as SVG, drawn by the server: for pages that must work without JavaScript, and for print.

Colours are presentation attributes, so a strict content security policy does not stop them. Everything is
clipped to the view, thinned to what can be seen, and written as whole tenths of a pixel: a close-up view
of a few hundred buildings stays well below 60 kB.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from wangge.kit.geo import Bbox, geometry_of
from wangge.kit.map_style import (
    BORDERS,
    DARK,
    DARK_BORDERS,
    FONT,
    LIGHT,
    ROAD_LEAST_PX,
    ROAD_M,
    Ink,
)  # fmt: skip
from wangge.kit.map_view import TENTHS, View, path_data
from wangge.kit.map_words import (
    Mark,
    Names,
    Placed,
    area_name,
    marks_drawn,
    place_names,
    road_names,
    scale_bar,
)

__all__ = ["Border", "MapSheet", "Mark", "svg_map"]


@dataclass(frozen=True)
class Border:
    """The boundary of an area over the base map; ``kind`` is a word of ``BORDERS``."""

    boundary: bytes | BaseGeometry | Mapping[str, Any]
    kind: str = "grid"
    name: str = ""


@dataclass
class MapSheet:
    """A base map ready to be drawn many times: GeoJSON features with ``class`` and ``name`` properties."""

    features: Sequence[Mapping[str, Any]]
    _shapes: Any = field(init=False, repr=False)
    _tree: shapely.STRtree = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._shapes = np.array([shape(dict(feature["geometry"])) for feature in self.features], dtype=object)
        self._tree = shapely.STRtree(self._shapes)

    def within(self, view: BaseGeometry) -> dict[str, list[Placed]]:
        """The features that meet a view, by class, clipped to it."""
        found: dict[str, list[Placed]] = {}
        for number in sorted(self._tree.query(view).tolist()):
            properties = self.features[number]["properties"]
            piece = self._shapes[number]
            if not view.contains(piece):
                piece = shapely.clip_by_rect(piece, *view.bounds)
            if not piece.is_empty:
                found.setdefault(str(properties["class"]), []).append((properties, piece))
        return found


def svg_map(
    base: MapSheet | Sequence[Mapping[str, Any]] | Mapping[str, Any],
    bbox: Sequence[float],
    width: int,
    height: int,
    *,
    borders: Iterable[Border] = (),
    marks: Iterable[Mark] = (),
    title: str = "",
    note: str = "",
    is_dark: bool = False,
    name: str = "map",
) -> str:
    """The map of ``bbox`` (west, south, east, north in degrees; widened to fit) as one SVG element.

    ``base`` is a MapSheet (prepare it once) or a FeatureCollection. ``title`` is read aloud; ``note`` stands
    in the corner (approval number or "demo map"); ``name`` keeps ids apart when a page holds several maps.
    """
    sheet = base if isinstance(base, MapSheet) else MapSheet(_features(base))
    view, listed = View(Bbox(*bbox), width, height), list(borders)
    names = Names(view, is_dark)
    found = sheet.within(view.wide_box)
    body = [_base(found, view, is_dark), _borders(listed, view, name, is_dark)]
    body.append(marks_drawn(list(marks), view, names))
    body += [area_name(border.name, _shape_of(border.boundary), view, names) for border in listed]
    body += [road_names(found.get("road", []), view, names), place_names(found, view, names)]
    body.append(scale_bar(view, note, is_dark))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="{FONT}"><title>{escape(title)}</title>'
        f"{_hatches(name)}{''.join(body)}</svg>"
    )


def _features(base: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return base["features"] if isinstance(base, Mapping) else base


def _hatches(name: str) -> str:
    """Patterns that tell kinds of areas apart without colour."""
    lines = {"dedicated": "M0 0L8 8", "forest": "M4 7V3M2 5L4 2L6 5", "sea": "M0 4Q2 2 4 4T8 4"}
    colours = {"dedicated": "#56657a", "forest": "#3f6d3a", "sea": "#2f6690"}
    return "<defs>" + "".join(
        f'<pattern id="{name}-{kind}" width="12" height="12" patternUnits="userSpaceOnUse" '
        f'patternTransform="scale({TENTHS})">'
        f'<path d="{path}" fill="none" stroke="{colours[kind]}" stroke-width="0.8" opacity="0.38"/></pattern>'
        for kind, path in lines.items()
    ) + "</defs>"  # fmt: skip


def _base(found: Mapping[str, Sequence[Placed]], view: View, is_dark: bool) -> str:
    """One path for each class of features, roads with a casing."""
    out = []
    ground = (DARK if is_dark else LIGHT)["sea"].fill
    out.append(f'<rect width="{view.width}" height="{view.height}" fill="{ground}"/>')
    out.append(f'<g transform="scale({1 / TENTHS})">')
    for kind, ink in (DARK if is_dark else LIGHT).items():
        pieces = [(properties, view.drawn(piece)) for properties, piece in found.get(kind, [])]
        if kind == "road":
            out.append(_roads(pieces, view, ink, is_dark))
            continue
        simple = [shapely.simplify(piece, 4 if kind != "building" else 2) for _, piece in pieces]
        data = "".join(path_data(piece, least_area=350.0) for piece in simple)
        if data:
            out.append(f'<path d="{data}"{_attributes(ink)} fill-rule="evenodd"/>')
    out.append("</g>")
    return "".join(out)


def _attributes(ink: Ink) -> str:
    text = f' fill="{ink.fill}"'
    if ink.line != "none":
        text += f' stroke="{ink.line}" stroke-width="{ink.width * TENTHS:g}"'
    if ink.dashes:
        text += f' stroke-dasharray="{" ".join(str(float(d) * TENTHS) for d in ink.dashes.split())}"'
    return text


def _roads(pieces: Sequence[Placed], view: View, ink: Ink, is_dark: bool) -> str:
    """Casings first, then the carriageways, narrow roads below wide ones."""
    casing = "#12181f" if is_dark else "#cfd4da"
    cases, ways = [], []
    for grade in ("street", "coast", "wide"):
        own = [shapely.simplify(piece, 4) for properties, piece in pieces if properties.get("grade") == grade]
        data = "".join(path_data(piece, 0) for piece in own)
        if data:
            px = max(ROAD_LEAST_PX[grade], ROAD_M[grade] * view.px_per_m)
            shared = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
            cases.append(
                f'<path d="{data}" {shared} stroke="{casing}" stroke-width="{(px + 1.4) * TENTHS:.0f}"/>'
            )
            ways.append(f'<path d="{data}" {shared} stroke="{ink.line}" stroke-width="{px * TENTHS:.0f}"/>')
    return "".join(cases + ways)


def _borders(borders: Sequence[Border], view: View, name: str, is_dark: bool) -> str:
    """Lines of areas over the base, hatched by kind; the chosen one tinted and drawn last."""
    out = [f'<g transform="scale({1 / TENTHS})">']
    for border in sorted(borders, key=lambda border: border.kind == "chosen"):
        ink = BORDERS[border.kind]
        area = _shape_of(border.boundary)
        if not area.intersects(view.wide_box):
            continue
        clipped = shapely.clip_by_rect(area, *view.wide_box.bounds)
        data = path_data(shapely.simplify(view.drawn(clipped), 4), 0)
        line = DARK_BORDERS.get(border.kind, "#9aa8ba") if is_dark else ink.line
        fill, opacity = "none", ""
        if border.kind == "chosen":
            fill, opacity = ink.fill, ' fill-opacity="0.10"'
        out.append(
            f'<path d="{data}"{_attributes(Ink(fill, line, ink.width, ink.dashes))}{opacity}'
            f' fill-rule="evenodd" stroke-linejoin="round"/>'
        )
        if ink.fill == "hatch":
            out.append(f'<path d="{data}" fill="url(#{name}-{border.kind})" fill-rule="evenodd"/>')
    return "".join(out) + "</g>"


def _shape_of(boundary: bytes | BaseGeometry | Mapping[str, Any]) -> BaseGeometry:
    if isinstance(boundary, Mapping):
        return shape(dict(boundary))
    return geometry_of(boundary)
