"""MP4, M4A and MOV: the boxes of ISO/IEC 14496-12, walked from the first to the last byte. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wangge.files.content import Content, big_endian, taken
from wangge.files.refusals import broken, photo_format, unknown

MOST_BOXES = 100_000  # a file of 50 MB has some thousands; more is made to keep us busy
PHOTO_BRANDS = {
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"heim": "HEIC",
    b"hevc": "HEIC",
    b"mif1": "HEIC",
    b"msf1": "HEIC",
}
AVIF_BRANDS = {b"avif", b"avis"}


@dataclass(frozen=True)
class Box:
    kind: bytes
    starts: int  # of its header
    inner: int  # of what it holds
    ends: int


def boxes(content: Content, start: int, end: int) -> Iterator[Box]:
    """The boxes that fill ``start`` … ``end`` exactly; raises ``broken`` when they do not."""
    n_boxes = 0
    while start < end:
        n_boxes += 1
        size, kind, header = big_endian(content, start, 4), taken(content, start + 4, 4), 8
        if size == 1:
            size, header = big_endian(content, start + 8, 8), 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end or n_boxes > MOST_BOXES:
            raise broken()
        yield Box(kind, start, start + header, start + size)
        start += size


def inside(content: Content, box: Box, kind: bytes) -> Iterator[Box]:
    return (inner for inner in boxes(content, box.inner, box.ends) if inner.kind == kind)


def sniff_boxes(content: Content) -> tuple[str, str]:
    """Kind and media type of a file that begins with ``ftyp``: a film when it has pictures, else a recording."""
    brand = taken(content, 8, 4)
    if brand in AVIF_BRANDS:
        return "photo", "image/avif"
    if brand in PHOTO_BRANDS:
        raise photo_format(PHOTO_BRANDS[brand])
    top = list(boxes(content, 0, len(content)))
    kinds = {box.kind for box in top}
    if not kinds & {b"mdat", b"moof"}:
        raise broken()
    handlers: set[bytes] = set()
    for movie in (box for box in top if box.kind == b"moov"):
        handlers |= set(track_handlers(content, movie))
    if b"moov" not in kinds:
        raise broken()
    if b"vide" in handlers:
        return "video", "video/quicktime" if brand == b"qt  " else "video/mp4"
    if b"soun" in handlers:
        return "audio", "audio/mp4"
    raise unknown()


def track_handlers(content: Content, movie: Box) -> Iterator[bytes]:
    """What each track holds: ``vide``, ``soun``, …"""
    for track in inside(content, movie, b"trak"):
        for media in inside(content, track, b"mdia"):
            for handler in inside(content, media, b"hdlr"):
                yield taken(content, handler.inner + 8, 4)
