"""The reference: pgbench scripts with the one SQL statement that a report executes, taken from a real report.

Written into the folder that is named; each script is one of the examples' messages. What must differ from row to row
(the number, the resident's code) is made from a random number of pgbench's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg.sql import Literal

from bench.messages import bodies
from wangge.accounts.models import User
from wangge.cases.actions import report
from wangge.territory.scope import actor_for

N_SCRIPTS = 30
RANDOM = "\\set n random(1, 1000000000000)\n"
QUOTED = re.compile(r"( E)?'((?:[^']|'')*)'", re.S)


def main(folder: str) -> None:
    actor = actor_for(User.objects.get(username="bench-hotline"))
    for n, body in enumerate(bodies()[:N_SCRIPTS]):
        Path(folder, f"{n:02}.sql").write_text(
            RANDOM + script_of(lambda given=body: report(actor=actor, **given))
        )


def script_of(make: Callable[[], Any]) -> str:
    """The inserting statement that ``make`` executes, with its values in it; what it wrote is taken back."""
    seen: list[tuple[str, tuple[Any, ...]]] = []

    def note(
        execute: Callable[..., Any], statement: str, values: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if "INSERT INTO cases_case " in statement:
            seen.append((statement, tuple(values)))
        return execute(statement, values, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        made = make()
        transaction.set_rollback(True)
    ((statement, values),) = seen
    filled = [filled_in(value, made.case.number) for value in values]
    return one_line(statement.replace("%%", "%"), filled) + ";\n"


def one_line(statement: str, values: list[str]) -> str:
    """pgbench takes a statement in one line; ``%s`` are replaced in their order."""
    parts = " ".join(statement.split()).split("%s")
    assert len(parts) == len(values) + 1
    return "".join(part + value for part, value in zip(parts, [*values, ""], strict=True))


def filled_in(value: Any, number: str) -> str:
    """A value as SQL that pgbench leaves alone: colons, backslashes and line breaks stand as escapes."""
    if value == number:
        return f"'{number[:-6]}' || CAST(:n AS text)"
    if isinstance(value, bytes | memoryview) and len(value) == 32:  # digests are unique
        return "sha256(CAST(CAST(:n AS text) AS bytea))"
    return QUOTED.sub(escaped, Literal(value).as_string(connection.connection))


def escaped(found: re.Match[str]) -> str:
    inside = found[2] if found[1] else found[2].replace("\\", "\\\\")
    return " E'" + inside.replace(":", "\\x3a").replace("\n", "\\n") + "'"
