"""A new case with its first entry, reporter, clocks and outbox row: written in one SQL statement (the hot path)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, connection
from psycopg.types.json import Jsonb

from wangge.cases.chain import entry_values
from wangge.cases.events import CaseMoved
from wangge.cases.models import Case, CaseClock, Entry, Reporter
from wangge.kit.db import columns_of, marks
from wangge.kit.errors import Conflict
from wangge.kit.events import row_of

ENTRY_COLUMNS = (
    "seq, verb, from_state, to_state, user_id, actor_name, role, post_id, unit_id, recorded_at, occurred_at, given, "
    "body, hash"
)


@dataclass(frozen=True)
class Birth:
    """All rows of a new case, unsaved."""

    case: Case
    entry: Entry
    reporter: Reporter | None
    clocks: list[CaseClock]
    event: CaseMoved


def write(birth: Birth) -> None:
    """Insert everything; sets ``case.pk``. A doubled origin number is a Conflict (409 ``known``)."""
    names, values = columns_of(birth.case)
    statement = [
        f"WITH born AS (INSERT INTO cases_case ({', '.join(names)}) VALUES ({marks(len(values))}) RETURNING id)"
    ]
    entry = entry_values(birth.entry)
    statement.append(
        f", entry AS (INSERT INTO cases_entry (case_id, {ENTRY_COLUMNS}) SELECT id, {marks(len(entry))} FROM born)"
    )
    values += entry
    if birth.reporter is not None:
        own, given = columns_of(birth.reporter, "case_id")
        statement.append(
            f", reporter AS (INSERT INTO cases_reporter (case_id, {', '.join(own)}) SELECT id, {marks(len(given))} FROM born)"
        )
        values += given
    for n, clock in enumerate(birth.clocks):
        own, given = columns_of(clock, "case_id")
        statement.append(
            f", clock{n} AS (INSERT INTO cases_caseclock (case_id, {', '.join(own)}) SELECT id, {marks(len(given))} FROM born)"
        )
        values += given
    own, given = columns_of(row_of(birth.event, birth.entry.recorded_at), "payload")
    statement.append(
        f", told AS (INSERT INTO kit_outboxrow (payload, {', '.join(own)}) "
        f"SELECT jsonb_set(%s::jsonb, '{{case_id}}', to_jsonb(id)), {marks(len(given))} FROM born) SELECT id FROM born"
    )
    values += [Jsonb(birth.event.payload()), *given]
    try:
        with connection.cursor() as cursor:
            cursor.execute("".join(statement), values)
            birth.case.pk = cursor.fetchone()[0]
    except IntegrityError as error:
        if "case_origin_once" in str(error):
            raise Conflict(
                "known", "这个原编号已经登记过,不再重复登记。", "This original number is registered already."
            ) from error
        raise
    birth.case._state.adding = False
    birth.case._state.db = "default"
