"""One chain: each entry's hash and link, its columns, the replay, and the case row that caches the newest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from wangge.cases import ledger
from wangge.cases.audit.findings import Finding
from wangge.cases.audit.replaying import wrong_step

ENTRIES = """
SELECT e.case_id, e.seq, e.verb, e.from_state, e.to_state, e.user_id, e.actor_name, e.recorded_at, e.occurred_at,
       e.body, encode(e.hash, 'hex')
FROM cases_entry e WHERE e.case_id >= %s AND e.case_id < %s ORDER BY e.case_id, e.seq
"""
CASES = """
SELECT id, number, state, n_entries, head_hash, due_at, lead_unit_id, handler_id
FROM cases_case WHERE id >= %s AND id < %s
"""


class EntryRow(NamedTuple):
    """An entry as the database holds it; ``hash`` in hexadecimal."""

    case_id: int
    seq: int
    verb: str
    from_state: str
    to_state: str
    user_id: int | None
    actor_name: str
    recorded_at: datetime
    occurred_at: datetime
    body: str
    hash: str


class CaseRow(NamedTuple):
    """What the case says of itself."""

    id: int
    number: str
    state: str
    n_entries: int
    head_hash: str
    due_at: datetime | None
    unit_id: int | None
    handler_id: int | None


def check_chain(number: str, entries: Sequence[EntryRow]) -> tuple[list[Finding], dict[str, Any] | None]:
    """Findings of a chain, and the body of its newest entry when it can be read."""
    found: list[Finding] = []
    previous, before, states = ledger.FIRST, None, dict[int, str]()
    for expected, entry in enumerate(entries, start=1):
        if entry.seq != expected:
            found.append(Finding(number, expected, "entry_missing"))
            return found, None
        if hashlib.sha256(entry.body.encode()).hexdigest() != entry.hash:
            found.append(Finding(number, entry.seq, "hash_differs"))
        try:
            body: dict[str, Any] = orjson.loads(entry.body)
            found += [Finding(number, entry.seq, kind) for kind in wrong_link(entry, body, number, previous)]
            states[expected] = body["from"]
            if wrong := wrong_step(body, before, states):
                found.append(Finding(number, entry.seq, wrong))
        except (ValueError, KeyError, TypeError, AttributeError):
            found.append(Finding(number, entry.seq, "body_unreadable"))
            return found, None
        previous, before = entry.hash, body
    return found, before


def wrong_link(entry: EntryRow, body: dict[str, Any], number: str, previous: str) -> list[str]:
    """What is wrong between an entry, the one before it, and the columns that repeat its body."""
    wrong = []
    if body["prev"] != previous:
        wrong.append("chain_broken")
    actor = body["actor"]
    is_same = (
        body["case"] == number
        and body["seq"] == entry.seq
        and body["verb"] == entry.verb
        and body["from"] == entry.from_state
        and body["to"] == entry.to_state
        and actor["user"] == entry.user_id
        and actor["name"][:80] == entry.actor_name
        and body["recorded_at"] == ledger.stamp(entry.recorded_at)
        and body["occurred_at"] == ledger.stamp(entry.occurred_at)
    )
    if not is_same:
        wrong.append("columns_differ")
    return wrong


def check_case(case: CaseRow, entries: Sequence[EntryRow]) -> list[Finding]:
    """Everything that is wrong with one case and its chain."""
    if not entries:
        return [Finding(case.number, 0, "no_entries")]
    found, newest = check_chain(case.number, entries)
    last = entries[-1]
    if len(entries) != case.n_entries or last.hash != case.head_hash:
        found.append(Finding(case.number, last.seq, "head_differs"))
    if newest is not None:
        found += check_cache(case, newest)
    return found


def check_cache(case: CaseRow, body: dict[str, Any]) -> list[Finding]:
    """The case row against its newest entry: state, due date, holder."""
    found = []
    if body["to"] != case.state:
        found.append(Finding(case.number, body["seq"], "state_differs"))
    if body["due_at"] != (ledger.stamp(case.due_at) if case.due_at else ""):
        found.append(Finding(case.number, body["seq"], "due_differs"))
    if (body["holder"]["unit"], body["holder"]["user"]) != (case.unit_id, case.handler_id):
        found.append(Finding(case.number, body["seq"], "holder_differs"))
    return found
