"""From degrees to a drawing: scale, clipping box, compact path data in tenths of a pixel."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from wangge.kit.geo import Bbox

TENTHS = 10  # one pixel is ten units of the drawing
M_PER_DEG = 111_195.0


class View:
    """From degrees to the drawing, for one bounding box and size."""

    def __init__(self, bbox: Bbox, width: int, height: int) -> None:
        middle = math.radians((bbox.south + bbox.north) / 2)
        squeeze = math.cos(middle)
        self.width, self.height = width, height
        self.px_per_deg = min(width / ((bbox.east - bbox.west) * squeeze), height / (bbox.north - bbox.south))
        self.squeeze = squeeze
        self.west = (bbox.west + bbox.east) / 2 - width / 2 / (self.px_per_deg * squeeze)
        self.north = (bbox.south + bbox.north) / 2 + height / 2 / self.px_per_deg
        self.px_per_m = self.px_per_deg / M_PER_DEG
        east = self.west + width / (self.px_per_deg * squeeze)
        south = self.north - height / self.px_per_deg
        self.box = box(self.west, south, east, self.north)
        margin = 24 / self.px_per_deg
        self.wide_box = box(self.west - margin, south - margin, east + margin, self.north + margin)

    def drawn(self, geometry: BaseGeometry) -> BaseGeometry:
        """A geometry in tenths of a pixel, y downwards."""
        scale = np.array([self.px_per_deg * self.squeeze, -self.px_per_deg]) * TENTHS
        origin = np.array([self.west, self.north])
        return shapely.transform(geometry, lambda c: (c - origin) * scale)

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        """Pixels from the left and from the top."""
        return (lon - self.west) * self.px_per_deg * self.squeeze, (self.north - lat) * self.px_per_deg


def path_data(geometry: BaseGeometry, least_area: float) -> str:
    """The lines of a drawn geometry as compact relative path data."""
    parts: list[str] = []
    for part in shapely.get_parts(geometry).tolist():
        if isinstance(part, Polygon):
            if part.area >= least_area:
                parts += [_ring(ring.coords, closed=True) for ring in (part.exterior, *part.interiors)]
        elif isinstance(part, LineString):
            parts.append(_ring(part.coords, closed=False))
        elif hasattr(part, "geoms"):
            parts.append(path_data(part, least_area))
    return "".join(parts)


def _ring(coords: Iterable[Sequence[float]], *, closed: bool) -> str:
    points = [(round(c[0]), round(c[1])) for c in coords]
    x, y = points[0]
    steps = []
    for a, b in points[1 : -1 if closed else None]:
        if (a, b) != (x, y):
            steps.append(f"{a - x} {b - y}")
            x, y = a, b
    if not steps:
        return ""
    data = f"M{points[0][0]} {points[0][1]}l" + " ".join(steps)
    return (data + ("z" if closed else "")).replace(" -", "-")
