"""What recordings tell beside picture and sound (position, owner, device, titles): where it stands, so that it can be blanked.

Nothing is moved and no size changes, so what plays still plays: names become ones that players skip, contents become zeros.
Pure: bytes in, changes out. Photographs need none of this, they are written anew; AMR holds nothing but sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wangge.files import webm
from wangge.files.boxes import Box, boxes, inside
from wangge.files.content import Content, big_endian, little_endian, taken
from wangge.files.ogg import comment_changes
from wangge.files.refusals import broken, telling_track
from wangge.files.sounds import after_frames, after_id3

WITH_BOXES = ("video/mp4", "video/quicktime", "audio/mp4")
TELLING = {b"udta", b"meta", b"uuid", b"free", b"skip", b"emsg"}
HOLDING = {b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf", b"mvex", b"edts"}
PLAYED = {b"vide", b"soun"}
WAV_KEPT = {b"fmt ", b"data", b"fact"}
MOST_SAMPLES = 2_000_000


@dataclass(frozen=True)
class Change:
    """From ``start``: the bytes of ``new``, then ``n_zeros`` zeros."""

    start: int
    new: bytes = b""
    n_zeros: int = 0


def telling(content: Content, mime: str) -> list[Change]:
    """All that is to be written over a recording of this type; raises 422 when it cannot be taken out."""
    if mime in WITH_BOXES:
        return [*box_changes(content, 0, len(content)), *track_changes(content)]
    if mime.endswith("/webm"):
        return [Change(start, new, n) for start, new, n in webm.telling(content)]
    if mime == "audio/ogg":
        return [Change(start, new) for start, new in comment_changes(content)]
    if mime == "audio/wav":
        return list(wav_changes(content))
    if mime == "audio/mpeg":
        return list(mp3_changes(content))
    return []


# --- MP4, M4A, MOV -----------------------------------------------------------------------------------------------


def box_changes(content: Content, start: int, end: int) -> Iterator[Change]:
    """Boxes beside the tracks, at every level."""
    for box in boxes(content, start, end):
        if box.kind in TELLING:
            yield from freed(box)
        elif box.kind in HOLDING:
            yield from box_changes(content, box.inner, box.ends)


def freed(box: Box) -> Iterator[Change]:
    yield Change(box.starts + 4, b"free")
    yield Change(box.inner, n_zeros=box.ends - box.inner)


def track_changes(content: Content) -> Iterator[Change]:
    """Tracks that are neither picture nor sound: subtitles and timed notes hold a way, second by second."""
    top = list(boxes(content, 0, len(content)))
    is_in_parts = any(box.kind == b"moof" for box in top)
    for movie in (box for box in top if box.kind == b"moov"):
        for track in inside(content, movie, b"trak"):
            if handler_of(content, track) in PLAYED:
                continue
            if is_in_parts:  # its samples lie scattered over the parts
                raise telling_track()
            yield from sample_changes(content, track, [box for box in top if box.kind == b"mdat"])
            yield from freed(track)


def handler_of(content: Content, track: Box) -> bytes:
    for media in inside(content, track, b"mdia"):
        for handler in inside(content, media, b"hdlr"):
            return taken(content, handler.inner + 8, 4)
    return b""


def sample_changes(content: Content, track: Box, data: list[Box]) -> Iterator[Change]:
    """What the track holds within ``mdat``: its samples, chunk by chunk (ISO/IEC 14496-12, 8.7)."""
    for media in inside(content, track, b"mdia"):
        for info in inside(content, media, b"minf"):
            for table in inside(content, info, b"stbl"):
                yield from (zeroed(start, n, data) for start, n in chunks(content, table) if n)


def zeroed(start: int, n_bytes: int, data: list[Box]) -> Change:
    if not any(box.inner <= start and start + n_bytes <= box.ends for box in data):
        raise broken()
    return Change(start, n_zeros=n_bytes)


def chunks(content: Content, table: Box) -> Iterator[tuple[int, int]]:
    """Where each chunk of a track begins and how many bytes it has."""
    parts = {box.kind: box for box in boxes(content, table.inner, table.ends)}
    sizes = sample_sizes(content, parts)
    offsets = chunk_offsets(content, parts)
    runs = chunk_runs(content, parts)
    at = 0
    for number, offset in enumerate(offsets, 1):
        n_samples = next((n for first, n in reversed(runs) if first <= number), 0)
        yield offset, sum(sizes[at : at + n_samples])
        at += n_samples


def sample_sizes(content: Content, parts: dict[bytes, Box]) -> list[int]:
    if b"stsz" not in parts:
        raise telling_track()
    inner = parts[b"stsz"].inner
    same, n = big_endian(content, inner + 4, 4), big_endian(content, inner + 8, 4)
    if n > MOST_SAMPLES:
        raise broken()
    return [same] * n if same else numbers(content, inner + 12, n, 4)


def chunk_offsets(content: Content, parts: dict[bytes, Box]) -> list[int]:
    for kind, width in ((b"stco", 4), (b"co64", 8)):
        if kind in parts:
            inner = parts[kind].inner
            return numbers(content, inner + 8, big_endian(content, inner + 4, 4), width)
    raise broken()


def chunk_runs(content: Content, parts: dict[bytes, Box]) -> list[tuple[int, int]]:
    """From which chunk on there are how many samples in each."""
    if b"stsc" not in parts:
        raise broken()
    inner = parts[b"stsc"].inner
    found = numbers(content, inner + 8, 3 * big_endian(content, inner + 4, 4), 4)
    return list(zip(found[::3], found[1::3], strict=True))


def numbers(content: Content, start: int, n: int, width: int) -> list[int]:
    if n > 3 * MOST_SAMPLES:
        raise broken()
    whole = taken(content, start, n * width)
    return [int.from_bytes(whole[at : at + width], "big") for at in range(0, len(whole), width)]


# --- sound -------------------------------------------------------------------------------------------------------


def wav_changes(content: Content) -> Iterator[Change]:
    """Every chunk but the sound itself becomes ``JUNK``."""
    place, end = 12, len(content)
    while place < end - 1:
        kind, size = taken(content, place, 4), little_endian(content, place + 4, 4)
        if kind == b"data" and size in (0, 0xFFFFFFFF):
            return
        if kind not in WAV_KEPT:
            yield Change(place, b"JUNK")
            yield Change(place + 8, n_zeros=min(size, end - place - 8))
        place += 8 + size + size % 2


def mp3_changes(content: Content) -> Iterator[Change]:
    """The tag before the frames becomes padding, what stands behind them zeros."""
    begins, ends = after_id3(content), after_frames(content)
    if begins:
        yield Change(5, b"\0")
        yield Change(10, n_zeros=begins - 10)
    yield Change(ends, n_zeros=len(content) - ends)
