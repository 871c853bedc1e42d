"""Uploads: checked, cleaned, stored, attached, swept. Whoever shows a file checks access first (the cases do)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from wangge.files import folder
from wangge.files.metadata import telling
from wangge.files.models import FileKind, StoredFile
from wangge.files.photos import rewrite
from wangge.files.refusals import other_kind
from wangge.files.sniff import Sniffed, sniff
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import Invalid
from wangge.kit.ids import uuid7

MOST_ATTACHED = 9
KEPT_UNATTACHED = timedelta(hours=24)


def store(
    upload: folder.Readable | bytes,
    *,
    uploaded_by: str,
    at: datetime,
    name: str = "",
    kind_hint: FileKind | None = None,
) -> StoredFile:
    """Check an upload by its content, clean it, put it on the disk and then into the database.

    ``uploaded_by`` (``user:12``, ``visit:…``) is who may attach it within 24 hours. ``kind_hint``: the only kind that
    is wanted here. ``name`` is what the sender called it; nothing is decided by it and it is not kept.
    Raises DomainError 413 (too large), 415 (not a kind that is taken) or 422 (empty, damaged, something hidden).
    """
    with folder.received(upload) as path:
        with folder.mapped(path) as content:
            found = sniff(content)
        if kind_hint is not None and found.kind != kind_hint:
            raise other_kind(kind_hint, found.kind)
        if found.kind == FileKind.PHOTO:
            return _store_photo(path, found, uploaded_by, at)
        _forget(path, found.mime)
        sha256, n_bytes = _digest(path), path.stat().st_size
        with transaction.atomic():
            _lock(sha256)
            folder.keep(path, sha256)
            return _row(sha256, found.kind, found.mime, n_bytes, uploaded_by, at)


def open_file(file: StoredFile) -> Path:
    """Where the content lies; to be read, never written."""
    return folder.path_of(file.sha256)


def thumbnail_path(file: StoredFile) -> Path | None:
    """Where the small picture of a photo lies (JPEG, 320 pixels); None for everything else."""
    return folder.thumbnail_of(file.sha256) if file.kind == FileKind.PHOTO else None


def attachable(keys: Sequence[UUID | str], uploaded_by: str) -> list[StoredFile]:
    """The files of these keys, in their order, locked until the transaction ends: own ones, not yet attached.

    Raises Invalid (422) for more than 9, and for a key that is not there, not one's own, swept or attached already.
    """
    wanted = list(dict.fromkeys(_as_uuid(key) for key in keys))
    if len(wanted) > MOST_ATTACHED:
        raise Invalid(
            "files",
            f"一次最多附 {MOST_ATTACHED} 个文件。请删去几个。",
            f"At most {MOST_ATTACHED} files can be attached at once. Remove some.",
        )
    if not wanted:
        return []
    rows = StoredFile.objects.select_for_update().filter(
        key__in=wanted, uploaded_by=uploaded_by, attached_at=None
    )
    found = {row.key: row for row in rows.order_by("id")}
    if len(found) != len(wanted):
        raise _not_attachable()
    return [found[key] for key in wanted]


def mark_attached(files: Iterable[StoredFile], at: datetime) -> None:
    """From now on these belong to a case; in the transaction in which ``attachable`` locked them."""
    held = list(files)
    StoredFile.objects.filter(pk__in=[file.pk for file in held]).update(attached_at=at)
    for file in held:
        file.attached_at = at


def sweep(now: datetime | None = None, batch: int = 200) -> int:
    """Remove what was uploaded over 24 hours ago and never attached, and leftovers of broken uploads. How many."""
    before = (now or REAL_CLOCK.now()) - KEPT_UNATTACHED
    n_gone = 0
    last_id = 0
    while True:
        waiting = StoredFile.objects.filter(
            attached_at=None, uploaded_at__lt=before, id__gt=last_id
        ).order_by("id")
        rows = list(waiting[:batch])
        if not rows:
            break
        n_gone += sum(_swept(row) for row in rows)
        last_id = rows[-1].pk
    for path in folder.incoming().iterdir():
        if path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
    return n_gone


def _store_photo(path: Path, found: Sniffed, uploaded_by: str, at: datetime) -> StoredFile:
    photo = rewrite(path, found.mime)
    sha256 = hashlib.sha256(photo.content).hexdigest()
    with transaction.atomic():
        _lock(sha256)
        folder.keep_bytes(photo.thumbnail, folder.thumbnail_of(sha256))
        folder.keep_bytes(photo.content, folder.path_of(sha256))
        size = {"width": photo.width, "height": photo.height}
        return _row(sha256, FileKind.PHOTO, "image/jpeg", len(photo.content), uploaded_by, at, **size)


def _row(
    sha256: str, kind: str, mime: str, n_bytes: int, uploaded_by: str, at: datetime, **size: int
) -> StoredFile:
    return StoredFile.objects.create(
        key=uuid7(),
        sha256=sha256,
        kind=kind,
        mime=mime,
        n_bytes=n_bytes,
        uploaded_by=uploaded_by,
        uploaded_at=at,
        **size,
    )


def _forget(path: Path, mime: str) -> None:
    """Recordings hold where they were taken, by whom, with what: written over, in place."""
    with folder.mapped(path) as content:
        changes = telling(content, mime)
    with open(path, "r+b") as file:
        for change in changes:
            file.seek(change.start)
            file.write(change.new)
            for n_left in range(change.n_zeros, 0, -folder.CHUNK):
                file.write(bytes(min(n_left, folder.CHUNK)))


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lock_number(sha256: str) -> int:
    return int.from_bytes(bytes.fromhex(sha256[:16]), "big", signed=True)


def _lock(sha256: str) -> None:
    """Until the transaction ends nobody sweeps this content away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_lock_number(sha256),))


def _swept(row: StoredFile) -> bool:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (_lock_number(row.sha256),))
            (is_free,) = cursor.fetchone()
        if not is_free:
            return False  # the same content is just being uploaded again: another time
        if StoredFile.objects.filter(pk=row.pk, attached_at=None).delete()[0] == 0:
            return False
        if not StoredFile.objects.filter(sha256=row.sha256).exists():
            folder.remove(row.sha256)
    return True


def _as_uuid(key: UUID | str) -> UUID:
    try:
        return key if isinstance(key, UUID) else UUID(key)
    except ValueError as error:
        raise _not_attachable() from error


def _not_attachable() -> Invalid:
    return Invalid(
        "files",
        "有附件找不到、已用过或已过期。请重新上传后再提交。",
        "An attachment is missing, already used or expired. Upload it again, then submit.",
    )
