"""The ledger of a case as people read it: who and post, what, when, how long since the step before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from wangge.accounts.models import User
from wangge.cases.actions import ACTIONS, report
from wangge.cases.given import Given, fields_of
from wangge.cases.models import Entry, PrivateWords
from wangge.cases.move import keys
from wangge.cases.queries.names import (
    Coded,
    UnitNamed,
    area_names,
    channel_named,
    places_of_posts,
    role_named,
    state_named,
    unit_named,
    verb_named,
)
from wangge.cases.workflow import Verb
from wangge.catalog.queries import category_by_code, close_type, ground
from wangge.kit.db import select
from wangge.kit.errors import DomainError
from wangge.kit.moments import moment, span
from wangge.kit.words import Text
from wangge.registry.masking import masked_text
from wangge.territory.staff import all_units

HIDDEN = Text("(内容仅限经办人员查看)", "(shown to those who handle the case only)")
YES, NO = Text("是", "Yes"), Text("否", "No")
UNIT_WIDGETS, USER_WIDGETS, AREA_WIDGETS = (
    ("unit", "units", "assist"),
    ("user", "users", "colleague"),
    ("area",),
)
TYPED_WIDGETS = ("words", "line")
NOT_TOLD = ("files",)  # shown as pictures
# what entries say beside the fields that were given
BESIDE: dict[str, Given] = {
    "days": Given("延长天数", "Days"),
    "due_at": Given("最迟", "Due", "moment"),
    "review_on": Given("复核日期", "Review on"),
    "n_rework": Given("返工次数", "Reworks"),
    "parts": Given("拆分为", "Split into"),
    "merged": Given("并入案件", "Joined by"),
    "unmerged": Given("取消并入", "No longer joined by"),
    "sample": Given("抽查", "Sample", "yes_no"),
    "attempt": Given("第几次联系", "Attempt"),
    "goes_on": Given("因有隐患继续办理", "Goes on because of a hazard", "yes_no"),
    "channel": Given("来源渠道", "Channel", "channel"),
    "origin_number": Given("原编号", "Original number"),
}


@dataclass(frozen=True)
class SaidItem:
    """A label and what was given for it."""

    name: str
    label: Text
    value: Text


@dataclass(frozen=True)
class EntryLine:
    """One entry of the ledger. ``post`` is where and as what: 望海街道 派遣员; ``stands_in_for`` a person's name."""

    seq: int
    verb: Coded
    from_state: Coded | None
    to_state: Coded
    actor: str
    role: Coded
    post: Text
    stands_in_for: str
    at: datetime
    when: Text
    recorded_at: datetime
    after: Text | None
    is_simulated: bool
    said: tuple[SaidItem, ...]
    files: tuple[str, ...]


@dataclass
class Spoken:
    """Names of the codes that entries hold, read once for all of them."""

    units: dict[str, UnitNamed] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    areas: dict[str, Text] = field(default_factory=dict)
    places: dict[int, Text] = field(default_factory=dict)
    private: dict[tuple[int, str], str] = field(default_factory=dict)
    files: dict[int, list[str]] = field(default_factory=dict)
    is_masked: bool = True


@cache
def marks_of(verb: str) -> dict[str, Given]:
    """The fields of a verb by name, with what entries say beside them."""
    given = fields_of(report) if verb == Verb.REPORT else ACTIONS[Verb(verb)].fields
    return {**{one.name: one.given for one in given}, **BESIDE}


def timeline(
    entries: Sequence[Entry], private: Sequence[PrivateWords], files: Mapping[int, list[str]], now: datetime,
    *, is_masked: bool,
) -> list[EntryLine]:  # fmt: skip
    """Entries (in their order) as lines, the newest first. ``private``: the words this reader may read.

    ``is_masked``: telephone and identity numbers that somebody typed into a note are hidden.
    """
    spoken = names_for(entries)
    spoken.is_masked = is_masked
    spoken.files = dict(files)
    spoken.private = {
        (row.seq, row.name): keys().unseal(bytes(row.sealed), "words")
        for row in private
        if row.sealed is not None
    }
    lines = []
    before: datetime | None = None
    for entry in entries:
        lines.append(line(entry, before, spoken, now))
        before = entry.occurred_at
    return lines[::-1]


