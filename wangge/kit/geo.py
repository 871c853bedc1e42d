"""Places in WGS-84 degrees: checking, measuring, boundaries, and "which area is this point in".

Boundaries are stored as WKB with their bounding box in columns; every predicate is computed here, in
memory, with shapely. Longitude comes first everywhere. Lengths are metres, areas square metres.
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt
import shapely
from shapely.errors import GEOSException
from shapely.geometry import Polygon, shape
from shapely.geometry.base import BaseGeometry

from wangge.kit.datum import (
    Datum,
    FloatArray,
    from_wgs84,
    from_wgs84_many,
    is_in_china,
    to_wgs84,
    to_wgs84_many,
)
from wangge.kit.errors import Invalid

__all__ = [
    "Bbox",
    "Datum",
    "LocalPlane",
    "Locator",
    "area_m2",
    "bbox_around",
    "bbox_of",
    "check_lonlat",
    "distance_m",
    "distance_m_many",
    "from_wgs84",
    "from_wgs84_many",
    "geojson_to_wkb",
    "geometry_of",
    "is_in_china",
    "label_point",
    "to_wgs84",
    "to_wgs84_many",
    "wkb_to_geojson",
]

MEAN_RADIUS_M = 6_371_008.8  # mean radius R1 of WGS-84 (IUGG)
WGS84_AXIS_M = 6_378_137.0
WGS84_E2 = 0.00669437999014
BOUNDARY_TYPES = ("Polygon", "MultiPolygon")


class Bbox(NamedTuple):
    """A rectangle in degrees: west ≤ lon ≤ east, south ≤ lat ≤ north (borders belong to it)."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether the point lies in the rectangle or on its border."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def meets(self, other: Bbox) -> bool:
        """Whether two rectangles share at least a point."""
        east_west = self.west <= other.east and other.west <= self.east
        return east_west and self.south <= other.north and other.south <= self.north

    def joined(self, other: Bbox) -> Bbox:
        """The smallest rectangle around both."""
        return Bbox(
            min(self.west, other.west),
            min(self.south, other.south),
            max(self.east, other.east),
            max(self.north, other.north),
        )

    def grown(self, metres: float) -> Bbox:
        """The rectangle widened by so many metres on each side (narrowed when negative)."""
        d_lat = math.degrees(metres / MEAN_RADIUS_M)
        widest = max(abs(self.south), abs(self.north))
        d_lon = d_lat / max(math.cos(math.radians(min(widest, 89.9))), 1e-6)
        return Bbox(self.west - d_lon, self.south - d_lat, self.east + d_lon, self.north + d_lat)


def check_lonlat(lon: object, lat: object) -> tuple[float, float]:
    """The two numbers as WGS-84 degrees, or a refusal (422) that says what is wrong with them.

    Accepts numbers and numerals. ``0, 0`` is refused: devices send it when they have no position.
    """
    x, y = _number(lon, "lon", "经度", "longitude"), _number(lat, "lat", "纬度", "latitude")
    if abs(x) <= 90 < abs(y) <= 180:
        raise Invalid(
            "position",
            f"经纬度好像写反了:经度 {x:g}、纬度 {y:g}。请先写经度(东西),再写纬度(南北)。",
            f"Longitude and latitude seem swapped: {x:g}, {y:g}. Give the longitude (east) first.",
        )
    if abs(x) > 180:
        raise Invalid(
            "lon",
            f"经度 {x:g} 超出范围,应在 -180 到 180 之间。",
            f"Longitude {x:g} is out of range; give a value between -180 and 180.",
        )
    if abs(y) > 90:
        raise Invalid(
            "lat",
            f"纬度 {y:g} 超出范围,应在 -90 到 90 之间。",
            f"Latitude {y:g} is out of range; give a value between -90 and 90.",
        )
    if x == 0 and y == 0:
        raise Invalid(
            "position",
            "没有得到定位(经纬度都是 0)。请在地图上点选位置,或写明地址。",
            "There is no position (both are 0). Point at the map, or write the address.",
        )
    return x, y


def _number(value: object, field: str, zh: str, en: str) -> float:
    try:
        number = float(cast("str | float", value))
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise Invalid(
            field,
            f"{zh}不是数字:{value!r:.40}。请填写以度为单位的小数,例如 120.19。",
            f"The {en} is not a number: {value!r:.40}. Give decimal degrees such as 120.19.",
        )
    return number


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance in metres (haversine on the mean sphere; within 0.6 % of the ellipsoid)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    h = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * MEAN_RADIUS_M * math.asin(math.sqrt(min(1.0, h)))


