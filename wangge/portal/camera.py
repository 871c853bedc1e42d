"""Where a photo says it was taken. Read before the upload is cleaned, offered to the sender, never kept unasked."""

from __future__ import annotations

import math
from typing import Any

from PIL import Image

from wangge.kit.geo import check_lonlat

GPS = 0x8825
LAT_SIDE, LAT, LON_SIDE, LON = 1, 2, 3, 4


def position_in(photo: Any) -> tuple[float, float] | None:
    """Longitude and latitude (WGS-84 degrees) from the EXIF of a photo; None for everything else.

    Reads the head of the file only and leaves it at its beginning.
    """
    try:
        photo.seek(0)
        with Image.open(photo, formats=("JPEG", "PNG", "WEBP")) as opened:
            told = opened.getexif().get_ifd(GPS)
        lat = degrees(told.get(LAT), str(told.get(LAT_SIDE, "N")), "S")
        lon = degrees(told.get(LON), str(told.get(LON_SIDE, "E")), "W")
        if lat is None or lon is None or (lat == 0 and lon == 0):
            return None
        return check_lonlat(lon, lat)
    except Exception:  # whatever a damaged head makes the decoder raise: then the photo tells no place
        return None
    finally:
        photo.seek(0)


def degrees(parts: object, side: str, negative: str) -> float | None:
    """Degrees, minutes and seconds as one number."""
    if not isinstance(parts, tuple | list) or len(parts) != 3:
        return None
    whole, minutes, seconds = (float(part) for part in parts)
    value = whole + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        return None
    return -value if side.upper().startswith(negative) else value
