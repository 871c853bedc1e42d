"""The chain of entries: making the next link, writing it with its outbox row in one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from psycopg.types.json import Jsonb

from wangge.cases import ledger
from wangge.cases.events import CaseMoved
from wangge.cases.models import Case, Entry
from wangge.cases.workflow import State, Verb
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.db import assignments, columns_of, marks
from wangge.kit.events import row_of
from wangge.territory.scope import Actor, Grant

UNDO_WINDOW = timedelta(seconds=10)


def link(
    case: Case, verb: Verb, origin: State | None, actor: Actor, grant: Grant, *, given: Mapping[str, Any],
    files: list[str], at: datetime,
) -> Entry:  # fmt: skip
    """The next entry of a case's chain; raises the case's counters, writes nothing."""
    recorded_at = REAL_CLOCK.now()
    seq = case.n_entries + 1
    content = {
        "case": case.number,
        "seq": seq,
        "verb": verb.value,
        "from": origin.value if origin else "",
        "to": case.state,
        "actor": {"user": actor.user_id, "name": actor.name, "simulated": actor.is_simulated},
        "post": {"id": grant.post_id, "role": grant.role.value, "unit": grant.unit_id, "for": grant.for_user},
        "recorded_at": ledger.stamp(recorded_at),
        "occurred_at": ledger.stamp(at),
        "where": {"path": case.path, "lon": case.lon, "lat": case.lat},
        "holder": {"unit": case.lead_unit_id, "user": case.handler_id},
        "due_at": ledger.stamp(case.due_at) if case.due_at else "",
        "given": dict(given),
        "files": files,
    }
    body = ledger.body_of(case.head_hash, content)
    case.n_entries, case.head_hash = seq, ledger.hash_of(body)
    return Entry(
        case=case, seq=seq, verb=verb.value, from_state=origin.value if origin else "", to_state=case.state, user_id=actor.user_id,
        actor_name=actor.name[:80], role=grant.role.value, post_id=grant.post_id or None, unit_id=grant.unit_id,
        recorded_at=recorded_at, occurred_at=at, given=dict(given), body=body, hash=case.head_hash,
    )  # fmt: skip


def moved(case: Case, entry: Entry, actor: Actor) -> CaseMoved:
    """The event of an entry."""
    return CaseMoved(
        case_id=case.pk, number=case.number, seq=entry.seq, verb=entry.verb, from_state=entry.from_state,
        to_state=entry.to_state, user_id=actor.user_id, is_simulated=actor.is_simulated,
    )  # fmt: skip


WRITE = """
WITH changed AS (UPDATE cases_case SET {assignments} WHERE id = %s),
entry AS (
  INSERT INTO cases_entry (case_id, seq, verb, from_state, to_state, user_id, actor_name, role, post_id, unit_id,
    recorded_at, occurred_at, given, body, hash)
  VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
)
INSERT INTO kit_outboxrow ({columns}) VALUES ({marks})
"""


def entry_values(entry: Entry) -> list[Any]:
    """The entry's columns after ``case_id``, as the database takes them."""
    return [
        entry.seq, entry.verb, entry.from_state, entry.to_state, entry.user_id, entry.actor_name, entry.role,
        entry.post_id, entry.unit_id, entry.recorded_at, entry.occurred_at, Jsonb(entry.given), entry.body, entry.hash,
    ]  # fmt: skip


def write_move(case: Case, changed: list[str], entry: Entry, event: CaseMoved) -> None:
    """The changed case, its entry and the outbox row in one statement.

    Staff's moves are told after the ten seconds in which they can be undone.
    """
    waits = event.user_id is not None and not event.is_simulated
    not_before = entry.recorded_at + UNDO_WINDOW if waits else entry.recorded_at
    columns, told = columns_of(row_of(event, not_before))
    said, values = assignments(case, changed)
    statement = WRITE.format(assignments=said, columns=", ".join(columns), marks=marks(len(told)))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, case.pk, entry.case_id, *entry_values(entry), *told])


def plain(values: Any) -> Any:
    """The same values as JSON has them (moments as text)."""
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False))
