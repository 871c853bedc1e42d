"""Where sealed values lie, so that they can be sealed anew when keys change. ``wiring.SEALED`` lists them all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from django.db import connection, transaction
from psycopg import sql

from wangge.kit.crypto import KeyRing

BATCH = 500


class SealedPlace(Protocol):
    """Values in the database that ``KeyRing.seal`` made."""

    @property
    def name(self) -> str: ...

    def count(self) -> Counter[int]:
        """How many values each key has sealed, by its number."""
        ...

    def reseal(self, ring: KeyRing, after: int) -> tuple[int, int]:
        """Seal a batch of values behind row ``after`` with the newest key; how many, and the last row (0: no more)."""
        ...


@dataclass(frozen=True)
class SealedColumn:
    """A column of a table with ``id``; ``lookup_column`` holds the keyed digest of the same value."""

    table: str
    column: str
    purpose: str
    lookup_column: str = ""

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"

    def count(self) -> Counter[int]:
        statement = (
            "SELECT get_byte({column}, 0), count(*) FROM {table} WHERE length({column}) > 0 GROUP BY 1"
        )
        with connection.cursor() as cursor:
            cursor.execute(self._said(statement))
            return Counter(dict(cursor.fetchall()))

    def reseal(self, ring: KeyRing, after: int) -> tuple[int, int]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                self._said(
                    "SELECT id, {column} FROM {table} WHERE id > %s AND length({column}) > 0 "
                    "AND get_byte({column}, 0) <> %s ORDER BY id LIMIT %s FOR UPDATE"
                ),
                [after, ring.newest, BATCH],
            )
            rows = [(pk, ring.unseal(bytes(sealed), self.purpose)) for pk, sealed in cursor.fetchall()]
            if rows:
                self._write(cursor, ring, rows)
        return len(rows), rows[-1][0] if len(rows) == BATCH else 0

    def _write(self, cursor: object, ring: KeyRing, rows: list[tuple[int, str]]) -> None:
        ids, sealed = [pk for pk, _ in rows], [ring.seal(text, self.purpose) for _, text in rows]
        lookups = [ring.lookup(text, self.purpose) for _, text in rows]
        more = ", {lookup} = n.lookup" if self.lookup_column else ""
        statement = (
            "UPDATE {table} AS t SET {column} = n.sealed"
            + more
            + " FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) "
            "AS n(id, sealed, lookup) WHERE t.id = n.id"
        )
        cursor.execute(self._said(statement), [ids, sealed, lookups])  # type: ignore[attr-defined]

    def _said(self, statement: str) -> sql.Composed:
        return sql.SQL(statement).format(
            table=sql.Identifier(self.table), column=sql.Identifier(self.column),
            lookup=sql.Identifier(self.lookup_column or self.column),
        )  # fmt: skip