def line(entry: Entry, before: datetime | None, spoken: Spoken, now: datetime) -> EntryLine:
    body = entry.told
    place = spoken.places.get(entry.post_id or 0, Text("", ""))
    role = Coded(entry.role, role_named(entry.role))
    return EntryLine(
        seq=entry.seq, verb=verb_named(entry.verb), from_state=state_named(entry.from_state) if entry.from_state else None,
        to_state=state_named(entry.to_state), actor=entry.actor_name, role=role,
        post=Text(f"{place.zh} {role.name.zh}".strip(), f"{role.name.en}, {place.en}".strip(", ")),
        stands_in_for=body["post"].get("for", ""), at=entry.occurred_at, when=moment(entry.occurred_at, now),
        recorded_at=entry.recorded_at, after=span(entry.occurred_at - before) if before else None,
        is_simulated=body["actor"]["simulated"], said=tuple(items(entry, spoken, now)),
        files=tuple(spoken.files.get(entry.seq, ())),
    )  # fmt: skip


def items(entry: Entry, spoken: Spoken, now: datetime) -> list[SaidItem]:
    """What was given, in words; what only programs need is left out."""
    marks = marks_of(entry.verb)
    found = []
    for name, value in entry.given.items():
        mark = marks.get(name)
        if mark is None or mark.widget in NOT_TOLD:
            continue
        if isinstance(value, dict) and "digest" in value:
            if entry.verb == Verb.REPORT:
                continue  # the text and the reporter are shown above
            said = spoken.private.get((entry.seq, name))
            found.append(SaidItem(name, mark.label, Text(said, said) if said is not None else HIDDEN))
        else:
            found.append(SaidItem(name, mark.label, in_words(mark, value, spoken, now)))
    return found


def in_words(mark: Given, value: Any, spoken: Spoken, now: datetime) -> Text:
    """A stored value as people read it."""
    if isinstance(value, list):
        parts = [in_words(mark, one, spoken, now) for one in value]
        return Text("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))
    if isinstance(value, bool):
        return YES if value else NO
    said = str(value)
    if mark.choices:
        return dict(mark.choices).get(said, Text(said, said))
    if mark.widget == "moment":
        return moment(datetime.fromisoformat(said), now)
    if mark.widget in UNIT_WIDGETS and said in spoken.units:
        return spoken.units[said].name
    if mark.widget in USER_WIDGETS:
        return Text(spoken.users.get(said, said), spoken.users.get(said, said))
    if mark.widget in AREA_WIDGETS:
        return spoken.areas.get(said, Text(said, said))
    if mark.widget in TYPED_WIDGETS and spoken.is_masked:
        said = masked_text(said)
    return from_catalogue(mark, said)


def from_catalogue(mark: Given, code: str) -> Text:
    """The names of a catalogue row; a retired one stands for itself."""
    try:
        if mark.widget == "category":
            row: Any = category_by_code(code)
        elif mark.widget == "ground":
            row = ground(mark.source, code)
        elif mark.widget == "close_type":
            row = close_type(code)
        elif mark.widget == "channel":
            return channel_named(code).name
        else:
            return Text(code, code)
    except DomainError:
        return Text(code, code)
    return Text(row.name_zh, row.name_en or row.name_zh)


def names_for(entries: Sequence[Entry]) -> Spoken:
    """The names of every code in these entries: from memory but for users, who are one query."""
    codes: dict[str, set[str]] = {"unit": set(), "user": set(), "area": set()}
    for entry in entries:
        marks = marks_of(entry.verb)
        for name, value in entry.given.items():
            kind = kind_of(marks.get(name))
            if kind:
                codes[kind].update(str(one) for one in (value if isinstance(value, list) else [value]))
    users = select(User, "WHERE username = ANY(%s)", [list(codes["user"])]) if codes["user"] else []
    return Spoken(
        units={
            unit.code: named
            for unit in (all_units() if codes["unit"] else ())
            if unit.code in codes["unit"] and (named := unit_named(unit)) is not None
        },
        users={user.username: str(user) for user in users},
        areas=area_names(codes["area"]),
        places=places_of_posts(entry.post_id for entry in entries),
    )


def kind_of(mark: Given | None) -> str:
    """Which table a field's codes are names of; empty for none."""
    if mark is None:
        return ""
    if mark.widget in UNIT_WIDGETS:
        return "unit"
    if mark.widget in USER_WIDGETS:
        return "user"
    return "area" if mark.widget in AREA_WIDGETS else ""
