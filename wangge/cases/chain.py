"""The chain of entries: making the next link, writing it with its outbox row in one statement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from wangge.cases import ledger
from wangge.cases.events import CaseMoved
from wangge.cases.models import Case, Entry
from wangge.cases.workflow import State, Verb
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.db import Changing, Told, fresh, planned
from wangge.kit.events import row_of
from wangge.kit.models import OutboxRow
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
    return fresh(
        Entry, case_id=case.pk, seq=seq, verb=verb.value, from_state=content["from"], to_state=case.state,
        user_id=actor.user_id, actor_name=actor.name[:80], role=grant.role.value, post_id=grant.post_id or None,
        unit_id=grant.unit_id, recorded_at=recorded_at, occurred_at=at, body=body,
        hash=bytes.fromhex(case.head_hash),
    )  # fmt: skip


def moved(case: Case, entry: Entry, actor: Actor) -> CaseMoved:
    """The event of an entry."""
    return CaseMoved(
        case_id=case.pk, number=case.number, seq=entry.seq, verb=entry.verb, from_state=entry.from_state,
        to_state=entry.to_state, user_id=actor.user_id, is_simulated=actor.is_simulated,
    )  # fmt: skip


ENTRY_COLUMNS = (
    "seq", "verb", "from_state", "to_state", "user_id", "actor_name", "role", "post_id", "unit_id", "recorded_at",
    "occurred_at", "body", "hash",
)  # fmt: skip
ENTRY = Told(Entry, "case_id", *ENTRY_COLUMNS)
OUTBOX = Told(OutboxRow, "kind", "payload", "not_before_at")
# what a case was born with stays; the grams follow the words (search.py)
CHANGING = Changing(
    Case, "number", "origin", "origin_number", "text", "text_salt", "grams", "policy_version_id", "reported_at",
    "is_simulated",
)  # fmt: skip


@cache
def statement() -> str:
    """A changed case, its entry and the outbox row at once."""
    return f"""
WITH changed AS ({CHANGING.update}),
entry AS ({ENTRY.insert_one()})
{OUTBOX.insert_one()} RETURNING id"""


def write_move(case: Case, changed: Iterable[str], entry: Entry, event: CaseMoved) -> None:
    """The changed case, its entry and the outbox row in one statement.

    Staff's moves are told after the ten seconds in which they can be undone.
    """
    waits = event.user_id is not None and not event.is_simulated
    told = row_of(event, entry.recorded_at + UNDO_WINDOW if waits else entry.recorded_at)
    planned(statement(), [*CHANGING.values(case, changed), ENTRY.row(entry), OUTBOX.row(told)])


def plain(values: Any) -> Any:
    """The same values as JSON has them (moments as text)."""
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False))
