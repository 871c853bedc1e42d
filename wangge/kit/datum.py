"""The four coordinate systems met in China, and the way between them.

Positions are kept as they came together with their datum; this module converts once, to WGS-84.
GCJ-02 (AMap, Tencent) and BD-09 (Baidu) shift every point inside China by 50 to 700 metres. Their
formulas are not official; the ones here are those that all public converters share. They have no closed
inverse, so the inverse is found by fixed-point iteration until it is exact to 1e-12 degrees.
CGCS2000 differs from WGS-84 by centimetres and is treated as equal.
"""

from __future__ import annotations

import math
from enum import StrEnum
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class Datum(StrEnum):
    """The coordinate system a position was given in; the value is what is stored."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    CGCS2000 = "cgcs2000"


# The box inside which the public converters shift a point; outside it GCJ-02 and BD-09 are WGS-84.
CHINA_WEST, CHINA_SOUTH, CHINA_EAST, CHINA_NORTH = 72.004, 0.8293, 137.8347, 55.8271

# Ellipsoid of Krasovsky 1940, which the GCJ-02 formula divides by.
_KRASOVSKY_AXIS_M = 6_378_245.0
_KRASOVSKY_E2 = 0.00669342162296594323
_BD_WAVE = math.pi * 3000.0 / 180.0
_BD_EAST, _BD_NORTH = 0.0065, 0.006
_EXACT_DEG = 1e-12
_MOST_ROUNDS = 60


def is_in_china(lon: float, lat: float) -> bool:
    """Whether a WGS-84 point lies in the (rough, rectangular) area where GCJ-02 differs from WGS-84."""
    return bool(_is_between(lon, lat, 0.0))


def to_wgs84(lon: float, lat: float, datum: Datum | str) -> tuple[float, float]:
    """Longitude and latitude in degrees of ``datum``, as WGS-84 degrees (inside China exact to 1e-9)."""
    datum = Datum(datum)
    if datum in (Datum.WGS84, Datum.CGCS2000):
        return lon, lat
    x, y = lon, lat
    for _ in range(_MOST_ROUNDS):
        there_x, there_y = _forward(x, y, datum, math)
        off_x, off_y = there_x - lon, there_y - lat
        x, y = x - off_x, y - off_y
        if abs(off_x) < _EXACT_DEG and abs(off_y) < _EXACT_DEG:
            break
    return (x, y) if _came_from_china(x, y) else (lon, lat)


def from_wgs84(lon: float, lat: float, datum: Datum | str) -> tuple[float, float]:
    """WGS-84 degrees as degrees of ``datum``; the identity for CGCS2000 and outside China."""
    datum = Datum(datum)
    if datum in (Datum.WGS84, Datum.CGCS2000) or not is_in_china(lon, lat):
        return lon, lat
    x, y = _forward(lon, lat, datum, math)
    return float(x), float(y)


def to_wgs84_many(
    lon: npt.ArrayLike, lat: npt.ArrayLike, datum: Datum | str
) -> tuple[FloatArray, FloatArray]:
    """The same as :func:`to_wgs84` for whole arrays of degrees."""
    datum = Datum(datum)
    lons, lats = _arrays(lon, lat)
    if datum in (Datum.WGS84, Datum.CGCS2000):
        return lons, lats
    x, y = lons, lats
    for _ in range(_MOST_ROUNDS):
        there_x, there_y = _forward(x, y, datum, np)
        off_x, off_y = there_x - lons, there_y - lats
        x, y = x - off_x, y - off_y
        if not np.any(np.maximum(np.abs(off_x), np.abs(off_y)) >= _EXACT_DEG):
            break
    inside = _came_from_china(x, y)
    return np.where(inside, x, lons), np.where(inside, y, lats)


def from_wgs84_many(
    lon: npt.ArrayLike, lat: npt.ArrayLike, datum: Datum | str
) -> tuple[FloatArray, FloatArray]:
    """The same as :func:`from_wgs84` for whole arrays of degrees."""
    datum = Datum(datum)
    lons, lats = _arrays(lon, lat)
    if datum in (Datum.WGS84, Datum.CGCS2000):
        return lons, lats
    x, y = _forward(lons, lats, datum, np)
    inside = _is_between(lons, lats, 0.0)
    return np.where(inside, x, lons), np.where(inside, y, lats)


def _arrays(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _is_between(lon: Any, lat: Any, slack: float) -> Any:
    east_west = (lon >= CHINA_WEST - slack) & (lon <= CHINA_EAST + slack)
    return east_west & (lat >= CHINA_SOUTH - slack) & (lat <= CHINA_NORTH + slack)


def _came_from_china(lon: Any, lat: Any) -> Any:
    """Whether an inverse lies in the box; the slack keeps points of its very border, found to 1e-12."""
    return _is_between(lon, lat, 1e-9)


def _forward(lon: Any, lat: Any, datum: Datum, m: ModuleType) -> tuple[Any, Any]:
    """WGS-84 → GCJ-02 or BD-09 wherever the point is; ``m`` is ``math`` for numbers, ``numpy`` for arrays."""
    x, y = _gcj_from_wgs(lon, lat, m)
    return _bd_from_gcj(x, y, m) if datum is Datum.BD09 else (x, y)


def _gcj_from_wgs(lon: Any, lat: Any, m: ModuleType) -> tuple[Any, Any]:
    pi = math.pi
    x, y = lon - 105.0, lat - 35.0
    ripple = 20.0 * (m.sin(6.0 * pi * x) + m.sin(2.0 * pi * x))
    root = m.sqrt(abs(x))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m = north_m + (2.0 / 3.0) * (
        ripple
        + 20.0 * m.sin(pi * y)
        + 40.0 * m.sin(pi * y / 3.0)
        + 160.0 * m.sin(pi * y / 12.0)
        + 320.0 * m.sin(pi * y / 30.0)
    )
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m = east_m + (2.0 / 3.0) * (
        ripple
        + 20.0 * m.sin(pi * x)
        + 40.0 * m.sin(pi * x / 3.0)
        + 150.0 * m.sin(pi * x / 12.0)
        + 300.0 * m.sin(pi * x / 30.0)
    )
    phi = lat * (pi / 180.0)
    w2 = 1.0 - _KRASOVSKY_E2 * m.sin(phi) ** 2
    w = m.sqrt(w2)
    meridian_radius = _KRASOVSKY_AXIS_M * (1.0 - _KRASOVSKY_E2) / (w2 * w)
    parallel_radius = _KRASOVSKY_AXIS_M / w * m.cos(phi)
    return lon + east_m / parallel_radius * (180.0 / pi), lat + north_m / meridian_radius * (180.0 / pi)


def _bd_from_gcj(lon: Any, lat: Any, m: ModuleType) -> tuple[Any, Any]:
    radius = m.hypot(lon, lat) + 0.00002 * m.sin(_BD_WAVE * lat)
    angle = m.atan2(lat, lon) + 0.000003 * m.cos(_BD_WAVE * lon)
    return radius * m.cos(angle) + _BD_EAST, radius * m.sin(angle) + _BD_NORTH
