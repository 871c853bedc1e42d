"""Backup, restore and doctor, from outside; damaged and foreign backups are refused before anything changes."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.kit.installation import Installation, new_installation
from wangge.kit.errors import DomainError
from wangge.kit.postgres import lease
from wangge.kit.upkeep import archive, sealed_keys
from wangge.kit.upkeep.archive import Manifest
from wangge.kit.upkeep.backup import refuse_existing
from wangge.kit.upkeep.dump import statements

pytestmark = pytest.mark.slow

RIGHTS = """
SELECT table_name::text, array_agg(privilege_type::text ORDER BY privilege_type) FROM information_schema.role_table_grants
WHERE grantee = 'wangge_app' AND table_schema = 'public' GROUP BY 1 ORDER BY 1
"""


@dataclass
class Saved:
    """An installation with a few rows and a file, and its backup."""

    installation: Installation
    file: Path
    told: dict[str, object]


@pytest.fixture(scope="module")
def saved() -> Iterator[Saved]:
    with new_installation() as found:
        made = found.run("createadmin", "--role", "security_admin", "--username", "anquan", "--json")
        assert made.returncode == 0, made.stderr
        stored = found.data / "files" / "ab" / "cd" / "abcd"
        stored.parent.mkdir(parents=True)
        stored.write_bytes(b"a picture" * 1000)
        (found.data / "files" / "incoming").mkdir()
        (found.data / "files" / "incoming" / "half").write_bytes(b"half")
        file = found.data.parent / "town.backup"
        done = found.run("backup", file, "--json")
        assert done.returncode == 0, done.stderr
        yield Saved(found, file, json.loads(done.stdout))


def seen(data: Path) -> tuple[object, ...]:
    with lease(data) as server, psycopg.connect(server.owner_url) as connection:
        users = connection.execute("SELECT username, password FROM accounts_user ORDER BY 1").fetchall()
        rights = connection.execute(RIGHTS).fetchall()
    return users, rights


def test_a_backup_comes_back_on_another_machine(saved: Saved) -> None:
    assert saved.told["files"] == 1
    with new_installation() as other:
        done = other.run("restore", saved.file, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["rows"] == saved.told["rows"]
        assert seen(other.data) == seen(saved.installation.data)
        files = [path.relative_to(other.data) for path in (other.data / "files").rglob("*") if path.is_file()]
        assert files == [Path("files/ab/cd/abcd")]
        keys = [(i.data / "keys" / "keyring.json").read_bytes() for i in (other, saved.installation)]
        assert keys[0] == keys[1]
        assert other.run("doctor").returncode == 0
        assert not list(other.data.glob("restoring-*"))


def test_data_are_replaced_only_when_that_is_said(saved: Saved) -> None:
    told = saved.installation.run("restore", saved.file)
    assert told.returncode == 3
    assert "--yes" in told.stderr
    before = seen(saved.installation.data)
    done = saved.installation.run(
        "restore", saved.file, "--yes", WANGGE_BACKUP_PASSPHRASE="not needed: same keys"
    )
    assert done.returncode == 0, done.stderr
    assert seen(saved.installation.data) == before


def test_a_wrong_passphrase_changes_nothing(saved: Saved) -> None:
    with new_installation() as other:
        told = other.run("restore", saved.file, WANGGE_BACKUP_PASSPHRASE="wrong passphrase")
        assert told.returncode == 3
        assert "passphrase" in told.stderr
        with lease(other.data) as server, psycopg.connect(server.owner_url) as connection:
            assert connection.execute("SELECT to_regclass('accounts_user')").fetchone() == (None,)


def test_a_backup_file_is_not_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"older")
    with pytest.raises(DomainError) as found:
        refuse_existing(tmp_path / "b", yes=False)
    assert "--yes" in found.value.zh
    refuse_existing(tmp_path / "b", yes=True)


def test_a_flipped_bit_is_found(saved: Saved, tmp_path: Path) -> None:
    content = bytearray(saved.file.read_bytes())
    with tarfile.open(saved.file) as tar:
        at = tar.getmember("files/ab/cd/abcd").offset_data + 17
    content[at] ^= 1
    refused(bytes(content), tmp_path)


def test_a_cut_off_file_is_found(saved: Saved, tmp_path: Path) -> None:
    content = saved.file.read_bytes()
    for n_bytes in (0, 100, len(content) // 2, len(content) - 12_000):
        refused(content[:n_bytes], tmp_path)


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE t (n int)").connection.close()
    refused((tmp_path / "other.db").read_bytes(), tmp_path)
    refused(os.urandom(4096), tmp_path)
    for name in ("../outside", "/etc/passwd", "files/../../outside", "files", "other.txt"):
        refused(tar_with(name, b"x"), tmp_path)
    refused(tar_with(archive.MANIFEST, b"{}"), tmp_path)
    refused(tar_with(archive.MANIFEST, b'{"format": "another"}'), tmp_path)
    assert not (tmp_path / "outside").exists()


def tar_with(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def refused(content: bytes, tmp_path: Path) -> None:
    source = tmp_path / "given.backup"
    source.write_bytes(content)
    target = tmp_path / f"unpacked-{len(list(tmp_path.iterdir()))}"
    target.mkdir()
    with pytest.raises(DomainError) as found:
        archive.extract(source, target, lambda n: None)
    assert found.value.code == "backup_damaged"


def test_an_archive_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    (folder / "ab").mkdir(parents=True)
    (folder / "ab" / "图片 1").write_bytes(b"1" * 3_000_000)
    (tmp_path / "dump").write_bytes(b"PGDMP")
    manifest = Manifest(
        "0.1.0", "18.6", "2026-01-01", ["cases.0001"], {"cases_case": 2}, {}, ["pg_trgm"], "f" * 64
    )
    counted: list[int] = []
    archive.write(
        tmp_path / "b",
        tmp_path / "dump",
        list(archive.stored_files(folder)),
        folder,
        manifest,
        counted.append,
    )
    (tmp_path / "out").mkdir()
    again = archive.extract(tmp_path / "b", tmp_path / "out", lambda n: None)
    assert again == manifest
    assert sum(counted) == 3_000_005
    assert (tmp_path / "out" / "files" / "ab" / "图片 1").stat().st_size == 3_000_000
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0


def test_rows_that_look_like_statements_stay() -> None:
    script = [
        b"SET transaction_timeout = 0;\n",
        b"CREATE SCHEMA public;\n",
        b"COPY public.t (a) FROM stdin;\n",
    ]
    rows = [b"CREATE SCHEMA x\n", b"SET transaction_timeout\n", b"COPY a FROM stdin;\n", b"\\.\n"]
    assert list(statements([*script, *rows, b"CREATE SCHEMA b;\n"])) == [script[2], *rows]


def test_keys_open_with_their_passphrase_only(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").write_text('{"web": "secret"}')
    sealed_keys.seal(tmp_path, tmp_path / "b.keys", "a long enough phrase")
    assert b"secret" not in (tmp_path / "b.keys").read_bytes()
    assert sealed_keys.unseal(tmp_path / "b.keys", "a long enough phrase") == b'{"web": "secret"}'
    with pytest.raises(DomainError):
        sealed_keys.unseal(tmp_path / "b.keys", "a long enough phrasE")


def test_doctor_finds_what_is_wrong(saved: Saved) -> None:
    keyring = saved.installation.data / "keys" / "keyring.json"
    keyring.chmod(0o644)
    try:
        with lease(saved.installation.data) as server:
            told = saved.installation.run("doctor", "--json", DATABASE_URL=server.owner_url)
    finally:
        keyring.chmod(0o600)
    findings = {finding["code"]: finding["level"] for finding in json.loads(told.stdout)["findings"]}
    assert told.returncode == 1
    assert findings["keys_readable"] == "error"
    assert findings["ledger_unprotected"] == "warning"
    assert findings["letters"] == "fine"
