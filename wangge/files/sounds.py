"""MP3, OGG, WAV and AMR, walked frame by frame from the first to the last byte. Pure."""

from __future__ import annotations

from wangge.files.content import Content, big_endian, little_endian, taken
from wangge.files.refusals import broken, has_more_inside, unknown

# kbit/s by index: MPEG 1 layer III; MPEG 2 and 2.5 layer III
BITRATES = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
SAMPLE_RATES = {
    3: (44100, 48000, 32000),
    2: (22050, 24000, 16000),
    0: (11025, 12000, 8000),
}  # by version bits
LEAST_FRAMES = 3
OLD_TAG_BYTES = 128  # ID3 version 1
# bytes of a frame by its type, header byte included (3GPP TS 26.101 and 26.201, storage format RFC 4867)
AMR_FRAMES = {0: 13, 1: 14, 2: 16, 3: 18, 4: 20, 5: 21, 6: 27, 7: 32, 8: 6, 15: 1}
AMR_WIDE_FRAMES = {0: 18, 1: 24, 2: 33, 3: 37, 4: 41, 5: 47, 6: 51, 7: 59, 8: 61, 9: 6, 14: 1, 15: 1}


def check_mp3(content: Content) -> None:
    """Raises unless the file is ID3 tags and layer III frames and nothing else; the last frame may be cut."""
    place, n_frames = walked_frames(content)
    if n_frames < LEAST_FRAMES:
        raise broken()
    rest = content[place:].lstrip(b"\0")
    is_old_tag = rest.startswith(b"TAG") and len(rest) == OLD_TAG_BYTES
    if rest and not is_old_tag and not rest.startswith((b"APETAGEX", b"LYRICSBEGIN")):
        raise has_more_inside()


def walked_frames(content: Content) -> tuple[int, int]:
    """Where the layer III frames end (the last may be cut), and how many there are."""
    place, end, n_frames = after_id3(content), len(content), 0
    while place < end:
        size = mp3_frame_bytes(content, place)
        if size is None:
            break
        n_frames += 1
        place += size
    return place, n_frames


def after_frames(content: Content) -> int:
    """Where whatever stands behind the frames begins."""
    return min(walked_frames(content)[0], len(content))


def after_id3(content: Content) -> int:
    if content[:3] != b"ID3":
        return 0
    flags = big_endian(content, 5, 1)
    size = 0
    for byte in taken(content, 6, 4):
        size = size << 7 | byte & 0x7F
    place = 10 + size + (10 if flags & 0x10 else 0)
    while content[place : place + 1] == b"\0":  # padding that some programs leave behind the tag
        place += 1
    return place


def mp3_frame_bytes(content: Content, place: int) -> int | None:
    """Length of the layer III frame that begins here; None when none does."""
    head = content[place : place + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return None
    kbits = BITRATES[3 if version == 3 else 2][bitrate]
    per_second = 144_000 if version == 3 else 72_000
    return per_second * kbits // SAMPLE_RATES[version][rate] + (head[2] >> 1 & 1)


def check_ogg(content: Content) -> None:
    """Raises unless the pages (RFC 3533) fill the file and begin with Opus, Vorbis or Speex."""
    place, end = 0, len(content)
    first_page_holds = b""
    while place < end:
        if taken(content, place, 5) != b"OggS\0":
            raise has_more_inside()
        n_segments = big_endian(content, place + 26, 1)
        inner = place + 27 + n_segments
        size = sum(taken(content, place + 27, n_segments))
        if inner + size > end:
            raise broken()
        first_page_holds = first_page_holds or taken(content, inner, min(size, 8))
        place = inner + size
    if not first_page_holds.startswith((b"OpusHead", b"\x01vorbis", b"Speex   ")):
        raise unknown()


def check_wav(content: Content) -> None:
    """Raises unless the chunks fill the file and one of them holds the sound."""
    end = len(content)
    if little_endian(content, 4, 4) not in (end - 8, end - 9, 0, 0xFFFFFFFF):
        raise broken()
    place, kinds = 12, set()
    while place < end - 1:
        kind, size = taken(content, place, 4), little_endian(content, place + 4, 4)
        if kind == b"data" and size in (0, 0xFFFFFFFF):  # a recorder that streamed
            size = end - place - 8
        if place + 8 + size > end:
            raise broken()
        kinds.add(kind)
        place += 8 + size + size % 2
    if not {b"fmt ", b"data"} <= kinds:
        raise broken()


def check_amr(content: Content) -> None:
    """Raises unless frames fill the file."""
    is_wide = content[:9] == b"#!AMR-WB\n"
    sizes = AMR_WIDE_FRAMES if is_wide else AMR_FRAMES
    place, end = 9 if is_wide else 6, len(content)
    if place == end:
        raise broken()
    while place < end:
        size = sizes.get(big_endian(content, place, 1) >> 3 & 15)
        if size is None:
            raise has_more_inside()
        place += size
    if place > end:
        raise broken()
