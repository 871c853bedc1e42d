"""Small real files of every kind, made here byte by byte, and the ways to spoil them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

from PIL import Image


def picture(
    size: tuple[int, int] = (64, 48), mode: str = "RGB", colour: object = (200, 30, 30)
) -> Image.Image:
    image = Image.new(mode, size, colour)
    image.paste((10, 200, 10) if mode == "RGB" else colour, (0, 0, size[0] // 2, size[1] // 2))
    return image


def photo(form: str = "JPEG", size: tuple[int, int] = (64, 48), **how: object) -> bytes:
    out = BytesIO()
    picture(size).save(out, form, **how)
    return out.getvalue()


def photo_with_position(orientation: int = 6) -> bytes:
    """A photo as a phone takes it: position, make and orientation in its EXIF."""
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif[0x0112] = orientation
    exif[0x8825] = {1: "N", 2: (36.0, 4.0, 12.0), 3: "E", 4: (120.0, 22.0, 48.0)}
    return photo(size=(640, 480), exif=exif.tobytes(), comment=b"taken at home")


def box(kind: bytes, *inner: bytes) -> bytes:
    content = b"".join(inner)
    return struct.pack(">I", len(content) + 8) + kind + content


def film(
    brand: bytes = b"isom", handlers: tuple[bytes, ...] = (b"vide", b"soun"), n_bytes: int = 400
) -> bytes:
    """MP4, MOV or M4A: boxes as a phone writes them, with the place of recording in ``udta``."""
    tracks = [
        box(b"trak", box(b"tkhd", b"\0" * 84), box(b"mdia", box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12)))
        for handler in handlers
    ]
    place = box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+36.0700+120.3800/"))
    movie = box(b"moov", box(b"mvhd", b"\0" * 100), *tracks, place)
    return box(b"ftyp", brand, b"\0\0\2\0", brand) + movie + box(b"mdat", b"\x5a" * n_bytes)


def element(identity: int, *inner: bytes, size: bytes | None = None) -> bytes:
    content = b"".join(inner)
    name = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
    return name + (size or (1 << 56 | len(content)).to_bytes(8, "big")) + content


UNKNOWN = b"\x01" + b"\xff" * 7


def webm(track_type: int = 2, *, streamed: bool = True, extra: bytes = b"", kind: bytes = b"webm") -> bytes:
    """WebM as a browser records it: segment and cluster of unknown size when streamed."""
    size = UNKNOWN if streamed else None
    tracks = element(0x1654AE6B, element(0xAE, element(0xD7, b"\1"), element(0x83, bytes([track_type]))))
    cluster = element(
        0x1F43B675, element(0xE7, b"\0"), element(0xA3, b"\x81\0\0\x80" + b"\x11" * 60), size=size
    )
    segment = element(
        0x18538067, element(0x1549A966, element(0x2AD7B1, b"\x0f\x42\x40")), tracks, extra, cluster, size=size
    )
    return element(0x1A45DFA3, element(0x4282, kind)) + segment


def ogg(codec: bytes = b"OpusHead") -> bytes:
    def page(content: bytes, flags: int, number: int) -> bytes:
        return (
            b"OggS\0"
            + bytes([flags])
            + struct.pack("<qIII", 0, 7, number, 0)
            + bytes([1, len(content)])
            + content
        )

    return page(codec + b"\1\1\0\0", 2, 0) + page(b"OpusTags" + b"\0" * 8, 0, 1) + page(b"\x44" * 200, 4, 2)


def mp3(n_frames: int = 8, *, id3: bool = True) -> bytes:
    frame = b"\xff\xfb\x90\x00" + b"\x55" * 413  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes
    tag = b"ID3\4\0\0\0\0\0\x14" + b"TIT2" + b"\0" * 16 if id3 else b""
    return tag + frame * n_frames


def wav(n_bytes: int = 320) -> bytes:
    sound = (
        b"fmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
        + b"data"
        + struct.pack("<I", n_bytes)
        + b"\1" * n_bytes
    )
    return b"RIFF" + struct.pack("<I", len(sound) + 4) + b"WAVE" + sound


def amr(n_frames: int = 10) -> bytes:
    return b"#!AMR\n" + (b"\x3c" + b"\x77" * 31) * n_frames


def pdf(inside: bytes = b"<< /Type /Catalog >>", *, packed: bytes | None = None) -> bytes:
    body = b"%PDF-1.5\n1 0 obj\n" + inside + b"\nendobj\n"
    if packed is not None:
        stream = zlib.compress(packed)
        head = b"<< /Type /ObjStm /N 1 /First 4 /Length %d /Filter /FlateDecode >>" % len(stream)
        body += b"2 0 obj\n" + head + b"\nstream\n" + stream + b"\nendstream\nendobj\n"
    return body + b"xref\n0 1\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def archive(name: str = "Evil.class") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(name, "cafebabe" * 20)
    return out.getvalue()


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says it is ``width`` × ``height``."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
