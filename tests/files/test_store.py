"""Uploads on the real disk and in the real database."""

from __future__ import annotations

import io
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import connections, transaction
from PIL import Image
from pytest_django import Settings

from tests.files import media
from wangge.files import actions, doctor, folder
from wangge.files.models import FileKind, StoredFile
from wangge.kit.errors import DomainError

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ME, OTHER = "visit:me", "visit:other"


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.FILES_FOLDER = tmp_path / "files"
    return settings.FILES_FOLDER


def store(content: bytes, *, by: str = ME, at: datetime = NOW, **more: object) -> StoredFile:
    return actions.store(content, name="IMG_0001.JPG", uploaded_by=by, at=at, **more)


def on_disk(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.mark.django_db
def test_a_photo_is_written_anew_upright_and_without_its_position(own_folder: Path) -> None:
    sent = media.photo_with_position(orientation=6)
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825), "the test photo has a position"

    file = store(sent)

    kept = actions.open_file(file).read_bytes()
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size) == ("JPEG", (480, 640))
        assert not image.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(image.info)
    assert b"PhoneMaker" not in kept
    assert b"taken at home" not in kept
    assert (file.kind, file.mime, file.width, file.height) == ("photo", "image/jpeg", 480, 640)
    assert on_disk(own_folder) == [
        f"{file.sha256[:2]}/{file.sha256[2:4]}/{file.sha256}{end}" for end in ("", ".thumbnail")
    ]
    assert file.n_bytes == len(kept)


@pytest.mark.django_db
def test_uploads_stop_while_there_is_still_room_for_cases(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = folder.shutil.disk_usage(own_folder.parent)
    for free, is_taken in ((folder.ROOM_FOR_THE_DATABASE - 1, False), (folder.ROOM_FOR_THE_DATABASE, True)):
        with monkeypatch.context() as patch:
            patch.setattr(folder.shutil, "disk_usage", lambda path, n=free: usage._replace(free=n))
            if is_taken:
                assert store(media.photo()).n_bytes > 0
                continue
            with pytest.raises(DomainError) as refused:
                store(media.photo())
            assert (refused.value.status, refused.value.code) == (503, "disk_full")
            assert on_disk(own_folder) == []


@pytest.mark.django_db
def test_large_photos_become_small_and_have_a_thumbnail() -> None:
    file = store(media.photo(size=(4000, 3000)))
    assert (file.width, file.height) == (1600, 1200)
    thumbnail = actions.thumbnail_path(file)
    assert thumbnail is not None
    with Image.open(thumbnail) as small:
        assert (small.format, small.size) == ("JPEG", (320, 240))


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "1", "I;16"])
def test_pictures_of_every_depth_open(mode: str) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 40), (0, 0, 255, 0)).convert(
        "RGBA" if mode in ("RGBA", "P", "LA") else "L"
    ).convert(mode if mode != "I;16" else "I").convert(mode).save(out, "PNG")
    file = store(out.getvalue())
    assert (file.width, file.height) == (50, 40)


@pytest.mark.django_db
def test_transparent_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(out, "PNG")
    with Image.open(actions.open_file(store(out.getvalue()))) as image:
        assert image.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_cut_in_the_upload_is_refused_and_leaves_nothing(form: str, own_folder: Path) -> None:
    content = media.photo(form, size=(640, 480))
    for part in (20, len(content) // 2, len(content) - 30):
        with pytest.raises(DomainError) as refused:
            store(content[:part])
        assert refused.value.code == "file_broken"
    assert on_disk(own_folder) == []
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (media.png_bomb(30_000, 30_000), "photo_too_many_pixels"),
        (media.png_bomb(8_000, 7_000), "photo_too_many_pixels"),
        (media.SVG, "file_kind"),
        (b"", "file_empty"),
        (media.photo() + media.archive(), "file_has_more_inside"),
        (media.photo() + b"<script>alert(1)</script>", "file_has_more_inside"),
        (b"\xff\xd8\xff" + b"<?php system($_GET[0]); ?>", "file_has_more_inside"),
    ],
)  # fmt: skip
def test_bombs_scripts_and_nothing_are_refused(content: bytes, code: str, own_folder: Path) -> None:
    with pytest.raises(DomainError) as refused:
        store(content)
    assert refused.value.code == code
    assert on_disk(own_folder) == []


@pytest.mark.django_db
def test_more_than_the_largest_kind_is_not_even_received(own_folder: Path) -> None:
    class Endless:
        n_read = 0

        def read(self, n: int = -1) -> bytes:
            self.n_read += n
            return b"\0" * n

    endless = Endless()
    with pytest.raises(DomainError) as refused:
        actions.store(endless, uploaded_by=ME, at=NOW)
    assert refused.value.status == 413
    assert endless.n_read <= 52 << 20
    assert on_disk(own_folder) == []


