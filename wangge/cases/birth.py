"""A new case with its first entry, reporter, clocks and outbox row: written in one SQL statement (the hot path)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.db import IntegrityError

from wangge.cases.chain import ENTRY_COLUMNS, OUTBOX
from wangge.cases.events import CaseMoved
from wangge.cases.models import Case, CaseClock, Entry, Reporter
from wangge.kit.db import Told, planned
from wangge.kit.errors import Conflict
from wangge.kit.events import row_of

# What a new case may say of itself; every other column begins with its default.
CASE = Told(
    Case,
    "number", "state", "kind", "channel", "origin", "origin_number", "title", "text", "text_salt", "grams",
    "category_id", "tier",
    "urgency", "sensitivity", "area_id", "path", "police_path", "address", "lon", "lat", "raw_lon", "raw_lat", "datum",
    "accuracy_m", "position_source", "submitter_id", "has_contact", "has_hazard", "named_user_ids", "recused_user_ids",
    "recused_unit_ids", "parent_id", "link",
    "policy_version_id", "reported_at", "due_at", "is_simulated", "n_entries", "head_hash", "changed_at",
)  # fmt: skip
ENTRY = Told(Entry, *ENTRY_COLUMNS)
REPORTER = Told(
    Reporter,
    "name_sealed", "phone_sealed", "phone_lookup", "salt", "code_digest", "is_anonymous", "may_show_to_grid", "language",
)  # fmt: skip
CLOCK = Told(CaseClock, "stage", "budget", "unit_of_time", "started_at", "due_at", "source")


@dataclass(frozen=True)
class Birth:
    """All rows of a new case, unsaved."""

    case: Case
    entry: Entry
    reporter: Reporter | None
    clocks: list[CaseClock]
    event: CaseMoved


@cache
def statement() -> str:
    """Everything that belongs to a new case, at once; returns the case's id."""
    event = "jsonb_set(payload, '{case_id}', to_jsonb(id))"
    return f"""
WITH born AS ({CASE.insert_one()} RETURNING id),
entry AS ({ENTRY.insert_one("born,", case_id="id")}),
reporter AS ({REPORTER.insert_many("born,", case_id="id")}),
clock AS ({CLOCK.insert_many("born,", case_id="id")}),
event AS ({OUTBOX.insert_one("born,", payload=event)})
SELECT id FROM born"""


def write(birth: Birth) -> None:
    """Insert everything; sets ``case.pk``. A doubled origin number is a Conflict (409 ``known``).

    One statement is a transaction of its own, so this needs none around it.
    """
    case, reporters = birth.case, [birth.reporter] if birth.reporter else []
    told = row_of(birth.event, birth.entry.recorded_at)
    values = [
        CASE.row(case), ENTRY.row(birth.entry), REPORTER.rows(*reporters), CLOCK.rows(*birth.clocks), OUTBOX.row(told),
    ]  # fmt: skip
    try:
        ((case.pk,),) = planned(statement(), values)
    except IntegrityError as error:
        if "case_origin_once" in str(error):
            raise Conflict(
                "known", "这个原编号已经登记过,不再重复登记。", "This original number is registered already."
            ) from error
        raise
    case._state.adding, case._state.db = False, "default"
