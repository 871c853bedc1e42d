"""A place as it was given and as it is used: converted once, the original kept."""

from __future__ import annotations

import math
from dataclasses import dataclass

from wangge.kit.datum import Datum, to_wgs84
from wangge.kit.errors import Invalid
from wangge.kit.geo import check_lonlat

FARTHEST_M = 100_000.0  # an accuracy beyond this says nothing about the place
SOURCES = ("", "gps", "map", "address", "camera", "sensor", "upstream", "dispatcher", "import")


@dataclass(frozen=True)
class Position:
    """Degrees: ``lon``, ``lat`` in WGS-84; ``raw_lon``, ``raw_lat`` as given, in ``datum``.

    ``accuracy_m``: radius in metres in which the place truly lies, None when nobody said. ``source``: how it was
    found: gps, map, address, camera, sensor, upstream, dispatcher, import, or empty.
    """

    lon: float
    lat: float
    raw_lon: float
    raw_lat: float
    datum: str
    accuracy_m: float | None = None
    source: str = ""

    @classmethod
    def given(
        cls,
        lon: object,
        lat: object,
        datum: str = Datum.WGS84.value,
        accuracy_m: object = None,
        source: str = "",
    ) -> Position:
        """A position from outside: numbers or numerals in ``datum``; Invalid (422) says what is wrong.

        A bad accuracy is refused; an unknown one (None, empty) is kept as unknown: accuracy never blocks.
        """
        try:
            system = Datum(str(datum).lower())
        except ValueError as error:
            raise Invalid(
                "datum",
                f"坐标系“{datum}”不认识。请用 wgs84、gcj02、bd09 或 cgcs2000。",
                f"Unknown datum “{datum}”. Use wgs84, gcj02, bd09 or cgcs2000.",
            ) from error
        if source not in SOURCES:
            raise Invalid(
                "source",
                f"位置来源“{source}”不认识。请用:{'、'.join(SOURCES[1:])}。",
                f"Unknown source “{source}”. Use one of: {', '.join(SOURCES[1:])}.",
            )
        raw_lon, raw_lat = check_lonlat(lon, lat)
        x, y = to_wgs84(raw_lon, raw_lat, system)
        return cls(x, y, raw_lon, raw_lat, system.value, _accuracy(accuracy_m), source)

    @property
    def point(self) -> str:
        """The place as PostgreSQL's ``point``: ``(lon,lat)``."""
        return f"({self.lon!r},{self.lat!r})"


def _accuracy(given: object) -> float | None:
    if given is None or given == "":
        return None
    try:
        metres = float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        metres = math.nan
    if not math.isfinite(metres) or metres < 0:
        raise Invalid(
            "accuracy_m",
            f"定位精度“{given!r:.20}”不是米数。请填写大于等于 0 的数,或留空。",
            f"Accuracy {given!r:.20} is no number of metres. Give 0 or more, or leave it out.",
        )
    return min(metres, FARTHEST_M)