@pytest.mark.django_db
def test_only_the_wanted_kind() -> None:
    with pytest.raises(DomainError) as refused:
        store(media.pdf(), kind_hint=FileKind.PHOTO)
    assert refused.value.code == "file_other_kind"
    assert store(media.amr(), kind_hint=FileKind.AUDIO).kind == "audio"


@pytest.mark.django_db
def test_a_film_keeps_its_bytes_but_not_its_place() -> None:
    sent = media.film()
    file = store(sent)
    kept = actions.open_file(file).read_bytes()
    assert len(kept) == len(sent) == file.n_bytes
    assert b"udta" in sent
    assert b"udta" not in kept
    assert kept.endswith(sent[-400:])


@pytest.mark.django_db
def test_django_uploads_small_and_large() -> None:
    small = SimpleUploadedFile("x.exe", media.photo(), content_type="text/html")
    large = TemporaryUploadedFile("x.jpg", "image/jpeg", 0, None)
    large.write(media.film())
    large.seek(0)
    assert actions.store(small, uploaded_by=ME, at=NOW).kind == "photo"
    assert actions.store(large, uploaded_by=ME, at=NOW).kind == "video"


@pytest.mark.django_db
def test_only_own_unattached_files_can_be_attached_once() -> None:
    mine, other = store(media.photo()), store(media.amr(), by=OTHER)
    assert actions.attachable([], ME) == []
    second = store(media.wav())
    assert [f.key for f in actions.attachable([str(second.key), mine.key, mine.key], ME)] == [
        second.key,
        mine.key,
    ]

    for keys in ([mine.key, other.key], [uuid4()], ["../../etc/passwd"], [str(mine.key) + "'--"]):
        with pytest.raises(DomainError) as refused:
            actions.attachable(keys, ME)
        assert (refused.value.status, refused.value.details["field"]) == (422, "files")
    with pytest.raises(DomainError):
        actions.attachable([uuid4() for _ in range(10)], ME)

    actions.mark_attached([mine], NOW)
    with pytest.raises(DomainError):
        actions.attachable([mine.key], ME)
    assert actions.attachable([second.key], ME) == [second]


@pytest.mark.django_db(transaction=True)
def test_two_who_attach_the_same_file_at_once() -> None:
    file = store(media.photo())
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def attach() -> None:
        start.wait()
        try:
            with transaction.atomic():
                actions.mark_attached(actions.attachable([file.key], ME), NOW)
            outcomes.append("attached")
        except DomainError:
            outcomes.append("refused")
        connections.close_all()

    threads = [threading.Thread(target=attach) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["attached", "refused"]


@pytest.mark.django_db
def test_what_is_never_attached_goes_after_a_day(own_folder: Path) -> None:
    forgotten = store(media.photo())
    attached = store(media.wav())
    actions.mark_attached([attached], NOW)
    young = store(media.amr(), at=NOW + timedelta(hours=23))
    twin_old = store(media.mp3())
    twin_attached = store(media.mp3(), by=OTHER)
    actions.mark_attached([twin_attached], NOW)
    leftover = folder.incoming() / "half"
    leftover.write_bytes(b"half an upload")
    os.utime(leftover, (NOW.timestamp(), NOW.timestamp()))

    assert actions.sweep(NOW + timedelta(hours=24, minutes=1), batch=1) == 2

    assert set(StoredFile.objects.values_list("key", flat=True)) == {
        attached.key,
        young.key,
        twin_attached.key,
    }
    assert not actions.open_file(forgotten).exists()
    assert actions.open_file(twin_old).exists(), "the same content belongs to somebody else too"
    assert actions.open_file(attached).exists()
    assert not leftover.exists()
    assert len(on_disk(own_folder)) == 3


@pytest.mark.django_db(transaction=True)
def test_content_that_is_being_uploaded_again_is_not_swept_away() -> None:
    old = store(media.amr())
    inside, release = threading.Event(), threading.Event()

    def upload_again() -> None:
        with transaction.atomic():
            store(media.amr(), by=OTHER)
            inside.set()
            release.wait(20)
        connections.close_all()

    thread = threading.Thread(target=upload_again)
    thread.start()
    inside.wait(20)
    assert actions.sweep(NOW + timedelta(days=2)) == 0
    release.set()
    thread.join()
    assert actions.open_file(old).exists()
    assert StoredFile.objects.count() == 2


@pytest.mark.django_db
def test_files_are_for_this_user_alone(own_folder: Path) -> None:
    path = actions.open_file(store(media.photo()))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_doctor_misses_what_is_gone() -> None:
    file = store(media.photo())
    assert [finding.code for finding in doctor.findings()] == ["files"]
    actions.open_file(file).unlink()
    assert [(finding.level, finding.code) for finding in doctor.findings()] == [("error", "files_missing")]
