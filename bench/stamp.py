"""Stamping out new cases from a real one: new numbers, times, people, words and places, and a chain of its own.

The bodies' text is made by ``wangge.cases.ledger`` once for each template, only its holes are filled afterwards; hashes
are the ledger's own. ``wangge verify-ledger`` over all of it is the proof.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from bench.originals import CASE, DISPATCH, ENTRY, REPORTER, Original, Row, Table, content_of
from bench.pieces import Piece, Slots, cell, escaped
from wangge.cases import ledger

SECOND, DAY = 1_000_000, 86_400_000_000
WRITTEN_AFTER = SECOND * 4 // 5  # an entry is recorded so long after it occurred
SHANGHAI_AHEAD = 8 * 3600 * SECOND
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
OWN = frozenset({"number", "title", "text", "text_salt", "address", "origin_number", "head_hash", "grams"})
POSITION = {"lon": "lon", "lat": "lat", "raw_lon": "lon", "raw_lat": "lat"}
OF_REPORTER = frozenset({"name_sealed", "phone_sealed", "phone_lookup", "salt", "code_digest"})
PARENTS = {"case_id": CASE, "parent_id": CASE, "reporter_id": REPORTER, "dispatch_id": DISPATCH}


class Template:
    """One original, cut into pieces."""

    def __init__(self, original: Original, tables: dict[str, Table]) -> None:
        self.slots = Slots()
        self.original = original
        self.local = {
            name: {str(row["id"]): n for n, row in enumerate(rows)} for name, rows in original.rows.items()
        }
        self.n_rows = {name: len(original.rows[name]) for name in tables}
        self.recorded = self._recorded()
        self.bodies = [self._body(n, entry) for n, entry in enumerate(original.rows[ENTRY])]
        self.rows = {
            name: [
                Piece("\t".join(self._cell(table, column, n, row) for column in table.columns) + "\n")
                for n, row in enumerate(original.rows[name])
            ]
            for name, table in tables.items()
        }
        self._arrange()

    def _recorded(self) -> dict[str, int]:
        """When each entry was written: after it occurred, and after the one before."""
        found: dict[str, int] = {}
        newest: dict[str, int] = {}
        for entry in self.original.rows[ENTRY]:
            case = str(entry["case_id"])
            at = max(int(entry["occurred_at"] or 0) + WRITTEN_AFTER, newest.get(case, 0) + SECOND)
            found[str(entry["id"])] = newest[case] = at
        return found

    def _arrange(self) -> None:
        """Which slots hold what, so that filling is a few loops."""
        of_kind = self.slots.of_kind
        self.moments = np.array([key[1] for _, key in of_kind("moment")], dtype=np.int64)
        self.moment_slots = [at for at, _ in of_kind("moment")]
        self.short_slots = [(at, self.slots.at("moment", key[1]), key[2]) for at, key in of_kind("short")]
        self.day_slots = [(at, key[1]) for at, key in of_kind("day")]
        self.id_slots = [(at, key[1], key[2]) for at, key in of_kind("id")]
        self.case_slots = [(at, key[1], key[2]) for at, key in of_kind("case")]
        self.reporter_slots = [(at, key[1], key[2]) for at, key in of_kind("reporter")]
        self.links = [
            (body, self.slots.at("hash", n), self.slots.at("row", n)) for n, body in enumerate(self.bodies)
        ]
        self.n_slots = len(self.slots.keys)

    # ---- rows

    def _cell(self, table: Table, column: str, n: int, row: Row) -> str:
        value = row[column]
        if column == "id":
            return self.slots.text("id", table.name, n)
        if table.name == ENTRY and column in ("body", "hash", "recorded_at"):
            return self._entry_cell(column, n, row)
        if value is None:
            return "\\N"
        if column in PARENTS:
            return self.slots.text("id", PARENTS[column], self.local[PARENTS[column]][value])
        if table.is_moment(column):
            return self.moment(self._changed(row) if column == "changed_at" else int(value))
        if table.is_day(column):
            return self.slots.text("day", value)
        if table.name == CASE and (column in OWN or column in POSITION):
            return self._case_cell(column, n, value)
        if table.name == REPORTER and column in OF_REPORTER:
            return self.slots.text("reporter", n, column)
        return cell(value)

    def _entry_cell(self, column: str, n: int, row: Row) -> str:
        if column == "recorded_at":
            return self.moment(self.recorded[str(row["id"])])
        return self.slots.text("row", n) if column == "body" else "\\\\x" + self.slots.text("hash", n)

    def _case_cell(self, column: str, n: int, value: str) -> str:
        if column == "head_hash":
            last = max(k for k, row in enumerate(self.original.rows[ENTRY]) if self._case_of(row) == n)
            return self.slots.text("hash", last)
        if column == "origin_number" and not value:
            return ""
        return self.slots.text("case", n, POSITION.get(column, column))

    def _changed(self, case: Row) -> int:
        """When the case was changed last: with its newest entry."""
        entries = [row for row in self.original.rows[ENTRY] if row["case_id"] == case["id"]]
        return self.recorded[str(entries[-1]["id"])]

    def _case_of(self, row: Row) -> int:
        return self.local[CASE][str(row["case_id"])]

    def moment(self, at: int) -> str:
        return self.slots.text("moment", at)

    # ---- bodies

    def _body(self, n: int, entry: Row) -> Piece:
        """The entry's text by the ledger's own writer, with marks where copies differ."""
        previous = "" if entry["seq"] == "1" else self.slots.text("hash", n - 1)
        return Piece(ledger.body_of(previous, self._content(entry)))

    def _content(self, entry: Row) -> dict[str, Any]:
        said = content_of(entry)
        n = self._case_of(entry)
        said["case"] = self.slots.text("case", n, "number")
        said["recorded_at"] = self.moment(self.recorded[str(entry["id"])])
        said["occurred_at"] = self.moment(int(entry["occurred_at"] or 0))
        said["due_at"] = self._marked(said["due_at"])
        if said["where"]["lon"] is not None:
            said["where"] |= {
                "lon": self.slots.number("case", n, "lon"),
                "lat": self.slots.number("case", n, "lat"),
            }
        said["given"] = {key: self._given(entry, n, key, value) for key, value in said["given"].items()}
        return said

    def _given(self, entry: Row, n: int, key: str, value: Any) -> Any:
        """Digests of a report's words and people, its outside number, moments, and numbers of other cases."""
        if entry["verb"] == "report" and key in ("text", "title", "address") and isinstance(value, dict):
            return {"digest": self.slots.text("case", n, f"{key}_digest")}
        if entry["verb"] == "report" and key in ("name", "phone") and isinstance(value, dict):
            return {"digest": self.slots.text("reporter", self._reporter_of(entry), f"{key}_digest")}
        if key == "origin_number":
            return self.slots.text("case", n, "origin_number")
        return self._marked(value)

    def _reporter_of(self, entry: Row) -> int:
        """The first reporter of the entry's case."""
        return next(
            k for k, row in enumerate(self.original.rows[REPORTER]) if row["case_id"] == entry["case_id"]
        )

    def _marked(self, value: Any) -> Any:
        """A moment, a date or another case's number inside what was given."""
        if isinstance(value, list):
            return [self._marked(one) for one in value]
        if isinstance(value, dict):
            return {key: self._marked(one) for key, one in value.items()}
        if not isinstance(value, str):
            return value
        if MOMENT.fullmatch(value):
            return self._moment_said(value)
        if DATE.fullmatch(value):
            return self.slots.text("day", value)
        for n, case in enumerate(self.original.cases):
            value = value.replace(str(case["number"]), self.slots.text("case", n, "number"))
        return value

    def _moment_said(self, value: str) -> str:
        """With as many digits of the second as it was said with: the ledger has six, what was given three."""
        at = datetime.fromisoformat(value)
        moment = (at.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        mark = self.moment(moment)
        digits = len(value.removesuffix("Z").partition(".")[2])
        return mark if digits == 6 else self.slots.text("short", moment, digits)

    # ---- filling

    def fill_moments(self, values: list[str], shift: int, by_days: int) -> None:
        """All moments later by ``shift`` microseconds, all dates by ``by_days``."""
        told = np.datetime_as_string(
            (self.moments + shift).astype("M8[us]"), unit="us", timezone="UTC"
        ).tolist()
        for at, moment in zip(self.moment_slots, told, strict=True):
            values[at] = moment
        for at, whole, digits in self.short_slots:
            values[at] = shortened(values[whole], digits)
        for at, day in self.day_slots:
            values[at] = shifted_day(day, by_days)

    def fill_chain(self, values: list[str]) -> None:
        """Every body in turn, each with the hash of the one before."""
        for piece, at_hash, at_row in self.links:
            body = piece.filled(values)
            values[at_hash] = ledger.hash_of(body)
            values[at_row] = escaped(body)


def shortened(moment: str, digits: int) -> str:
    """A moment with fewer digits of the second."""
    return f"{moment[: 20 + digits] if digits else moment[:19]}Z"


@cache
def shifted_day(day: str, by_days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=by_days)).isoformat()