def distance_m_many(lon: float, lat: float, lons: npt.ArrayLike, lats: npt.ArrayLike) -> FloatArray:
    """Metres from one point to each of many."""
    phi1, phi2 = math.radians(lat), np.radians(np.asarray(lats, dtype=np.float64))
    d_lon = np.radians(np.asarray(lons, dtype=np.float64) - lon)
    h = np.sin((phi2 - phi1) / 2) ** 2 + math.cos(phi1) * np.cos(phi2) * np.sin(d_lon / 2) ** 2
    return np.asarray(2 * MEAN_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, h))))


def bbox_around(lon: float, lat: float, radius_m: float) -> Bbox:
    """The rectangle that holds every point within ``radius_m`` metres of the given one."""
    return Bbox(lon, lat, lon, lat).grown(radius_m * 1.001)


def bbox_of(geometry: bytes | BaseGeometry) -> Bbox:
    """The bounding rectangle of a boundary (WKB or shapely)."""
    return Bbox(*geometry_of(geometry).bounds)


class LocalPlane:
    """Metres east and north of an origin: a flat map good to 0.1 % within 30 km of it."""

    def __init__(self, lon: float, lat: float) -> None:
        self.lon, self.lat = lon, lat
        phi = math.radians(lat)
        w2 = 1 - WGS84_E2 * math.sin(phi) ** 2
        self.m_per_deg_lat = math.radians(WGS84_AXIS_M * (1 - WGS84_E2) / w2**1.5)
        self.m_per_deg_lon = math.radians(WGS84_AXIS_M / math.sqrt(w2) * math.cos(phi))

    def to_metres(self, lon: float, lat: float) -> tuple[float, float]:
        """Metres east and north of the origin."""
        return (lon - self.lon) * self.m_per_deg_lon, (lat - self.lat) * self.m_per_deg_lat

    def to_degrees(self, east_m: float, north_m: float) -> tuple[float, float]:
        """WGS-84 degrees of a point given in metres."""
        return self.lon + east_m / self.m_per_deg_lon, self.lat + north_m / self.m_per_deg_lat

    def flat(self, geometry: BaseGeometry) -> BaseGeometry:
        """A geometry in degrees, redrawn in metres."""
        scale = np.array([self.m_per_deg_lon, self.m_per_deg_lat])
        origin = np.array([self.lon, self.lat])
        return shapely.transform(geometry, lambda c: (c - origin) * scale)

    def round_earth(self, geometry: BaseGeometry, decimals: int = 8) -> BaseGeometry:
        """A geometry in metres, redrawn in degrees rounded to ``decimals`` (8 are one millimetre)."""
        scale = np.array([self.m_per_deg_lon, self.m_per_deg_lat])
        origin = np.array([self.lon, self.lat])
        return shapely.transform(geometry, lambda c: np.round(c / scale + origin, decimals))


def area_m2(geometry: bytes | BaseGeometry) -> float:
    """Area on the WGS-84 ellipsoid in square metres, exact for any size (authalic cylinder)."""
    flat = shapely.transform(geometry_of(geometry), _equal_area)
    return float(flat.area)


def _equal_area(degrees: FloatArray) -> FloatArray:
    """Lambert's cylindrical equal-area projection of the ellipsoid (Snyder 1987, eq. 10-15, 3-12)."""
    e = math.sqrt(WGS84_E2)
    s = np.sin(np.radians(degrees[:, 1]))
    q = (1 - WGS84_E2) * (s / (1 - WGS84_E2 * s * s) + np.arctanh(e * s) / e)
    return np.column_stack([WGS84_AXIS_M * np.radians(degrees[:, 0]), WGS84_AXIS_M * q / 2])


def geometry_of(boundary: bytes | BaseGeometry) -> BaseGeometry:
    """The shapely geometry of a stored boundary."""
    if isinstance(boundary, BaseGeometry):
        return boundary
    return shapely.from_wkb(bytes(boundary))


def geojson_to_wkb(geojson: str | Mapping[str, Any], *, types: tuple[str, ...] = BOUNDARY_TYPES) -> bytes:
    """A GeoJSON geometry (or Feature) as two-dimensional WKB; refuses (422) what is not a sound boundary.

    Refused: not JSON, another geometry type than ``types``, empty, outside the degrees of the Earth
    (projected metres by mistake), or crossing itself.
    """
    geometry = _parse_geojson(geojson)
    if geometry.geom_type not in types or geometry.is_empty:
        wanted = " / ".join(types)
        raise Invalid(
            "boundary",
            f"边界类型应为 {wanted},收到的是 {geometry.geom_type}{'(空)' if geometry.is_empty else ''}。",
            f"The boundary must be a {wanted}, not {geometry.geom_type}.",
        )
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid(
            "boundary",
            "边界坐标不是经纬度(超出 ±180、±90)。请先转换为 WGS-84 经纬度再导入。",
            "The coordinates are not degrees (beyond ±180, ±90). Convert them to WGS-84 first.",
        )
    reason = shapely.is_valid_reason(geometry)
    if reason != "Valid Geometry":
        raise Invalid(
            "boundary",
            f"边界图形自相交或不闭合({reason})。请在绘图软件中修复后再导入。",
            f"The boundary crosses itself or is broken ({reason}). Repair it and import again.",
        )
    return shapely.to_wkb(geometry)


