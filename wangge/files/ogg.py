"""Ogg: pages (RFC 3533) and the comments in them, which hold titles, owners and positions. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wangge.files.content import Content, big_endian, taken
from wangge.files.refusals import broken

COMMENTS = (b"OpusTags", b"\x03vorbis")
CHECKSUM_AT = 22  # in a page's header
LONGEST_COMMENTS = 4 << 20  # a cover picture; more is no comment


def checksum_table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1
        found.append(value & 0xFFFFFFFF)
    return tuple(found)


TABLE = checksum_table()


def checksum(page: bytes) -> int:
    """The CRC of a page whose own checksum field is zero (RFC 3533, section 6)."""
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ TABLE[value >> 24 ^ byte]
    return value


@dataclass(frozen=True)
class Page:
    starts: int
    inner: int
    ends: int
    lacing: bytes  # the size of each segment; below 255 a packet ends


def pages(content: Content) -> Iterator[Page]:
    place, end = 0, len(content)
    while place < end:
        n_segments = big_endian(content, place + 26, 1)
        lacing = taken(content, place + 27, n_segments)
        inner = place + 27 + n_segments
        yield Page(place, inner, inner + sum(lacing), lacing)
        place = inner + sum(lacing)


def comment_changes(content: Content) -> Iterator[tuple[int, bytes]]:
    """Each page that holds a part of the comments, anew: every value zeroed by spaces, the checksum right again."""
    packet, spans, listed = second_packet(content)
    if not packet.startswith(COMMENTS):
        if any(marker in packet for marker in COMMENTS):
            raise broken()
        return
    clean = without_values(packet)
    at = 0
    for page in listed:
        new = bytearray(taken(content, page.starts, page.ends - page.starts))
        for start, n_bytes in spans[page.starts]:
            new[start - page.starts : start - page.starts + n_bytes] = clean[at : at + n_bytes]
            at += n_bytes
        new[CHECKSUM_AT : CHECKSUM_AT + 4] = b"\0\0\0\0"
        new[CHECKSUM_AT : CHECKSUM_AT + 4] = checksum(bytes(new)).to_bytes(4, "little")
        yield page.starts, bytes(new)


def second_packet(content: Content) -> tuple[bytes, dict[int, list[tuple[int, int]]], list[Page]]:
    """The second packet, where its bytes lie in each page, and those pages."""
    packet, number = bytearray(), 0
    spans: dict[int, list[tuple[int, int]]] = {}
    listed: list[Page] = []
    for page in pages(content):
        at = page.inner
        for size in page.lacing:
            if number == 1 and size:
                packet += taken(content, at, size)
                if page.starts not in spans:
                    listed.append(page)
                spans.setdefault(page.starts, []).append((at, size))
            at += size
            number += size < 255
        if number > 1:
            break
        if len(packet) > LONGEST_COMMENTS:
            raise broken()
    return bytes(packet), spans, listed


def without_values(packet: bytes) -> bytes:
    """The comment header with every ``NAME=value`` as spaces behind its name's place; the maker of the program too."""
    clean = bytearray(packet)
    at = 8 if packet.startswith(b"OpusTags") else 7
    vendor = length(packet, at)
    clean[at + 4 : at + 4 + vendor] = b" " * vendor
    at += 4 + vendor
    n_comments = length(packet, at)
    at += 4
    for _ in range(min(n_comments, 100_000)):
        size = length(packet, at)
        if at + 4 + size > len(packet):
            raise broken()
        clean[at + 4 : at + 4 + size] = (b"X=" + b" " * size)[:size]
        at += 4 + size
    if packet.startswith(b"OpusTags") and at < len(packet):  # what may follow is the writer's own
        clean[at:] = b"\0" * (len(packet) - at)
    return bytes(clean)


def length(packet: bytes, at: int) -> int:
    """A length of four bytes; raises ``broken`` when it leads past the end."""
    found = int.from_bytes(packet[at : at + 4], "little")
    if at + 4 > len(packet) or found > len(packet):
        raise broken()
    return found
