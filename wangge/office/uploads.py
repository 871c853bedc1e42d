"""Files of orders between preview and import: sealed under the data folder by their hash, gone after a day."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.crypto import KeyRing, key_ring
from wangge.kit.errors import DomainError, NotFound

KEPT = timedelta(hours=24)
LARGEST = 30 * 1024 * 1024
PURPOSE = "office.import"
NAMED = re.compile(r"[0-9a-f]{64}")


def folder() -> Path:
    """Where they lie; made when needed, for this program only."""
    found: Path = settings.DATA_FOLDER / "imports"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def keep(upload: UploadedFile[bytes], user_id: int) -> str:
    """Keep an upload of this person; returns its hash. Raises 413 when it is too large."""
    if (upload.size or 0) > LARGEST:
        raise DomainError(
            413,
            "too_large",
            f"文件超过 {LARGEST >> 20} MB,请分开导入。",
            f"Over {LARGEST >> 20} MB; split the file.",
            field="file",
        )
    sweep()
    content = b"".join(upload.chunks())
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256, user_id)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(ring().seal(content.decode("latin-1"), PURPOSE))
    unfinished.replace(path)
    return sha256


def path_of(sha256: str, user_id: int) -> Path:
    """Where the file of this hash lies; each person sees only the own ones."""
    if not NAMED.fullmatch(sha256):
        raise NotFound()
    return folder() / f"{user_id}-{sha256}"


def content_of(sha256: str, user_id: int) -> bytes:
    """The bytes of a kept file. Raises NotFound (404) when it has gone."""
    try:
        return ring().unseal(path_of(sha256, user_id).read_bytes(), PURPOSE).encode("latin-1")
    except (OSError, DomainError) as error:
        raise NotFound(
            "这个文件已过期或不是您上传的。请重新选择文件。",
            "This file has gone or is not yours. Choose it again.",
        ) from error


def ring() -> KeyRing:
    return key_ring(settings.KEYS_FOLDER)


def sweep() -> int:
    """Remove what is older than a day; returns how many."""
    before = (REAL_CLOCK.now() - KEPT).timestamp()
    old = [path for path in folder().iterdir() if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
