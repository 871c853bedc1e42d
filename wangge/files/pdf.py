"""PDF: whole, and without programs or other files inside. Pure.

Compressed object streams are unpacked and looked at too, within limits. Encrypted documents and disguised names cannot
be seen through: a PDF is always answered as a download in a sandbox (``views.py``), so this is the second wall.
"""

from __future__ import annotations

import re
import zlib

from wangge.files.content import Content
from wangge.files.refusals import broken, has_more_inside

HEADER = re.compile(rb"%PDF-[12]\.\d")
# names long enough never to stand in compressed bytes by chance
ACTIVE = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|ImportData|SubmitForm)(?![A-Za-z])")
OBJECT_STREAM = re.compile(rb"/ObjStm(?![A-Za-z])[^\0]{0,400}?stream\r?\n")
MOST_UNPACKED = 128 << 20  # bytes read and unpacked of all object streams of one document


def check_pdf(content: Content) -> None:
    """Raises unless the document ends where it says and holds nothing that acts."""
    end = content.rfind(b"%%EOF")
    if not HEADER.match(content) or end < 0 or content.rfind(b"startxref", 0, end) < 0:
        raise broken()
    if content[end + 5 :].strip(b"\r\n\t \0\x1a") or ACTIVE.search(content):
        raise has_more_inside()
    n_left = MOST_UNPACKED
    for found in OBJECT_STREAM.finditer(content):
        packed = content[found.end() : max(found.end(), content.find(b"endstream", found.end()))]
        objects = unpacked(packed, n_left)
        n_left -= len(packed) + len(objects)
        if n_left <= 0 or ACTIVE.search(objects):
            raise has_more_inside()


def unpacked(packed: bytes, n_most: int) -> bytes:
    """What a deflated stream holds, at most ``n_most`` bytes; nothing when it is packed otherwise."""
    try:
        return zlib.decompressobj().decompress(packed, n_most)
    except zlib.error:
        return b""
