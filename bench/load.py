"""Loading rows by COPY into emptied tables without indexes, all of which come back afterwards. As the database's owner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import psycopg
from psycopg import sql

from bench.originals import Table

OUTBOX = "kit_outboxrow"
BUILDERS = 2
SETTINGS = (
    "SET maintenance_work_mem = '1GB'",
    "SET max_parallel_maintenance_workers = 0",  # two are built at the same time
    "SET synchronous_commit = off",
)


class Structure:
    """Keys and indexes of the tables, to be dropped and made again."""

    def __init__(self, url: str, tables: Sequence[str]) -> None:
        self.url = url
        self.tables = list(tables)
        with self.connect() as link:
            self.foreign = constraints(
                link, "contype = 'f' AND (conrelid = ANY(%(t)s) OR confrelid = ANY(%(t)s))", self.tables
            )
            self.unique = constraints(link, "contype IN ('p', 'u') AND conrelid = ANY(%(t)s)", self.tables)
            self.indexes = indexes(link, self.tables)
            # two at a time may not both write the database's statistics (PostgreSQL 15 has no such word: there they wait)
            skips = link.info.server_version >= 160000
            self.vacuum_options = "ANALYZE, SKIP_DATABASE_STATS" if skips else "ANALYZE"

    def connect(self) -> psycopg.Connection[Any]:
        link: psycopg.Connection[Any] = psycopg.connect(self.url, autocommit=True)
        for setting in SETTINGS:
            link.execute(setting)
        return link

    def drop(self) -> None:
        with self.connect() as link:
            for table, name, _ in (*self.foreign, *self.unique):
                link.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            for name, _ in self.indexes:
                link.execute(f'DROP INDEX "{name}"')
            link.execute(f"TRUNCATE {OUTBOX}")

    def make(self) -> None:
        """Keys, then the other indexes (two at a time), then what refers to them; statistics and numbering."""
        self._at_once(
            [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {said}' for table, name, said in self.unique]
        )
        self._at_once([definition for _, definition in self.indexes])
        with self.connect() as link:
            for table, name, said in self.foreign:
                link.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {said}')
            for table in self.tables:
                number_on(link, table)
        self._at_once([f"VACUUM ({self.vacuum_options}) {table}" for table in self.tables])

    def _at_once(self, statements: Iterable[str]) -> None:
        def run(statement: str) -> None:
            with self.connect() as link:
                link.execute(statement)

        with ThreadPoolExecutor(BUILDERS) as pool:
            list(pool.map(run, statements))


def constraints(link: psycopg.Connection[Any], which: str, tables: list[str]) -> list[tuple[str, str, str]]:
    return link.execute(
        f"SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE {which} ORDER BY conname",
        {"t": [oid_of(link, table) for table in tables]},
    ).fetchall()


def indexes(link: psycopg.Connection[Any], tables: list[str]) -> list[tuple[str, str]]:
    """Those that no constraint made."""
    return link.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = ANY(%s) "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))",
        [[oid_of(link, table) for table in tables]],
    ).fetchall()


def oid_of(link: psycopg.Connection[Any], table: str) -> int:
    return int(link.execute("SELECT %s::regclass::oid::bigint", [table]).fetchall()[0][0])


def number_on(link: psycopg.Connection[Any], table: str) -> None:
    """The next new row's number comes after the loaded ones."""
    link.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), greatest((SELECT max(id) FROM {table}), 1))"
    )


class Loading:
    """One transaction and one COPY for each table, all open at the same time; frozen, so that nothing is vacuumed later."""

    def __init__(self, structure: Structure, tables: Sequence[Table]) -> None:
        self._stack = ExitStack()
        self._copies: dict[str, psycopg.Copy] = {}
        self._structure = structure
        self._tables = tables

    def __enter__(self) -> Loading:
        for table in self._tables:
            link = self._stack.enter_context(self._structure.connect())
            self._stack.enter_context(link.transaction())
            link.execute(f"TRUNCATE {table.name}")
            columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
            said = sql.SQL("COPY {} ({}) FROM STDIN (FREEZE)").format(sql.Identifier(table.name), columns)
            cursor = self._stack.enter_context(link.cursor())
            self._copies[table.name] = self._stack.enter_context(cursor.copy(said))
        return self

    def write(self, rows: dict[str, bytes]) -> None:
        for name, content in rows.items():
            if content:
                self._copies[name].write(content)

    def __exit__(self, *problem: Any) -> None:
        self._stack.__exit__(*problem)
