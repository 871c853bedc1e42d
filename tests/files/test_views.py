"""How files are answered."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.http import HttpResponseBase
from pytest_django import Settings

from tests.files import media
from wangge.files.actions import open_file, store
from wangge.files.models import StoredFile
from wangge.files.views import serve_file
from wangge.kit.errors import DomainError

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_FOLDER = tmp_path / "files"


def stored(content: bytes) -> StoredFile:
    return store(content, name="../../x.html", uploaded_by="user:1", at=NOW)


def body(response: HttpResponseBase) -> bytes:
    content = b"".join(response) if response.streaming else response.content
    response.close()
    return content


@pytest.mark.parametrize(
    ("content", "mime", "shown"),
    [
        (media.photo(), "image/jpeg", "inline"),
        (media.webm(2), "audio/webm", "inline"),
        (media.film(), "video/mp4", "inline"),
        (media.pdf(), "application/pdf", "attachment"),
    ],
)
def test_never_executed_and_never_kept_by_a_proxy(content: bytes, mime: str, shown: str) -> None:
    file = stored(content)
    response = serve_file(file)

    assert response["Content-Type"] == mime
    assert response["Content-Disposition"].startswith(f'{shown}; filename="{file.kind}-')
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"].startswith("private")
    assert body(response) == open_file(file).read_bytes()
    download = serve_file(file, download=True)
    assert download["Content-Disposition"].startswith("attachment")
    download.close()


def test_thumbnails_are_for_photos() -> None:
    photo, sound = stored(media.photo(size=(900, 900))), stored(media.amr())
    with pytest.raises(DomainError) as refused:
        serve_file(sound, thumbnail=True)
    assert refused.value.status == 404
    assert body(serve_file(photo, thumbnail=True)).startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=0-99999999", 206, slice(0, None)),
        ("bytes=99999999-", 416, slice(0, 0)),
        ("bytes=0-1,3-4", 200, slice(0, None)),
        ("nonsense", 200, slice(0, None)),
    ],
)
def test_players_may_ask_for_a_part(asked: str, status: int, expected: slice) -> None:
    file = stored(media.film())
    whole = open_file(file).read_bytes()
    response = serve_file(file, range_header=asked)
    assert response.status_code == status
    answer = body(response)
    assert answer == whole[expected]
    if status == 206:
        assert response["Content-Length"] == str(len(answer))
        assert response["Content-Range"].endswith(f"/{len(whole)}")


def test_a_file_that_is_gone_from_the_disk_says_so() -> None:
    file = stored(media.amr())
    open_file(file).unlink()
    with pytest.raises(DomainError) as refused:
        serve_file(file)
    assert refused.value.code == "file_missing"
