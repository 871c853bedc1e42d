"""Reading the real chains back: cases that hang together, with every row of theirs, values as text."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg

CASE, ENTRY, REPORTER, DISPATCH = "cases_case", "cases_entry", "cases_reporter", "cases_dispatch"
# Parents before children: a child's row names the number that its parent's was given.
TABLES = (
    CASE, ENTRY, REPORTER, DISPATCH, "cases_caseclock", "cases_assist", "cases_ask", "cases_inspection", "cases_rating",
    "cases_privatewords", "cases_evidence",
)  # fmt: skip
MICROSECONDS = "timestamp with time zone"
Row = dict[str, str | None]


@dataclass(frozen=True)
class Table:
    """A table as it is now, whichever columns it has."""

    name: str
    columns: tuple[str, ...]
    kinds: dict[str, str]

    def is_moment(self, column: str) -> bool:
        return self.kinds[column] == MICROSECONDS

    def is_day(self, column: str) -> bool:
        return self.kinds[column] == "date"


@dataclass
class Original:
    """One or several cases that name each other (merged, split, followed), with all their rows by table."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    @property
    def cases(self) -> list[Row]:
        return self.rows[CASE]

    def moments(self, column: str) -> list[int]:
        """Microseconds since 1970 in one column of the cases."""
        return [int(value) for case in self.cases if (value := case[column]) is not None]


def table_of(link: psycopg.Connection[Any], name: str) -> Table:
    found = link.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [name],
    ).fetchall()
    return Table(name, tuple(column for column, _ in found), dict(found))


def rows_of(link: psycopg.Connection[Any], table: Table) -> list[Row]:
    """All rows of a table as text, moments as microseconds."""
    said = [
        f"(extract(epoch FROM {column}) * 1000000)::bigint::text" if table.is_moment(column) else f"{column}::text"
        for column in table.columns
    ]  # fmt: skip
    found = link.execute(f"SELECT {', '.join(said)} FROM {table.name} ORDER BY id")
    return [dict(zip(table.columns, row, strict=True)) for row in found.fetchall()]


def originals(link: psycopg.Connection[Any], tables: dict[str, Table]) -> list[Original]:
    """Every case of the database, those that belong together as one."""
    read = {name: rows_of(link, table) for name, table in tables.items()}
    together = groups(read[CASE])
    found: dict[str, Original] = defaultdict(Original)
    of_dispatch = {row["id"]: row["case_id"] for row in read[DISPATCH]}
    for name, rows in read.items():
        for row in rows:
            case_id = row["id"] if name == CASE else row.get("case_id") or of_dispatch[row["dispatch_id"]]
            found[together[str(case_id)]].rows[name].append(row)
    for one in found.values():
        one.rows[ENTRY].sort(key=lambda row: (int(row["case_id"] or 0), int(row["seq"] or 0)))
    return list(found.values())


def groups(cases: list[Row]) -> dict[str, str]:
    """Case → the first case of those it belongs to (chains of parents)."""
    first = {str(case["id"]): str(case["id"]) for case in cases}
    for case in cases:
        if case["parent_id"] is not None:
            old, new = first[str(case["id"])], first[case["parent_id"]]
            first = {case_id: new if top == old else top for case_id, top in first.items()}
    return first


def content_of(entry: Row) -> dict[str, Any]:
    """What an entry's body says, without the link to the one before."""
    body = json.loads(str(entry["body"]))
    return {key: value for key, value in body.items() if key not in ("v", "prev")}
