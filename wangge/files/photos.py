"""Photographs: opened, turned upright, made smaller and written anew, so that only the picture itself is left.

Position, camera, owner, comments, colour profiles and anything behind the picture are gone with the original file.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from wangge.files.refusals import broken, photo_format, too_many_pixels, too_many_scans

LONGEST_SIDE = 1600
THUMBNAIL_SIDE = 320
MAX_PIXELS = 50_000_000
MOST_SCANS = 100  # of a JPEG; cameras write one, the web ten, a bomb of a few megabytes some hundred thousand
START_OF_SCAN, END_OF_PICTURE = 0xDA, 0xD9
MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")  # within a scan: the next part that is none of its own
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 85

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# one picture at a time in a process: the largest permitted one takes 200 MB while it is open
OPENING = threading.Lock()


@dataclass(frozen=True)
class Photo:
    """A rewritten photograph and its thumbnail, both JPEG."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int


def rewrite(path: Path, mime: str) -> Photo:
    """Open an uploaded photograph and write it anew; raises DomainError 415 or 422 when that is not possible."""
    if mime == "image/avif":
        raise photo_format("AVIF")
    if mime == "image/jpeg" and has_too_many_scans(path.read_bytes()):
        raise too_many_scans()
    try:
        with OPENING, Image.open(path, formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise too_many_pixels(MAX_PIXELS)
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG: decoded small at once
            picture = upright(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels(MAX_PIXELS) from error
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        MemoryError,
        LookupError,
        TypeError,
        ArithmeticError,
    ) as error:
        raise broken() from error  # damaged files make the decoders raise any of these
    thumbnail = picture.copy()
    thumbnail.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Photo(as_jpeg(picture), as_jpeg(thumbnail), picture.width, picture.height)


def has_too_many_scans(jpeg: bytes) -> bool:
    """Whether the picture comes in so many passes that opening it is meant to take hours."""
    place, n_scans = 2, 0
    while n_scans <= MOST_SCANS and (found := MARKER.search(jpeg, place)):
        kind = found[1][0]
        if kind == END_OF_PICTURE:
            return False
        n_scans += kind == START_OF_SCAN
        place = found.end() + int.from_bytes(jpeg[found.end() : found.end() + 2], "big")
    return n_scans > MOST_SCANS


def upright(opened: Image.Image) -> Image.Image:
    """The bare picture in RGB, turned as the camera was held, transparent parts white."""
    if opened.mode == "P":
        opened = opened.convert("RGBA")
    opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    turned = ImageOps.exif_transpose(opened)
    bare = Image.new("RGB", turned.size, "white")
    if turned.mode in ("RGBA", "LA", "PA", "P") or "transparency" in turned.info:
        layered = turned.convert("RGBA")
        bare.paste(layered, mask=layered.getchannel("A"))
    else:
        bare.paste(turned.convert("RGB"))
    return bare


def as_jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    return out.getvalue()
