"""One case, everything a page needs: masked reporter, timeline, evidence, deadlines, what may be done and why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.cases.actions.fields import RESULT, SERVICE, WHY
from wangge.cases.models import (
    Ask,
    Assist,
    Case,
    CaseClock,
    Entry,
    Evidence,
    Inspection,
    PrivateWords,
    Reporter,
)
from wangge.cases.move import case_row, keys
from wangge.cases.queries.deadlines import Deadline, deadline_of
from wangge.cases.queries.lists import Line, line_of, user_names
from wangge.cases.queries.names import (
    Coded,
    UnitNamed,
    areas_by_path,
    unit_named,
    units_by_id,
)
from wangge.cases.queries.offers import Facts, NotNow, Offer, offers, open_asks_of, undo_left
from wangge.cases.queries.related import Related, related
from wangge.cases.queries.timeline import EntryLine, timeline
from wangge.cases.scope import may_see_reporter, roles_on, sees, visible_to
from wangge.cases.verdicts import CONCERNED
from wangge.cases.workflow import State
from wangge.catalog.queries import close_type, ground
from wangge.files.models import FileKind, StoredFile
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.db import planned, together
from wangge.kit.errors import DomainError, NotFound
from wangge.kit.moments import moment
from wangge.kit.words import Text
from wangge.registry.masking import masked_name, masked_phone, masked_text
from wangge.territory.scope import Actor
from wangge.territory.staff import unit_by_id

ASK_NAMES = {
    "hand_back": Text("退单", "Hand-back"), "extension": Text("延期", "Extension"), "park": Text("挂账", "Parking"),
    "exception": Text("例外结案", "Exception"), "decline": Text("不予受理", "Decline"), "void": Text("作废", "Void"),
    "contest": Text("异议", "Contest"),
}  # fmt: skip
EVIDENCE_ROLES = {
    "before": Text("处置前", "Before"), "after": Text("处置后", "After"), "seen": Text("现场", "Seen on site"),
    "document": Text("材料", "Document"),
}  # fmt: skip
VERDICTS = {
    **dict(RESULT), **dict(SERVICE), **dict(WHY), "": Text("未评价", "Not rated"), "unreached": Text("未联系上", "Unreached"),
    "asked_again": Text("返工后待评价", "To be asked again"), "withdrawn": Text("已撤回", "Withdrawn"),
}  # fmt: skip
GROUND_KINDS = {
    State.DECLINED: "decline",
    State.VOID: "void",
    State.PARKED: "park",
    State.ARCHIVED: "decline",
}


@dataclass(frozen=True)
class ReporterMasked:
    """A reporter as the staff sees it: the name and number only after ``reveal``, which leaves a row."""

    id: int
    number: str
    name: str
    phone: str
    is_anonymous: bool
    is_erased: bool
    language: str
    verdict: Coded
    service: Coded
    why: Coded
    n_attempts: int
    may_reveal: bool


@dataclass(frozen=True)
class EvidenceItem:
    """A file of the case; fetched by its key."""

    key: UUID
    kind: str
    mime: str
    n_bytes: int
    width: int | None
    height: int | None
    role: Coded
    seq: int
    at: datetime
    by: str
    is_drawing: bool
    is_for_resident: bool


@dataclass(frozen=True)
class AskLine:
    """Something asked that waits for a decision (or was decided)."""

    kind: Coded
    asked_at: datetime
    when: Text
    rule_by_at: datetime | None
    decision: str
    unit: UnitNamed | None
    is_own: bool


@dataclass(frozen=True)
class AssistLine:
    unit: UnitNamed
    outcome: str
    note: str


@dataclass(frozen=True)
class CaseView:
    """One case as one person sees it. ``text_is_masked``: telephone and identity numbers are hidden in the words."""

    line: Line
    text: str
    text_is_masked: bool
    closing_note: str
    close_type: Text | None
    ground: Text | None
    review_on: str
    outside_unit: str
    outside_phone: str
    due_at: datetime | None
    unit_due_at: datetime | None
    n_hand_back: int
    n_reopen: int
    must_consult: bool
    has_hazard: bool
    reporters: list[ReporterMasked]
    timeline: list[EntryLine]
    evidence: list[EvidenceItem]
    deadlines: list[Deadline]
    asks: list[AskLine]
    assists: list[AssistLine]
    related: list[Related]
    offers: list[Offer]
    not_now: list[NotNow]
    undo_seconds: float
    roles: list[str]


@dataclass
class Rows:
    """The rows of one case, each table read once."""

    case: Case
    entries: list[Entry]
    clocks: list[CaseClock]
    asks: list[Ask]
    assists: list[Assist]
    evidence: list[Evidence]
    reporters: list[Reporter]
    numbers: dict[int, str]
    private: list[PrivateWords]
    has_sample: bool


def case_view(actor: Actor, number: str) -> CaseView:
    """The case of this number as the actor sees it. Raises NotFound (404) outside the scope."""
    return view_of(actor, case_seen(actor, number))


def case_seen(actor: Actor, number: str) -> Case:
    """The case row of this number, if the actor may see it. Raises NotFound (404)."""
    case = case_row("WHERE number = %s", number)
    if not sees(actor, case):
        raise NotFound()
    return case


def case_id_seen(actor: Actor, number: str) -> int:
    """Its id alone: what a verb needs. Raises NotFound (404)."""
    return case_seen(actor, number).pk


def case_id_of(number: str) -> int:
    """The id of a case for a verb, which looks itself whether the actor sees it. Raises NotFound (404)."""
    found = planned("SELECT id FROM cases_case WHERE number = %s", [number])
    if not found:
        raise NotFound()
    return int(found[0][0])


def view_of(actor: Actor, case: Case) -> CaseView:
    """``case_view`` of a row read by ``case_seen``."""
    rows, now = read(case), actor.now()
    shown = [masked(person, rows.numbers[person.case_id], actor, case, now) for person in rows.reporters]
    may_read = any(person.may_reveal for person in shown) or may_see_reporter(
        actor, case, may_show_to_grid=False, at=now
    )
    private = rows.private if may_read else []
    held = roles_on(actor, case)
    last = rows.entries[-1] if rows.entries else None
    facts = Facts(
        case, actor, held, open_asks_of(rows.asks), tuple(a for a in rows.assists if not a.outcome), last,
        rows.has_sample, now,
    )  # fmt: skip
    possible, refused = offers(facts)
    areas = areas_by_path([case.path])
    handler = user_names({case.handler_id or 0} - {0}).get(case.handler_id or 0, "")
    units = units_by_id([*(ask.unit_id for ask in rows.asks)])
    running = [clock for clock in rows.clocks if clock.stopped_at is None]
    return CaseView(
        line=line_of(case, running, areas.get(case.path), handler, now),
        text=case.text if may_read else masked_text(case.text), text_is_masked=not may_read,
        closing_note=case.closing_note if may_read else masked_text(case.closing_note),
        close_type=close_type_named(case), ground=ground_named(case),
        review_on=case.review_on.isoformat() if case.review_on else "",
        outside_unit=case.outside_unit, outside_phone=case.outside_phone, due_at=case.due_at,
        unit_due_at=case.unit_due_at, n_hand_back=case.n_hand_back, n_reopen=case.n_reopen,
        must_consult=case.must_consult, has_hazard=case.has_hazard, reporters=shown,
        timeline=timeline(rows.entries, private, files_by_seq(rows.evidence), now, is_masked=not may_read),
        evidence=evidence_items(rows), deadlines=[deadline_of(clock, now) for clock in rows.clocks],
        asks=[ask_line(ask, actor, units, now) for ask in rows.asks], assists=assist_lines(rows.assists, is_hidden=not may_read),
        related=related(actor, case), offers=possible, not_now=refused,
        undo_seconds=undo_seconds(case, last, actor), roles=sorted(held),
    )  # fmt: skip


HERE = "WHERE case_id = %s ORDER BY id"
OF_CASE = (
    (Entry, "WHERE case_id = %s ORDER BY seq"),
    (CaseClock, HERE),
    (Ask, HERE),
    (Assist, "WHERE dispatch_id IN (SELECT id FROM cases_dispatch WHERE case_id = %s AND ended_at IS NULL) ORDER BY id"),
    (Evidence, HERE),
    (StoredFile, "WHERE id IN (SELECT file_id FROM cases_evidence WHERE case_id = %s)"),
    (PrivateWords, HERE),
    (Inspection, "WHERE case_id = %s AND purpose = 'sample' AND finding = ''"),
    (Reporter, f"WHERE {CONCERNED} ORDER BY id"),
)  # fmt: skip


N_VALUES = sum(rest.count("%s") for _, rest in OF_CASE)


def read(case: Case) -> Rows:
    """Every table of the case, in one statement."""
    entries, case_clocks, asks, assists, evidence, files, private, samples, reporters = together(
        OF_CASE, [case.pk] * N_VALUES
    )
    by_id = {file.pk: file for file in files}
    for row in evidence:
        row.file = by_id[row.file_id]
    return Rows(
        case=case,
        entries=entries,
        clocks=case_clocks,
        asks=asks,
        assists=assists,
        evidence=evidence,
        reporters=reporters,
        numbers=numbers_of(case, reporters),
        private=private,
        has_sample=case.state == State.CLOSED and bool(samples),
    )


def numbers_of(case: Case, reporters: Sequence[Reporter]) -> dict[int, str]:
    """The numbers of the reporters' own cases, by id: those of merged cases differ."""
    others = {person.case_id for person in reporters} - {case.pk}
    found = dict(Case.objects.filter(pk__in=others).values_list("pk", "number")) if others else {}
    return {case.pk: case.number, **found}


