"""WebM: the elements of EBML (RFC 8794), walked from the first to the last byte. Pure.

Browsers record with segments and clusters of unknown size; their children are walked as if they stood beside them.
"""

from __future__ import annotations

from collections.abc import Iterator

from wangge.files.content import Content, big_endian, taken
from wangge.files.refusals import broken, has_more_inside, telling_track, unknown

MOST_ELEMENTS = 500_000
HEADER, DOCUMENT_TYPE = 0x1A45DFA3, 0x4282
SEGMENT, CLUSTER, TRACKS, TRACK, TRACK_TYPE = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0x83
ATTACHMENTS = 0x1941A469
BESIDE = {
    0x114D9B74,
    0x1549A966,
    0x1C53BB6B,
    0x1043A770,
    0x1254C367,
    0xEC,
    0xBF,
}  # seek, info, cues, chapters, tags …
IN_CLUSTER = {0xE7, 0xA3, 0xA0, 0xA7, 0xAB, 0xAF, 0x5854}
PICTURES, SOUND = 1, 2
CHAPTERS, TAGS, VOID = 0x1043A770, 0x1254C367, 0xEC
TELLING = {CHAPTERS, TAGS, VOID}


def sniff_webm(content: Content) -> tuple[str, str]:
    """Kind and media type of a file that begins with an EBML header."""
    identity, size, inner = element(content, 0)
    if identity != HEADER or size is None:
        raise broken()
    if document_type(content, inner, inner + size) != b"webm":
        raise unknown()
    found = walk(content, inner + size)
    if found - {PICTURES, SOUND}:
        raise telling_track()
    if PICTURES in found:
        return "video", "video/webm"
    if SOUND in found:
        return "audio", "audio/webm"
    raise unknown()


def walk(content: Content, start: int) -> set[int]:
    """The types of all tracks; raises when the elements do not fill the file exactly."""
    end = len(content)
    track_types: set[int] = set()
    seen: set[int] = set()
    n_elements = 0
    while start < end:
        identity, size, inner = element(content, start)
        n_elements += 1
        if identity == ATTACHMENTS:
            raise has_more_inside()
        if identity not in BESIDE | IN_CLUSTER | {SEGMENT, CLUSTER, TRACKS} or n_elements > MOST_ELEMENTS:
            raise broken()
        if (size is None and identity not in (SEGMENT, CLUSTER)) or (size is not None and inner + size > end):
            raise broken()
        if identity == SEGMENT and ((size is not None and inner + size != end) or SEGMENT in seen):
            raise has_more_inside()
        seen.add(identity)
        if identity == TRACKS and size is not None:
            track_types |= types_of_tracks(content, inner, inner + size)
        start = inner if identity == SEGMENT or size is None else inner + size
    if CLUSTER not in seen:
        raise broken()
    return track_types


def types_of_tracks(content: Content, start: int, end: int) -> set[int]:
    types: set[int] = set()
    while start < end:
        identity, size, inner = element(content, start)
        if size is None or inner + size > end:
            raise broken()
        if identity == TRACK:
            types |= types_of_tracks(content, inner, inner + size)
        elif identity == TRACK_TYPE:
            types.add(big_endian(content, inner, size))
        start = inner + size
    return types


def document_type(content: Content, start: int, end: int) -> bytes:
    while start < end:
        identity, size, inner = element(content, start)
        if size is None or inner + size > end:
            raise broken()
        if identity == DOCUMENT_TYPE:
            return taken(content, inner, size).rstrip(b"\0")
        start = inner + size
    raise unknown()


def element(content: Content, start: int) -> tuple[int, int | None, int]:
    """Identity, size (None: unknown) and where the content begins."""
    first = big_endian(content, start, 1)
    n_bytes = 9 - first.bit_length()
    if n_bytes > 4:
        raise broken()
    identity = big_endian(content, start, n_bytes)
    start += n_bytes
    first = big_endian(content, start, 1)
    n_bytes = 9 - first.bit_length()
    if n_bytes > 8:
        raise broken()
    mask = (1 << 7 * n_bytes) - 1
    size = big_endian(content, start, n_bytes) & mask
    return identity, None if size == mask else size, start + n_bytes


def telling(content: Content) -> Iterator[tuple[int, bytes, int]]:
    """Tags and chapters (position, owner, titles) as ``Void`` of the same length: where, the new header, zeros behind it."""
    _, size, start = element(content, 0)
    start += size or 0
    end = len(content)
    while start < end:
        identity, size, inner = element(content, start)
        if identity in TELLING and size is not None:
            n_bytes = inner + size - start
            # a size of one byte reaches to 126, one of eight as far as is needed
            width = 8 if n_bytes >= 9 else 1
            n_zeros = n_bytes - 1 - width
            yield start, bytes([VOID]) + (n_zeros | 1 << 7 * width).to_bytes(width, "big"), n_zeros
        start = inner if identity == SEGMENT or size is None else inner + size