def _parse_geojson(geojson: str | Mapping[str, Any]) -> BaseGeometry:
    try:
        value = json.loads(geojson) if isinstance(geojson, str) else geojson
        if value.get("type") == "Feature":
            value = value["geometry"]
        geometry = shapely.force_2d(shape(dict(value)))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, GEOSException) as error:
        raise Invalid(
            "boundary",
            "边界不是有效的 GeoJSON。请检查括号和坐标,或从地图上重新导出。",
            f"The boundary is not valid GeoJSON ({type(error).__name__}). Export it from the map again.",
        ) from error
    return geometry


def wkb_to_geojson(boundary: bytes | BaseGeometry, *, decimals: int | None = None) -> dict[str, Any]:
    """A stored boundary as a GeoJSON geometry; ``decimals`` rounds the degrees (6 are 0.1 metre)."""
    geometry = geometry_of(boundary)
    if decimals is not None:
        geometry = shapely.transform(geometry, lambda c: np.round(c, decimals))
    listed: dict[str, Any] = json.loads(shapely.to_geojson(geometry))
    return listed


def label_point(geometry: bytes | BaseGeometry) -> tuple[float, float]:
    """A point well inside the boundary, where its name may stand."""
    area = geometry_of(geometry)
    if not isinstance(area, Polygon):
        area = max(shapely.get_parts(area), key=lambda part: float(part.area))
    west, south, east, north = area.bounds
    point = shapely.maximum_inscribed_circle(area, tolerance=max(east - west, north - south) / 50)
    x, y = shapely.get_coordinates(point)[0]
    return float(x), float(y)


class _Ordered(Hashable, Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


Id = TypeVar("Id", bound=_Ordered)


class Locator(Generic[Id]):
    """Which area of each layer a point lies in, from memory (about 15 µs a point).

    Built once from ``(id, layer, wkb)``; never changed afterwards, so threads may share it.
    A point on a border belongs to the smallest id of the areas that meet there.
    """

    def __init__(self, areas: Iterable[tuple[Id, str, bytes]]) -> None:
        rows = sorted(areas, key=lambda row: row[0])
        self._ids = [row[0] for row in rows]
        self._layers = [row[1] for row in rows]
        self._shapes = shapely.from_wkb(np.array([bytes(row[2]) for row in rows], dtype=object))
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self._warm_up()

    def __len__(self) -> int:
        return len(self._ids)

    def _warm_up(self) -> None:
        """Build the lazy indexes now: GEOS must not build them in two threads at once."""
        for area in self._shapes:
            if not area.is_empty:
                west, south, east, north = area.bounds
                shapely.intersects_xy(area, (west + east) / 2, (south + north) / 2)
        self._tree.query(shapely.Point(0, 0))

    def locate(self, lon: float, lat: float) -> dict[str, Id]:
        """The id of the area that holds the WGS-84 point, by layer; a layer without one is left out."""
        near = self._tree.query(shapely.Point(lon, lat))
        if not len(near):
            return {}
        holds = shapely.intersects_xy(self._shapes[near], lon, lat)
        found: dict[str, Id] = {}
        for index in sorted(near[holds].tolist()):
            found.setdefault(self._layers[index], self._ids[index])
        return found

    def nearest(self, lon: float, lat: float, layer: str, within_m: float) -> tuple[Id, float] | None:
        """The nearest area of a layer and its distance in metres, 0 inside; None beyond ``within_m``.

        For positions a little outside (GPS drift at the shore): to propose, never to decide.
        """
        reach = shapely.box(*bbox_around(lon, lat, within_m))
        plane, here = LocalPlane(lon, lat), shapely.Point(0, 0)
        best: tuple[float, int] | None = None
        for index in sorted(self._tree.query(reach).tolist()):
            if self._layers[index] != layer:
                continue
            metres = float(shapely.distance(here, plane.flat(self._shapes[index])))
            if metres <= within_m and (best is None or metres < best[0]):
                best = (metres, index)
        return None if best is None else (self._ids[best[1]], best[0])
