"""verify-ledger: recompute every chain and compare it with the rows that repeat it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from wangge.cases import ledger

PAGE = 5_000
COLUMNS = (
    "seq", "verb", "from_state", "to_state", "user_id", "actor_name", "role", "recorded_at", "occurred_at", "given",
    "body", "hash",
)  # fmt: skip
QUERY = f"""
SELECT c.id, c.number, c.state, c.n_entries, c.head_hash, c.due_at, c.lead_unit_id, c.handler_id, {", ".join("e." + c for c in COLUMNS)}
FROM cases_case c LEFT JOIN cases_entry e ON e.case_id = c.id
ORDER BY c.id, e.seq
"""
CASE_WIDTH = 8


@dataclass(frozen=True)
class Finding:
    """Something wrong: in which case, at which entry (0: the case itself), of which kind."""

    case: str
    entry: int
    kind: str

    def as_json(self) -> dict[str, Any]:
        return {"case": self.case, "entry": self.entry, "kind": self.kind}


@dataclass
class Verified:
    """How much was read and what was found."""

    entries: int = 0
    cases: int = 0
    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "entries": self.entries,
            "cases": self.cases,
            "findings": [finding.as_json() for finding in self.findings],
        }


def rows() -> Iterator[tuple[Any, ...]]:
    """Cases with their entries, through a cursor on the server so that memory stays small."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(QUERY)
        while page := cursor.fetchmany(PAGE):
            yield from page


def verify(progress: Callable[[int], None] = lambda n: None) -> Verified:
    """Check every case of the database; ``progress`` is told the number of entries read so far."""
    found = Verified()
    for _, group in groupby(rows(), key=lambda row: row[0]):
        lines = list(group)
        found.cases += 1
        entries = [
            dict(zip(COLUMNS, line[CASE_WIDTH:], strict=True))
            for line in lines
            if line[CASE_WIDTH] is not None
        ]
        found.entries += len(entries)
        found.findings += check_case(lines[0][:CASE_WIDTH], entries)
        progress(found.entries)
    return found


def check_case(case: tuple[Any, ...], entries: list[dict[str, Any]]) -> list[Finding]:
    """Findings of one chain: each link, their sequence, and the case row that caches the newest."""
    _, number, state, n_entries, head_hash, due_at, unit_id, handler_id = case
    found: list[Finding] = []
    previous = ledger.FIRST
    for expected, entry in enumerate(entries, start=1):
        seq = int(entry["seq"])
        if seq != expected:
            found.append(Finding(number, expected, "entry_missing"))
            break
        found += [Finding(number, seq, kind) for kind in check_link(entry, number, previous)]
        previous = str(entry["hash"])
    if not entries:
        return [Finding(number, 0, "no_entries")]
    last = entries[-1]
    if len(entries) != n_entries or last["hash"] != head_hash:
        found.append(Finding(number, int(last["seq"]), "head_differs"))
    if not found:
        found += check_cache(number, json.loads(last["body"]), state, due_at, unit_id, handler_id)
    return found


def check_link(entry: dict[str, Any], number: str, previous: str) -> list[str]:
    """What is wrong with one entry: its hash, its link to the one before, or a column that differs from the body."""
    if ledger.hash_of(entry["body"]) != entry["hash"]:
        return ["hash_differs"]
    try:
        body = json.loads(entry["body"])
    except ValueError:
        return ["body_unreadable"]
    wrong = []
    if body["prev"] != previous:
        wrong.append("chain_broken")
    said = (
        body["case"],
        body["seq"],
        body["verb"],
        body["from"],
        body["to"],
        body["actor"]["user"],
        body["actor"]["name"][:80],
    )
    kept = (
        number,
        *(entry[name] for name in ("seq", "verb", "from_state", "to_state", "user_id", "actor_name")),
    )
    times = (ledger.stamp(entry["recorded_at"]), ledger.stamp(entry["occurred_at"]))
    given = entry["given"] if isinstance(entry["given"], dict) else json.loads(entry["given"])
    if said != kept or (body["recorded_at"], body["occurred_at"]) != times or body["given"] != given:
        wrong.append("columns_differ")
    return wrong


def check_cache(
    number: str, body: dict[str, Any], state: str, due_at: Any, unit_id: int | None, handler_id: int | None
) -> list[Finding]:
    """The case row against its newest entry: state, due date, holder."""
    found = []
    if body["to"] != state:
        found.append(Finding(number, body["seq"], "state_differs"))
    if body["due_at"] != (ledger.stamp(due_at) if due_at else ""):
        found.append(Finding(number, body["seq"], "due_differs"))
    if (body["holder"]["unit"], body["holder"]["user"]) != (unit_id, handler_id):
        found.append(Finding(number, body["seq"], "holder_differs"))
    return found
