"""What is taken and what is refused, by content alone."""

from __future__ import annotations

import random

import pytest

from tests.files import media
from wangge.files.metadata import telling
from wangge.files.sniff import MAX_BYTES, sniff
from wangge.kit.errors import DomainError

WHOLE = {
    "jpeg": (media.photo(), "photo", "image/jpeg"),
    "png": (media.photo("PNG"), "photo", "image/png"),
    "webp": (media.photo("WEBP"), "photo", "image/webp"),
    "mp4": (media.film(), "video", "video/mp4"),
    "mov": (media.film(b"qt  "), "video", "video/quicktime"),
    "m4a": (media.film(b"M4A ", (b"soun",)), "audio", "audio/mp4"),
    "recorder's mp4 without pictures": (media.film(b"mp42", (b"soun",)), "audio", "audio/mp4"),
    "webm sound": (media.webm(2), "audio", "audio/webm"),
    "webm film": (media.webm(1), "video", "video/webm"),
    "webm with sizes": (media.webm(1, streamed=False), "video", "video/webm"),
    "opus": (media.ogg(), "audio", "audio/ogg"),
    "vorbis": (media.ogg(b"\x01vorbis"), "audio", "audio/ogg"),
    "mp3": (media.mp3(), "audio", "audio/mpeg"),
    "mp3 without tag": (media.mp3(id3=False), "audio", "audio/mpeg"),
    "mp3 with old tag": (media.mp3() + b"TAG" + b"\0" * 125, "audio", "audio/mpeg"),
    "wav": (media.wav(), "audio", "audio/wav"),
    "amr": (media.amr(), "audio", "audio/amr"),
    "pdf": (media.pdf(), "document", "application/pdf"),
    "pdf with packed objects": (media.pdf(packed=b"<< /Type /Font >>"), "document", "application/pdf"),
}
PAGE = b"<html><body><script>fetch('/api')</script></body></html>"


def refused(content: bytes) -> str:
    with pytest.raises(DomainError) as error:
        sniff(content)
    assert error.value.zh
    assert error.value.en
    assert error.value.status in (413, 415, 422)
    return error.value.code


@pytest.mark.parametrize("name", WHOLE)
def test_known_by_content(name: str) -> None:
    content, kind, mime = WHOLE[name]
    assert (sniff(content).kind, sniff(content).mime) == (kind, mime)


@pytest.mark.parametrize("name", [name for name in WHOLE if name not in ("jpeg", "png", "webp")])
def test_cut_short_is_refused(name: str) -> None:
    """Photos are cut-tested where they are opened, in test_store."""
    content = WHOLE[name][0]
    if "mp3" in name:  # a recorder may be stopped in the middle of a frame; two frames are no recording
        assert refused(content[:700]) == "file_broken"
        return
    for part in (len(content) // 3, len(content) // 2, len(content) - 7):
        assert refused(content[:part]) == "file_broken", part


@pytest.mark.parametrize("name", WHOLE)
def test_an_archive_behind_it_is_refused(name: str) -> None:
    assert refused(WHOLE[name][0] + media.archive()) in ("file_has_more_inside", "file_broken")


@pytest.mark.parametrize("name", WHOLE)
def test_a_page_behind_it_is_refused(name: str) -> None:
    assert refused(WHOLE[name][0] + PAGE) in ("file_has_more_inside", "file_broken")


@pytest.mark.parametrize("name", [name for name in WHOLE if not name.startswith(("jpeg", "png", "webp"))])
def test_anything_behind_it_is_refused(name: str) -> None:
    noise = random.Random(7).randbytes(3000)
    assert refused(WHOLE[name][0] + noise) in ("file_has_more_inside", "file_broken")


@pytest.mark.parametrize(
    "content",
    [
        media.SVG, PAGE, b"hello", b"MZ\x90\0" + b"\0" * 200, b"\x7fELF" + b"\0" * 60, b"GIF89a" + b"\0" * 40, b"%!PS-Adobe-3.0\n",
        media.archive(), b"\xff", b"BM" + b"\0" * 60, b"II*\0" + b"\0" * 50, media.webm(2, kind=b"matroska"), media.ogg(b"\x80theora"),
        b"#EXTM3U\n", b"\0" * 4096, "你好".encode(), b"RIFF\x10\0\0\0AVI LIST", media.film(handlers=(b"text",)),
    ],
)  # fmt: skip
def test_everything_else_is_refused(content: bytes) -> None:
    assert refused(content) == "file_kind"


def test_an_empty_file_is_refused() -> None:
    assert refused(b"") == "file_empty"


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_heic_is_refused_with_what_to_do(brand: bytes) -> None:
    assert refused(media.box(b"ftyp", brand, b"\0\0\0\0")) == "photo_format"


def test_webm_with_attachments_is_refused() -> None:
    attachment = media.element(0x1941A469, media.element(0x61A7, b"setup.exe"))
    assert refused(media.webm(1, extra=attachment)) == "file_has_more_inside"


@pytest.mark.parametrize(
    "name", [b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/SubmitForm"]
)
def test_pdf_that_acts_is_refused(name: bytes) -> None:
    acting = b"<< /S " + name + b" /F (cmd) >>"
    assert refused(media.pdf(acting)) == "file_has_more_inside"
    assert refused(media.pdf(packed=acting)) == "file_has_more_inside"


def test_pdf_that_unpacks_without_end_is_refused() -> None:
    streams = b"".join(
        media.pdf(packed=b"\0" * (40 << 20))[len(b"%PDF-1.5\n") :].partition(b"xref")[0] for _ in range(4)
    )
    assert refused(b"%PDF-1.5\n" + streams + b"startxref\n9\n%%EOF\n") == "file_has_more_inside"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("photo", media.photo() + b"\0" * (12 << 20)),
        ("audio", media.amr(400_000)),
        ("video", media.film(n_bytes=50 << 20)),
        ("document", media.pdf(b"<< /A (" + b"a" * (20 << 20) + b") >>")),
    ],
)
def test_too_large_is_refused(kind: str, content: bytes) -> None:
    assert len(content) > MAX_BYTES[kind]
    assert refused(content) == "file_too_large"


def test_positions_of_films_are_found_and_made_unreadable() -> None:
    content = media.film()
    changes = telling(content, "video/mp4")
    assert [(content[one.start : one.start + 4], one.new) for one in changes if one.new] == [
        (b"udta", b"free")
    ]


def test_random_damage_never_raises_anything_else() -> None:
    chance = random.Random(20260101)
    for content, _, _ in WHOLE.values():
        for _ in range(150):
            spoilt = bytearray(content)
            for _ in range(chance.randint(1, 12)):
                spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
            try:
                sniff(bytes(spoilt[: chance.randint(1, len(spoilt))]))
            except DomainError:
                continue
