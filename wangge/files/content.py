"""The bytes of an upload, in memory or mapped from a file; read as numbers without running off the end. Pure."""

from __future__ import annotations

import mmap

from wangge.files.refusals import broken

Content = bytes | mmap.mmap


def taken(content: Content, start: int, n_bytes: int) -> bytes:
    """Exactly ``n_bytes`` from ``start``; raises ``broken`` when the file ends before."""
    part = content[start : start + n_bytes]
    if len(part) != n_bytes:
        raise broken()
    return part


def big_endian(content: Content, start: int, n_bytes: int) -> int:
    return int.from_bytes(taken(content, start, n_bytes), "big")


def little_endian(content: Content, start: int, n_bytes: int) -> int:
    return int.from_bytes(taken(content, start, n_bytes), "little")
