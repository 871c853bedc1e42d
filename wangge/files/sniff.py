"""What a file is, by its content. Pure: bytes in, a kind or a refusal out.

The name and the type that the sender claims are never looked at. A container (video, sound, PDF) is walked from its
first byte to its last: what is cut short, or has something else attached behind it, is refused. Photographs are
only recognised here; ``photos.py`` opens them and writes them anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wangge.files.boxes import sniff_boxes
from wangge.files.content import Content, little_endian
from wangge.files.pdf import check_pdf
from wangge.files.refusals import empty, has_more_inside, too_large, unknown
from wangge.files.sounds import check_amr, check_mp3, check_ogg, check_wav, mp3_frame_bytes
from wangge.files.webm import sniff_webm

MAX_BYTES = {"photo": 12 << 20, "audio": 10 << 20, "video": 50 << 20, "document": 20 << 20}
MAX_BYTES_OF_ANY = max(MAX_BYTES.values())

ZIP_END = b"PK\x05\x06"
ZIP_TAIL = 65_557  # its end record with the longest comment
SCRIPTED = re.compile(
    rb"<script[\s>/]|<!doctype\s|<html[\s>]|<iframe[\s>]|<\?php\s|<svg\s{1,4}[a-z]{4}", re.IGNORECASE
)


@dataclass(frozen=True)
class Sniffed:
    """``kind`` is a value of ``FileKind``; ``mime`` is what the file is served as."""

    kind: str
    mime: str


def sniff(content: Content) -> Sniffed:
    """What the content is; raises DomainError 413, 415 or 422 with the reason when it is not taken."""
    if len(content) == 0:
        raise empty()
    kind, mime = recognised(content)
    if len(content) > MAX_BYTES[kind]:
        raise too_large(kind, MAX_BYTES[kind])
    if has_archive(content) or (kind != "document" and SCRIPTED.search(content)):
        raise has_more_inside()
    check_whole(content, mime)
    return Sniffed(kind, mime)


def recognised(content: Content) -> tuple[str, str]:
    """Kind and media type by the first bytes (for boxes and WebM also by the tracks within)."""
    head = content[:16]
    if head.startswith(b"\xff\xd8\xff"):
        return "photo", "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "photo", "image/png"
    if head.startswith(b"RIFF") and head[8:12] in (b"WEBP", b"WAVE"):
        return ("photo", "image/webp") if head[8:12] == b"WEBP" else ("audio", "audio/wav")
    if head[4:8] == b"ftyp":
        return sniff_boxes(content)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return sniff_webm(content)
    if head.startswith(b"OggS"):
        return "audio", "audio/ogg"
    if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "audio", "audio/amr"
    if head.startswith(b"%PDF-"):
        return "document", "application/pdf"
    if head.startswith(b"ID3") or mp3_frame_bytes(content, 0) is not None:
        return "audio", "audio/mpeg"
    raise unknown()


def check_whole(content: Content, mime: str) -> None:
    """Walk what was recognised by its first bytes alone."""
    if mime == "audio/mpeg":
        check_mp3(content)
    elif mime == "audio/ogg":
        check_ogg(content)
    elif mime == "audio/wav":
        check_wav(content)
    elif mime == "audio/amr":
        check_amr(content)
    elif mime == "application/pdf":
        check_pdf(content)


def has_archive(content: Content) -> bool:
    """Whether a zip (also .jar, .docx, .apk) ends here: programs read archives from their end."""
    place = content.rfind(ZIP_END, max(0, len(content) - ZIP_TAIL))
    if place < 0 or len(content) - place < 22:
        return False
    directory_bytes = little_endian(content, place + 12, 4)
    return content[place + 4 : place + 8] == b"\0\0\0\0" and directory_bytes <= place
