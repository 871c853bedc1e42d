"""A backup file: one tar with the database, the files, and last a manifest that vouches for every byte.

``database.dump``  pg_dump's custom format
``files/…``        the files folder, without uploads that are still coming in
``manifest.json``  versions, rows of every table, size and SHA-256 of everything above; missing in a cut-off file
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from wangge.kit.errors import DomainError

FORMAT = "wangge-backup-1"
DUMP = "database.dump"
MANIFEST = "manifest.json"
FILES = "files"
INCOMING = "incoming"

Advance = Callable[[int], object]
"""Told how many more bytes are done."""


@dataclass
class Manifest:
    """What a backup says of itself."""

    wangge: str
    postgres: str
    made_at: str
    migrations: list[str]
    rows: dict[str, int]
    withheld: dict[str, list[str]]
    """for each table, what the application's role may not do there"""
    extensions: list[str]
    keys_fingerprint: str
    format: str = FORMAT
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def n_files(self) -> int:
        return sum(name.startswith(f"{FILES}/") for name in self.members)

    @property
    def n_rows(self) -> int:
        return sum(self.rows.values())


def damaged(reason_zh: str, reason_en: str) -> DomainError:
    return DomainError(
        409,
        "backup_damaged",
        f"备份文件不能用:{reason_zh}。什么都没有改动;请用另一个备份。",
        f"This backup cannot be used: {reason_en}. Nothing was changed; use another backup.",
    )


class _Hashed(io.RawIOBase):
    """A stream that is hashed and counted while it is read."""

    def __init__(self, source: IO[bytes], advance: Advance) -> None:
        self.source = source
        self.advance = advance
        self.digest = hashlib.sha256()
        self.n_bytes = 0

    def read(self, size: int = -1) -> bytes:
        part = self.source.read(size)
        self.digest.update(part)
        self.n_bytes += len(part)
        self.advance(len(part))
        return part

    def told(self) -> dict[str, Any]:
        return {"bytes": self.n_bytes, "sha256": self.digest.hexdigest()}


def write(
    target: Path, dump: Path, files: list[Path], folder: Path, manifest: Manifest, advance: Advance
) -> None:
    """Write the backup beside its place and move it there whole; ``files`` lie below ``folder``."""
    part = target.with_name(f".{target.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with (
            open(descriptor, "wb") as raw,
            tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            _add(tar, DUMP, dump, manifest, advance)
            for file in files:
                _add(tar, f"{FILES}/{file.relative_to(folder).as_posix()}", file, manifest, advance)
            told = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
            member = _member(MANIFEST, len(told))
            tar.addfile(member, io.BytesIO(told))
            raw.flush()
            os.fsync(descriptor)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, path: Path, manifest: Manifest, advance: Advance) -> None:
    try:
        source = path.open("rb")
    except FileNotFoundError:  # removed while we were writing
        return
    with source:
        hashed = _Hashed(source, advance)
        tar.addfile(_member(name, os.fstat(source.fileno()).st_size), hashed)
        manifest.members[name] = hashed.told()


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o600
    member.mtime = int(time.time())
    return member


def extract(source: Path, target: Path, advance: Advance) -> Manifest:
    """Unpack a backup into an empty folder and check every byte; raises DomainError ``backup_damaged``."""
    seen: dict[str, dict[str, Any]] = {}
    told = b""
    try:
        with tarfile.open(source, mode="r:") as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isfile() else None
                if stream is None or not is_plain(member.name):
                    raise damaged(
                        f"含有不该有的 {member.name!r}", f"it holds {member.name!r}, which has no place there"
                    )
                if member.name == MANIFEST:
                    told = stream.read()
                    continue
                seen[member.name] = _unpack(stream, target / member.name, advance)
    except (tarfile.TarError, EOFError) as error:
        raise damaged("不是网格的备份,或已被截断", "it is no backup of Wangge, or it was cut off") from error
    manifest = read_manifest(told)
    for name in sorted(manifest.members.keys() ^ seen.keys()):
        raise damaged(f"清单与内容不符:{name}", f"manifest and content differ: {name}")
    for name, expected in manifest.members.items():
        if seen[name] != expected:
            raise damaged(f"{name} 的校验和不对", f"the checksum of {name} is wrong")
    return manifest


def _unpack(stream: IO[bytes], target: Path, advance: Advance) -> dict[str, Any]:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashed = _Hashed(stream, advance)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while part := hashed.read(1 << 20):
            file.write(part)
    return hashed.told()


def is_plain(name: str) -> bool:
    """Whether this is a name that ``write`` gives: nothing that leads out of the folder."""
    parts = PurePosixPath(name).parts
    if name in (DUMP, MANIFEST):
        return True
    return len(parts) > 1 and parts[0] == FILES and ".." not in parts and "\\" not in name


def read_manifest(told: bytes) -> Manifest:
    if not told:
        raise damaged("没有清单,写到一半就断了", "it has no manifest: its writing was interrupted")
    try:
        manifest = Manifest(**json.loads(told))
    except (ValueError, TypeError) as error:
        raise damaged("清单读不懂", "its manifest cannot be read") from error
    if manifest.format != FORMAT:
        raise damaged(f"格式是 {manifest.format}", f"its format is {manifest.format}")
    return manifest


def stored_files(folder: Path) -> Iterator[Path]:
    """Every finished file below ``folder``, in the same order each time."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.relative_to(folder).parts[0] != INCOMING:
            yield path