def masked(person: Reporter, number: str, actor: Actor, case: Case, now: datetime) -> ReporterMasked:
    """A reporter with surname and the last digits."""
    ring = keys()
    name = ring.unseal(bytes(person.name_sealed), "reporter.name") if person.name_sealed is not None else ""
    phone = (
        ring.unseal(bytes(person.phone_sealed), "reporter.phone") if person.phone_sealed is not None else ""
    )
    may = may_see_reporter(actor, case, may_show_to_grid=person.may_show_to_grid, at=now)
    return ReporterMasked(
        id=person.pk, number=number, name=masked_name(name), phone=masked_phone(phone),
        is_anonymous=person.is_anonymous, is_erased=person.erased_at is not None, language=person.language,
        verdict=verdict_named(person.verdict), service=verdict_named(person.service), why=verdict_named(person.why),
        n_attempts=person.n_attempts, may_reveal=may and bool(name or phone),
    )  # fmt: skip


def verdict_named(code: str) -> Coded:
    return Coded(code, VERDICTS.get(code, Text(code, code)))


def evidence_items(rows: Rows) -> list[EvidenceItem]:
    by = {entry.seq: (entry.actor_name, entry.occurred_at) for entry in rows.entries}
    return [evidence_item(row, *by.get(row.seq, ("", rows.case.reported_at))) for row in rows.evidence]


