"""The reference: pgbench scripts, each one plain SQL statement that inserts the rows of one report.

The rows are read back from real reports of the examples' messages, so the yardstick stays the same however a report
writes them. Written into the folder that is named. What must differ from row to row (the number) is made from a random
number of pgbench's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import connection, transaction

from bench.messages import bodies
from wangge.accounts.models import User
from wangge.cases.actions import report
from wangge.territory.scope import Actor, actor_for

N_SCRIPTS = 30
RANDOM = "\\set n random(1, 1000000000000)\n"
CASE, OUTBOX = "cases_case", "kit_outboxrow"
BESIDE = ("cases_entry", "cases_reporter", "cases_caseclock")


def main(folder: str) -> None:
    actor = actor_for(User.objects.get(username="bench-hotline"))
    for n, body in enumerate(bodies()[:N_SCRIPTS]):
        Path(folder, f"{n:02}.sql").write_text(RANDOM + script_of(actor, body))


def script_of(actor: Actor, body: dict[str, Any]) -> str:
    """One statement with all rows of a report; what the report wrote is taken back."""
    with transaction.atomic():
        case = report(actor=actor, **body).case
        parts = [f"born AS ({insert(CASE, rows_of(CASE, 'id', case.pk)[0], case.number)} RETURNING id)"]
        for table in BESIDE:
            for row in rows_of(table, "case_id", case.pk):
                values = row | {"case_id": "(SELECT id FROM born)"}
                parts.append(f"row{len(parts)} AS ({insert(table, values, case.number)})")
        told = rows_of(OUTBOX, "(payload->>'case_id')::bigint", case.pk)[-1]
        transaction.set_rollback(True)
    return f"WITH {', '.join(parts)} {insert(OUTBOX, told, case.number)};\n"


def rows_of(table: str, column: str, case_id: int) -> list[dict[str, str]]:
    """The rows as SQL literals by column, without their own key."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} WHERE {column} = %s ORDER BY id LIMIT 0", [case_id])
        names = [str(column.name) for column in cursor.description if column.name != "id"]
        literals = ", ".join(f"quote_nullable({name})" for name in names)
        cursor.execute(f"SELECT {literals} FROM {table} WHERE {column} = %s ORDER BY id", [case_id])
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def insert(table: str, row: dict[str, str], number: str) -> str:
    values = ", ".join(pgbench_literal(value, number) for value in row.values())
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"


def pgbench_literal(value: str, number: str) -> str:
    """A literal that pgbench leaves alone: colons, backslashes and line breaks stand as escapes, the number varies."""
    if value == f"'{number}'":
        return f"'{number[:-6]}' || CAST(:n AS text)"
    if not value.startswith(("'", "E'")):
        return value
    inside = value[2:-1] if value.startswith("E") else value[1:-1].replace("\\", "\\\\")
    return "E'" + inside.replace(":", "\\x3a").replace("\n", "\\n") + "'"
