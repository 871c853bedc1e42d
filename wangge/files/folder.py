"""Where stored files lie: ``<files folder>/ab/cd/<sha256>``, written whole or not at all."""

from __future__ import annotations

import mmap
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings

from wangge.files.refusals import empty, too_large
from wangge.files.sniff import MAX_BYTES_OF_ANY
from wangge.kit.outages import disk_full

CHUNK = 1 << 20
THUMBNAIL = ".thumbnail"
# uploads stop first: cases can be reported and handled long after there is no room for photos
ROOM_FOR_THE_DATABASE = 192 * 1024**2


class Readable(Protocol):
    """An open upload: a file, or Django's ``UploadedFile``."""

    def read(self, n: int = ..., /) -> bytes: ...


def path_of(sha256: str) -> Path:
    return Path(settings.FILES_FOLDER) / sha256[:2] / sha256[2:4] / sha256


def thumbnail_of(sha256: str) -> Path:
    path = path_of(sha256)
    return path.with_name(path.name + THUMBNAIL)


def incoming() -> Path:
    """Where uploads wait while they are looked at; on the same disk, so that they can be moved in one step."""
    folder = Path(settings.FILES_FOLDER) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def received(upload: Readable | bytes) -> Iterator[Path]:
    """The upload as a file of its own, at most as large as the largest kind may be; removed afterwards."""
    path = incoming() / secrets.token_hex(8)
    if shutil.disk_usage(path.parent).free < ROOM_FOR_THE_DATABASE:
        raise disk_full()
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            n_bytes = 0
            for chunk in chunks(upload):
                n_bytes += len(chunk)
                if n_bytes > MAX_BYTES_OF_ANY:
                    raise too_large("video", MAX_BYTES_OF_ANY)
                file.write(chunk)
        if n_bytes == 0:
            raise empty()
        yield path
    finally:
        path.unlink(missing_ok=True)


def chunks(upload: Readable | bytes) -> Iterator[bytes]:
    if isinstance(upload, bytes):
        yield upload
        return
    while chunk := upload.read(CHUNK):
        yield chunk


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """The bytes of a file without reading them all into memory."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield content


def keep(path: Path, sha256: str) -> None:
    """Move a received file to its place; it is on the disk when this returns. The same content again is no fault."""
    place(path, path_of(sha256))


def keep_bytes(content: bytes, target: Path) -> None:
    """The same for bytes."""
    path = incoming() / secrets.token_hex(8)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        place(path, target)
    finally:
        path.unlink(missing_ok=True)


def place(path: Path, target: Path) -> None:
    new_folders = [parent for parent in (target.parent.parent, target.parent) if not parent.exists()]
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync(path)
    path.replace(target)
    for folder in {target.parent, *(made.parent for made in new_folders)}:
        sync(folder)


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(sha256: str) -> None:
    """Take content and thumbnail away."""
    for path in (path_of(sha256), thumbnail_of(sha256)):
        path.unlink(missing_ok=True)
