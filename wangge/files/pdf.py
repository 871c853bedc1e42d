"""PDF: whole, readable, and without programs or other files inside. Pure.

What acts by itself or leads out is refused: scripts, programs to start, files within, forms that send, films and sounds,
steps into other files, pages of the XFA kind. Plain links and jumps within the document stay. Names written in disguise
(``/J#61vaScript``) are read plainly; compressed object streams are unpacked, within limits; what cannot be read (protected,
packed in another way) is refused. Every PDF is answered as a download in a sandbox all the same (``views.py``).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from wangge.files.content import Content
from wangge.files.refusals import broken, encrypted, has_more_inside

HEADER = re.compile(rb"%PDF-[12]\.\d")
# names long enough never to stand in compressed bytes by chance: looked for everywhere
ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|ImportData|SubmitForm|Rendition|GoToR|GoToE)(?![A-Za-z])"
)
# short ones: looked for outside streams only
SHORT = re.compile(rb"/(?:JS|XFA|3D|U3D|Movie|Sound|Filespec)(?![A-Za-z0-9])")
ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z])")
STREAM = re.compile(rb"(?<!end)stream\r?\n")
DISGUISED = re.compile(rb"#([0-9A-Fa-f]{2})")
OBJECT_STREAM = re.compile(rb"/ObjStm(?![A-Za-z])[^\0]{0,400}?stream\r?\n")
PACKED_OTHERWISE = re.compile(rb"/(?:LZW|LZWDecode|ASCIIHex|AHx|ASCII85|A85|RunLength|RL|Crypt|Predictor)")
MOST_UNPACKED = 128 << 20  # bytes read and unpacked of all object streams of one document


def check_pdf(content: Content) -> None:
    """Raises unless the document ends where it says and holds nothing that acts."""
    end = content.rfind(b"%%EOF")
    if not HEADER.match(content) or end < 0 or content.rfind(b"startxref", 0, end) < 0:
        raise broken()
    if content[end + 5 :].strip(b"\r\n\t \0\x1a") or ACTIVE.search(content):
        raise has_more_inside()
    refuse_acting(plainly(outside_streams(content)))
    n_left = MOST_UNPACKED
    for packed in object_streams(content):
        objects = unpacked(packed, n_left)
        n_left -= len(packed) + len(objects)
        if n_left <= 0:
            raise has_more_inside()
        refuse_acting(plainly(objects))


def refuse_acting(objects: bytes) -> None:
    if ENCRYPTED.search(objects):
        raise encrypted()
    if ACTIVE.search(objects) or SHORT.search(objects):
        raise has_more_inside()


def outside_streams(content: Content) -> bytes:
    """The document without the contents of its streams; raises ``broken`` for a stream without an end."""
    parts, place = [], 0
    while begins := STREAM.search(content, place):
        ends = content.find(b"endstream", begins.end())
        if ends < 0:
            raise broken()
        parts.append(content[place : begins.start()])
        place = ends + len(b"endstream")
    return b" ".join([*parts, content[place:]])


def plainly(objects: bytes) -> bytes:
    """Names without their disguise: ``#4a`` is J."""
    return DISGUISED.sub(lambda found: bytes([int(found[1], 16)]), objects)


def object_streams(content: Content) -> Iterator[bytes]:
    """The packed objects; raises for streams that are packed in a way that cannot be read here."""
    for found in OBJECT_STREAM.finditer(content):
        before = content[max(0, found.start() - 400) : found.start()].rpartition(b" obj")[2]
        if PACKED_OTHERWISE.search(plainly(before + found.group())):
            raise has_more_inside()
        yield content[found.end() : max(found.end(), content.find(b"endstream", found.end()))]


def unpacked(packed: bytes, n_most: int) -> bytes:
    """What a stream of objects holds, at most ``n_most`` bytes; as it is when it is not deflated."""
    try:
        return zlib.decompressobj().decompress(packed, n_most)
    except zlib.error:
        return packed
