"""The database as a file and back, with PostgreSQL's own programs, as the owner."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from wangge.kit.cluster.binaries import Binaries, locate
from wangge.kit.errors import DomainError
from wangge.kit.grants import GRANTS, SCHEMA

PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")
LOCK_SECONDS = 10
TABLES = """
SELECT quote_ident(relname) FROM pg_class
WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""
EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"
WITHHELD = """
SELECT relname, array_agg(privilege ORDER BY privilege) FROM pg_class, unnest(%(privileges)s::text[]) privilege
WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'p')
  AND NOT has_table_privilege(%(role)s, pg_class.oid, privilege)
GROUP BY relname
"""


@dataclass(frozen=True)
class Snapshot:
    """One moment of the database that pg_dump reads too."""

    name: str
    postgres: str
    rows: dict[str, int]
    withheld: dict[str, list[str]]
    extensions: list[str]


def owner_url() -> str:
    return os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]


def app_role() -> str:
    return str(conninfo_to_dict(os.environ["DATABASE_URL"]).get("user") or "")


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Rows of every table and rights of the application, in the same moment as the dump made meanwhile."""
    with psycopg.connect(owner_url()) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        name = one(connection, "SELECT pg_export_snapshot()")
        tables = [table for (table,) in connection.execute(TABLES, [SCHEMA])]
        rows = {
            table.strip('"'): one(connection, f"SELECT count(*) FROM {SCHEMA}.{table}") for table in tables
        }
        values = {"privileges": list(PRIVILEGES), "schema": SCHEMA, "role": app_role()}
        withheld = {str(table): list(rights) for table, rights in connection.execute(WITHHELD, values)}
        extensions = [str(extension) for (extension,) in connection.execute(EXTENSIONS)]
        postgres = one(connection, "SHOW server_version").split()[0]
        yield Snapshot(name, postgres, rows, withheld, extensions)


def one(connection: psycopg.Connection[Any], statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def write_dump(target: Path, moment: Snapshot, told: Callable[[str], object]) -> None:
    """Dump that moment to ``target``; ``told`` hears each table's name as its rows are written."""
    binaries = programs(moment.postgres)
    words = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-comments", "--verbose"]
    words += [f"--schema={SCHEMA}", f"--snapshot={moment.name}", f"--file={target}"]
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    process = start(binaries, words, stderr=subprocess.PIPE)
    last: list[str] = []
    assert process.stderr is not None
    with process.stderr as lines:
        for line in lines:
            last = [*last[-4:], line.decode(errors="replace").strip()]
            if b"dumping contents of table" in line:
                told(last[-1])
    if process.wait() != 0:
        raise failed("pg_dump", " ".join(last))


def replace_database(dump: Path, *, extensions: list[str], withheld: dict[str, list[str]]) -> None:
    """Put the dump in the place of everything in the database, in one transaction: all of it or nothing."""
    binaries = programs(server_version())
    reader = start(binaries, ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(dump)], as_client=False,
                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    quiet = [
        "psql",
        "--quiet",
        "--no-psqlrc",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        "--output=/dev/null",
    ]
    writer = start(binaries, quiet, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert reader.stdout is not None
    assert reader.stderr is not None
    assert writer.stdin is not None
    assert writer.stderr is not None
    try:
        with writer.stdin as script, reader.stdout as lines:
            script.write(opening(extensions).encode())
            script.writelines(statements(lines))
            script.write(closing(withheld).encode())
    except BrokenPipeError:
        reader.kill()
    with writer.stderr as told_writer, reader.stderr as told_reader:
        told = told_writer.read() + told_reader.read()
    if writer.wait() != 0 or reader.wait() != 0:
        raise failed("psql", " ".join(told.decode(errors="replace").split())[-600:])


def statements(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The script without what a server before 17 does not know and what ``opening`` did; rows stay as they are."""
    is_row = False
    for line in lines:
        if is_row:
            is_row = line.rstrip() != b"\\."
        elif line.startswith((b"SET transaction_timeout", b"CREATE SCHEMA ")):
            continue
        else:
            is_row = line.startswith(b"COPY ") and line.rstrip().endswith(b" FROM stdin;")
        yield line


def server_version() -> str:
    with psycopg.connect(owner_url()) as connection:
        return str(one(connection, "SHOW server_version")).split()[0]


def rows_now() -> dict[str, int]:
    with snapshot() as moment:
        return moment.rows


def opening(extensions: list[str]) -> str:
    """The first lines of the restoring transaction: wait a little for others, then clear the schema."""
    return (
        f"SET lock_timeout = '{LOCK_SECONDS}s'; SET client_min_messages = warning;\n"
        f"DROP SCHEMA {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA};\n"
        + "".join(f"CREATE EXTENSION IF NOT EXISTS {quoted(name)} SCHEMA {SCHEMA};\n" for name in extensions)
    )


def closing(withheld: dict[str, list[str]]) -> str:
    """The last lines: the rights of this installation's application role, less those it had not before."""
    role, owner = app_role(), str(conninfo_to_dict(owner_url()).get("user") or "")
    if role in ("", owner):
        return ""
    lines = [grant.format(schema=SCHEMA, role=quoted(role)) for grant in GRANTS]
    for table, rights in withheld.items():
        unknown = set(rights) - set(PRIVILEGES)
        if not unknown:
            lines.append(f"REVOKE {', '.join(rights)} ON {SCHEMA}.{quoted(table)} FROM {quoted(role)}")
    return "".join(f"{line};\n" for line in lines)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def programs(server_version: str) -> Binaries:
    """The dump programs; raises DomainError ``tools_too_old`` when they are older than the server."""
    binaries = locate()
    needed = int(server_version.split(".")[0])
    if binaries.major >= needed:
        return binaries
    raise DomainError(
        500,
        "tools_too_old",
        f"数据库是 PostgreSQL {needed},本机的备份程序只到 {binaries.major}。请用 WANGGE_POSTGRES_BIN 指定较新的程序。",
        f"The database is PostgreSQL {needed}, the programs here are {binaries.major}. "
        "Name newer ones with WANGGE_POSTGRES_BIN.",
    )


def start(
    binaries: Binaries,
    words: list[str],
    *,
    as_client: bool = True,
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = None,
    stderr: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start one of PostgreSQL's programs on the database; the password goes by the environment, not the words."""
    parts: dict[str, Any] = dict(conninfo_to_dict(owner_url()))
    password = str(parts.pop("password", ""))
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "PGPASSWORD": password}
    place = [f"--dbname={make_conninfo(**parts)}"] if as_client else []
    command = [binaries.program(words[0]), *place, *words[1:]]
    return subprocess.Popen(command, env=environment, stdin=stdin, stdout=stdout, stderr=stderr)


def failed(program: str, told: str) -> DomainError:
    return DomainError(
        500,
        "database_program_failed",
        f"{program} 没有成功,数据库没有改动:{told}",
        f"{program} did not succeed, the database was not changed: {told}",
    )