def evidence_item(row: Evidence, by: str, at: datetime) -> EvidenceItem:
    file: StoredFile = row.file
    return EvidenceItem(
        key=file.key, kind=FileKind(file.kind).value, mime=file.mime, n_bytes=file.n_bytes, width=file.width,
        height=file.height, role=Coded(row.role, EVIDENCE_ROLES.get(row.role, Text(row.role, row.role))), seq=row.seq,
        at=at, by=by, is_drawing=row.is_drawing, is_for_resident=row.is_for_resident,
    )  # fmt: skip


def files_by_seq(evidence: Sequence[Evidence]) -> dict[int, list[str]]:
    """Keys of the files that each entry brought."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in evidence:
        found[row.seq].append(str(row.file.key))
    return found


def ask_line(ask: Ask, actor: Actor, units: dict[int, UnitNamed], now: datetime) -> AskLine:
    return AskLine(
        Coded(ask.kind, ASK_NAMES.get(ask.kind, Text(ask.kind, ask.kind))), ask.asked_at, moment(ask.asked_at, now),
        ask.rule_by_at, ask.decision, units.get(ask.unit_id or 0),
        is_own=ask.asked_by_id is not None and ask.asked_by_id == actor.user_id,
    )  # fmt: skip


def assist_lines(assists: Sequence[Assist], *, is_hidden: bool) -> list[AssistLine]:
    return [
        AssistLine(unit, row.outcome, masked_text(row.note) if is_hidden else row.note)
        for row in assists
        if (unit := unit_named(unit_by_id(row.unit_id))) is not None
    ]


def close_type_named(case: Case) -> Text | None:
    if not case.close_type:
        return None
    try:
        row = close_type(case.close_type)
    except DomainError:
        return Text(case.close_type, case.close_type)
    return Text(row.name_zh, row.name_en or row.name_zh)


def ground_named(case: Case) -> Text | None:
    """The listed ground of a decline, void or parking."""
    kind = GROUND_KINDS.get(State(case.state))
    if not case.ground or kind is None:
        return None
    try:
        row = ground(kind, case.ground)
    except DomainError:
        return None
    return Text(row.name_zh, row.name_en or row.name_zh)


def undo_seconds(case: Case, last: Entry | None, actor: Actor) -> float:
    """For how many seconds this person can still take back the last step; 0 when not."""
    if last is None or case.undo is None or last.user_id is None or last.user_id != actor.user_id:
        return 0.0
    return max(undo_left(last, REAL_CLOCK.now()).total_seconds(), 0.0)


def evidence_of(actor: Actor, key: UUID) -> StoredFile:
    """A file that this actor may fetch: of a case in the scope, or an own upload not attached yet. NotFound (404)."""
    seen = visible_to(actor).values("pk")
    shown = Evidence.objects.filter(file__key=key, case__in=seen)
    if actor.reporter_id is not None:
        shown = shown.filter(is_for_resident=True)
    row = shown.select_related("file").first()
    if row is not None:
        return row.file
    own = (
        StoredFile.objects.filter(key=key, uploaded_by=actor.caller, attached_at=None).first()
        if actor.caller != "visit:"
        else None
    )
    if own is None:
        raise NotFound()
    return own
