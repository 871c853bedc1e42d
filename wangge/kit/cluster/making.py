"""A database cluster: made whole or not at all, checked, and the words its server starts with."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from wangge.kit.cluster.binaries import Binaries
from wangge.kit.cluster.folder import Layout, ServerUser, make_folder, own, write_whole
from wangge.kit.errors import DomainError

SUPERUSER = "postgres"
OWNER_ROLE = "wangge_owner"
APP_ROLE = "wangge_app"
DATABASE = "wangge"
EXTENSIONS = ("pg_trgm", "btree_gist")

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %u ",
    # statements and details of errors can hold personal data
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "max_connections": "100",
    "jit": "off",
}
# for tests only: nothing survives a crash
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


def check_version(layout: Layout, binaries: Binaries) -> None:
    """Refuse a cluster that another major version made, with what to do."""
    try:
        made_by = int((layout.cluster / "PG_VERSION").read_text())
    except FileNotFoundError:
        return
    if made_by == binaries.major:
        return
    raise DomainError(
        409,
        "other_major_version",
        f"数据目录 {layout.root} 由 PostgreSQL {made_by} 建立,现在的程序是 {binaries.major},打不开;数据未动。"
        f"请先用旧程序备份(WANGGE_POSTGRES_BIN=<PostgreSQL {made_by} 的 bin 目录> wangge backup 文件),"
        "再用 WANGGE_DATA 指定一个新目录并 wangge restore 文件。",
        f"The data folder {layout.root} was made by PostgreSQL {made_by}, this is {binaries.major}; "
        "it was left untouched. Back up with the old programs "
        f"(WANGGE_POSTGRES_BIN=<bin folder of PostgreSQL {made_by}> wangge backup FILE), "
        "then name a new folder with WANGGE_DATA and run wangge restore FILE.",
    )


def create(layout: Layout, binaries: Binaries, user: ServerUser, *, durable: bool) -> None:
    """Make the cluster with its roles, extensions and database beside its place, then move it there.

    Killed half-way it leaves only a folder that the next start removes.
    """
    for leftover in layout.home.glob(".cluster-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER_ROLE, APP_ROLE)}
    folder = layout.home / f".cluster-{secrets.token_hex(4)}"
    make_folder(folder, 0o700)
    own(folder, user)
    note = layout.home / ".superuser"
    write_whole(note, passwords[SUPERUSER])
    own(note, user)
    try:
        _initdb(folder, binaries, user, note, durable=durable)
    finally:
        note.unlink()
    roles = [
        f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB PASSWORD '{passwords[OWNER_ROLE]}';",
        f"CREATE ROLE {APP_ROLE} LOGIN PASSWORD '{passwords[APP_ROLE]}';",
    ]
    _single(folder, binaries, user, "postgres", roles, durable=durable)
    # in the template, so that every database made later has them too
    extensions = [f"CREATE EXTENSION {extension};" for extension in EXTENSIONS]
    _single(folder, binaries, user, "template1", extensions, durable=durable)
    databases = [
        f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE};",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;",
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP_ROLE};",
    ]
    _single(folder, binaries, user, "postgres", databases, durable=durable)
    write_whole(layout.passwords, json.dumps(passwords, indent=1))
    folder.rename(layout.cluster)
    descriptor = os.open(layout.home, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def renew_passwords(layout: Layout, binaries: Binaries, user: ServerUser, *, durable: bool) -> None:
    """Give the roles new passwords when ``keys/postgres.json`` was lost; the server must not be running."""
    passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER_ROLE, APP_ROLE)}
    lines = [f"ALTER ROLE {role} PASSWORD '{password}';" for role, password in passwords.items()]
    _single(layout.cluster, binaries, user, "postgres", lines, durable=durable)
    write_whole(layout.passwords, json.dumps(passwords, indent=1))


def server_words(layout: Layout, binaries: Binaries, socket_folder: Path, *, durable: bool) -> list[str]:
    """The command line of the server."""
    settings = SETTINGS | ({} if durable else NOT_DURABLE) | {"unix_socket_directories": str(socket_folder)}
    return [binaries.program("postgres"), "-D", str(layout.cluster), *_as_words(settings)]


def _initdb(folder: Path, binaries: Binaries, user: ServerUser, password: Path, *, durable: bool) -> None:
    words = [binaries.program("initdb"), "-D", str(folder), "-U", SUPERUSER, "--auth=scram-sha-256"]
    # libc's C.UTF-8 in both: pg_trgm asks it what a letter is, and plain C finds no Chinese ones
    words += ["--encoding=UTF8", "--locale=C.UTF-8", f"--pwfile={password}"]
    if binaries.major >= 17:
        words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not durable:
        words += ["--no-sync"]
    _run(words, user, "")


def _single(
    folder: Path, binaries: Binaries, user: ServerUser, database: str, lines: list[str], *, durable: bool
) -> None:
    settings = {"exit_on_error": "on", "log_checkpoints": "off"} | ({} if durable else NOT_DURABLE)
    words = [binaries.program("postgres"), "--single", "-D", str(folder), *_as_words(settings), database]
    _run(words, user, "\n".join(lines) + "\n")


def _as_words(settings: dict[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _run(words: list[str], user: ServerUser, text: str) -> None:
    done = subprocess.run(
        words,
        input=text,
        text=True,
        capture_output=True,
        cwd="/",
        env=ENVIRONMENT,
        check=False,
        **user.as_child(),
    )
    if done.returncode == 0:
        return
    told = " ".join((done.stderr or done.stdout).split())[-600:]
    name = os.path.basename(words[0])
    raise DomainError(
        500,
        "cluster_not_made",
        f"建立数据库失败({name}):{told}",
        f"The database could not be set up ({name}): {told}",
    )
