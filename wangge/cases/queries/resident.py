"""What a resident sees of the own report: the present state in a sentence, the promise, the way so far, what may be
done now. No name of any person, and nothing of anybody else's report.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.cases.actions.closing import REOPEN_WITHIN
from wangge.cases.models import Ask, Case, Entry, Evidence, Reporter
from wangge.cases.queries.names import (
    AreaNamed,
    Coded,
    areas_by_path,
    category_named,
    state_named,
    units_by_id,
)
from wangge.cases.queries.offers import Facts, Offer, offers, open_asks_of
from wangge.cases.queries.view import ground_named, verdict_named
from wangge.cases.scope import roles_on
from wangge.cases.workflow import OPEN, RESIDENT_WORDS, State, Verb
from wangge.kit.clock import REAL_CLOCK, SHANGHAI, Clock
from wangge.kit.crypto import token_digest
from wangge.kit.errors import DomainError, NotFound
from wangge.kit.ids import normal_code
from wangge.kit.moments import day_of, moment
from wangge.kit.words import Text
from wangge.registry.masking import masked_text
from wangge.territory.scope import Actor

SOME_UNIT = Text("负责单位", "the responsible unit")
NO_PHONE = Text("12345", "12345")
RESIDENT_NAME = "居民"
ANSWERED = (State.CHECKED, State.CLOSED)
# what happened, as the resident reads it; {unit} and {date} are filled in; other verbs are inner affairs
HAPPENED: dict[str, Text] = {
    Verb.REPORT: Text("已收到您的反映", "Your report was received"),
    Verb.ASK_VERIFICATION: Text("已派人了解现场情况", "Someone was sent to look at the place"),
    Verb.VERIFY: Text("已了解现场情况", "The place was looked at"),
    Verb.ACCEPT: Text("已受理", "Accepted"),
    Verb.ANSWER: Text("已答复", "Answered"),
    Verb.SELF_CLOSE: Text("网格已办理", "Handled in the grid"),
    Verb.DOCKET: Text("情况已确认", "Confirmed"),
    Verb.DISPATCH: Text("已交 {unit} 办理", "Given to {unit}"),
    Verb.CLAIM: Text("{unit} 已接单", "{unit} has taken it"),
    Verb.TAKE: Text("{unit} 已接单", "{unit} has taken it"),
    Verb.EMERGENCY_START: Text("{unit} 已先行处置", "{unit} has begun at once"),
    Verb.ARRIVE: Text("{unit} 已到现场", "{unit} is at the place"),
    Verb.GRANT_EXTENSION: Text("答复时间延至 {date}", "You will be answered by {date}"),
    Verb.PARK: Text("目前暂不具备解决条件,已列入跟踪", "It cannot be solved for now and is tracked"),
    Verb.UNPARK: Text("已恢复办理", "Work has resumed"),
    Verb.REPORT_RESULT: Text("{unit} 已办理,正在核对结果", "{unit} has acted, the result is being checked"),
    Verb.CHECK_PASSED: Text("结果已核对", "The result was checked"),
    Verb.CHECK_FAILED: Text("核对发现没有办好,已退回重办", "The check found it undone; it goes back"),
    Verb.FOLLOW_UP: Text("已回访", "You were asked"),
    Verb.RATE: Text("您已评价", "You rated it"),
    Verb.URGE: Text("已催办", "Urged"),
    Verb.SUPPLEMENT: Text("您补充了情况", "You added something"),
    Verb.REOPEN: Text("已重新办理", "It is being handled again"),
    Verb.WITHDRAW: Text("您已撤回", "You withdrew it"),
    Verb.CONTEST: Text("您提出了异议", "You contested"),
    Verb.DECIDE_CONTEST: Text("异议已裁定", "The contest was decided"),
    Verb.MERGE: Text("已与同类反映合并办理", "Handled together with the same report of others"),
    Verb.UNMERGE: Text("恢复单独办理", "Handled by itself again"),
    Verb.SPLIT: Text("已分为几项分别办理", "Divided into several matters"),
    Verb.DECLINE: Text("不予受理", "Declined"),
    Verb.TRANSFER_OUT: Text("已转交依法受理的单位", "Passed to the unit that receives it by law"),
    Verb.VOID: Text("未予登记", "Not registered"),
    Verb.CLOSE: Text("已办结", "Closed"),
    Verb.GRANT_EXCEPTION: Text("已办结", "Closed"),
}
NOT_TOLD_OF_PARENT = frozenset(
    {Verb.REPORT, Verb.RATE, Verb.SUPPLEMENT, Verb.URGE, Verb.CONTEST, Verb.WITHDRAW, Verb.FOLLOW_UP}
)


@dataclass(frozen=True)
class ParcelStep:
    """One of the six stations: received, accepted, given to a unit, handled, checked, closed."""

    name: Text
    at: datetime | None
    when: Text | None
    is_done: bool
    is_now: bool


@dataclass(frozen=True)
class Happening:
    """Something that happened, in the resident's words."""

    at: datetime
    when: Text
    words: Text


@dataclass(frozen=True)
class Photo:
    """A file that the resident may see."""

    key: UUID
    kind: str
    mime: str
    role: str
    is_drawing: bool


@dataclass(frozen=True)
class Part:
    """One matter of a report that was divided."""

    title: str
    state: Coded
    sentence: Text


@dataclass(frozen=True)
class ResidentView:
    """A report as its reporter sees it. ``sentence`` is the present state, ``promise`` by when it is answered."""

    number: str
    state: Coded
    sentence: Text
    promise: Text | None
    is_late: bool
    title: str
    text: str
    category: Coded | None
    area: AreaNamed | None
    address: str
    reported_at: datetime
    due_at: datetime | None
    unit: Text | None
    unit_phone: str
    answer: str
    steps: list[ParcelStep]
    happenings: list[Happening]
    photos: list[Photo]
    parts: list[Part]
    verdict: Coded
    n_rework: int
    n_entries: int
    offers: list[Offer]
    language: str


def reporter_by_code(code: str) -> Reporter:
    """The reporter whose code this is, however it was typed. Raises NotFound (404) for an unknown one, 410 when erased."""
    digest = token_digest(normal_code(code))
    found = Reporter.objects.filter(code_digest=digest).select_related(
        "case__category", "case__lead_unit", "case__parent__lead_unit", "case__parent__category"
    )
    person = found.first()
    if person is not None and person.erased_at is not None:
        day = f"{person.erased_at.astimezone(SHANGHAI):%Y-%m-%d}"
        raise DomainError(
            410, "erased",
            f"这件事已经办结,您的姓名、电话等个人信息已于 {day} 清除,不能再用此查询码查询。如有新情况,请重新反映。",
            f"This matter has ended; your name and telephone were erased on {day}, and the code no longer opens it. "
            "If there is something new, please report it again.",
        )  # fmt: skip
    if person is None:
        raise NotFound(
            "没有这个查询码。请核对是否抄错,字母大小写都可以。",
            "There is no such code. Check it; capitals or not does not matter.",
        )
    return person


def resident_actor(person: Reporter, visit: str = "", clock: Clock = REAL_CLOCK) -> Actor:
    """Who acts when a resident shows the code."""
    return Actor(reporter_id=person.pk, name=RESIDENT_NAME, visit=visit, clock=clock)


def resident_view(person: Reporter, now: datetime) -> ResidentView:
    """The report of this reporter (read by ``reporter_by_code``) as the resident sees it."""
    case = person.case
    leading = case.parent if case.state == State.MERGED and case.parent is not None else case
    entries = list(Entry.objects.filter(case_id__in={case.pk, leading.pk}).order_by("occurred_at", "id"))
    unit = leading.lead_unit
    due_at = leading.due_at if State(leading.state) in OPEN else None
    handling = is_still_due(leading)
    return ResidentView(
        number=case.number, state=state_named(case.state), sentence=sentence_of(case, now),
        promise=promise_of(due_at, now) if due_at and handling else None,
        is_late=bool(due_at and handling and now > due_at), title=case.title, text=case.text,
        category=category_named(case.category), area=areas_by_path([case.path]).get(case.path), address=case.address,
        reported_at=case.reported_at, due_at=due_at if handling else None,
        unit=Text(unit.name_zh, unit.name_en or unit.name_zh) if unit else None, unit_phone=unit.phone if unit else "",
        answer=answer_of(case, leading), steps=steps_of(leading, now), happenings=happenings(entries, case, now),
        photos=photos_of(case, leading), parts=parts_of(case, now), verdict=verdict_named(person.verdict),
        n_rework=leading.n_rework, n_entries=case.n_entries, offers=offers_to(person, entries, now),
        language=person.language,
    )  # fmt: skip


def is_still_due(case: Case) -> bool:
    """Whether the resident still waits for the result (not while it is being checked or is parked)."""
    return State(case.state) in OPEN - {State.HANDLED, State.CHECKED, State.PARKED}


def promise_of(due_at: datetime, now: datetime) -> Text:
    """最迟 11月24日 15:30 答复; honest when that is over."""
    by = moment(due_at, now)
    if now <= due_at:
        return Text(f"最迟 {by.zh} 答复", f"You will be answered by {by.en}")
    return Text(
        f"原定 {by.zh} 前答复,现已超时,正在督促",
        f"The answer was due by {by.en}; it is late and is being pressed",
    )


def sentence_of(case: Case, now: datetime) -> Text:
    """The words of the table for the state, filled in."""
    words = RESIDENT_WORDS[State(case.state)]
    values = blanks(case, now)
    return Text(
        words.zh.format(**{name: value.zh for name, value in values.items()}),
        words.en.format(**{name: value.en for name, value in values.items()}),
    )


def blanks(case: Case, now: datetime) -> dict[str, Text]:
    """What the ``{names}`` in the resident's words stand for."""
    unit = case.lead_unit
    named = Text(unit.name_zh, unit.name_en or unit.name_zh) if unit else SOME_UNIT
    phone = Text(unit.phone, unit.phone) if unit and unit.phone else NO_PHONE
    if case.state == State.TRANSFERRED:
        named = Text(case.outside_unit, case.outside_unit)
        phone = Text(case.outside_phone, case.outside_phone)
    reason = ground_named(case) or Text(case.closing_note, case.closing_note)
    return {
        "unit": named,
        "tel": phone,
        "reason": reason,
        "where": Text(case.closing_note, case.closing_note),
        "date": date_of(case, now),
    }


def date_of(case: Case, now: datetime) -> Text:
    """The date that the sentence of the state names."""
    if case.state == State.PARKED and case.review_on is not None:
        return day_of(case.review_on, now)
    if case.state == State.CLOSED and case.closed_at is not None:
        return moment(case.closed_at + REOPEN_WITHIN, now)
    at = case.ended_at or case.changed_at
    return moment(at, now)


def answer_of(case: Case, leading: Case) -> str:
    """What was answered, once the result is checked; of a case it joined, without anybody's numbers."""
    if State(leading.state) not in ANSWERED:
        return ""
    return leading.closing_note if leading is case else masked_text(leading.closing_note)


STATIONS = (
    (Text("收到", "Received"), "reported_at"),
    (Text("受理", "Accepted"), "accepted_at"),
    (Text("交办", "Given to a unit"), "dispatched_at"),
    (Text("办理", "Handled"), "handled_at"),
    (Text("核对", "Checked"), "checked_at"),
    (Text("办结", "Closed"), "closed_at"),
)


def steps_of(case: Case, now: datetime) -> list[ParcelStep]:
    """The six stations; one that was skipped (a grid solves it at once) counts as done when a later one is."""
    times = [getattr(case, column) for _, column in STATIONS]
    reached = max((n for n, at in enumerate(times) if at is not None), default=0)
    is_ended = case.ended_at is not None
    return [
        ParcelStep(
            name,
            at,
            moment(at, now) if at else None,
            is_done=n <= reached,
            is_now=n == reached + 1 and not is_ended,
        )
        for n, ((name, _), at) in enumerate(zip(STATIONS, times, strict=True))
    ]


def happenings(entries: Sequence[Entry], case: Case, now: datetime) -> list[Happening]:
    """What happened to the report (and to the case it joined), the newest first; undone steps never happened."""
    undone = {(entry.case_id, entry.given.get("undone")) for entry in entries if entry.verb == Verb.UNDO}
    told = [entry for entry in entries if is_told(entry, case) and (entry.case_id, entry.seq) not in undone]
    holders = {entry.pk: json.loads(entry.body) for entry in told}
    units = units_by_id(body["holder"]["unit"] for body in holders.values())
    found = []
    for entry in told:
        body = holders[entry.pk]
        unit = units.get(body["holder"]["unit"] or 0)
        due = datetime.fromisoformat(body["due_at"]) if body["due_at"] else entry.occurred_at
        name, date = unit.name if unit else SOME_UNIT, moment(due, now)
        words = HAPPENED[entry.verb]
        said = Text(words.zh.format(unit=name.zh, date=date.zh), words.en.format(unit=name.en, date=date.en))
        found.append(Happening(entry.occurred_at, moment(entry.occurred_at, now), said))
    return found[::-1]


def is_told(entry: Entry, case: Case) -> bool:
    """Whether the resident reads of this entry; of the case it joined, never what other reporters did."""
    if entry.verb not in HAPPENED:
        return False
    if entry.case_id != case.pk:
        return entry.verb not in NOT_TOLD_OF_PARENT
    return not (entry.verb == Verb.VOID and "waits_for" in entry.given)


def photos_of(case: Case, leading: Case) -> list[Photo]:
    """Own pictures and those of the result; of a case it joined only those of the result."""
    rows = Evidence.objects.filter(case_id__in={case.pk, leading.pk}, is_for_resident=True).select_related(
        "file"
    )
    return [
        Photo(row.file.key, row.file.kind, row.file.mime, row.role, row.is_drawing)
        for row in rows.order_by("id")
        if row.case_id == case.pk or row.role == "after"
    ]


def photo_of(person: Reporter, key: UUID) -> Evidence:
    """A file that this resident may fetch. Raises NotFound (404)."""
    case = person.case
    ids = {case.pk, case.parent_id} if case.state == State.MERGED and case.parent_id else {case.pk}
    found = (
        Evidence.objects.filter(file__key=key, case_id__in=ids, is_for_resident=True)
        .select_related("file")
        .first()
    )
    if found is None or (found.case_id != case.pk and found.role != "after"):
        raise NotFound()
    return found


def parts_of(case: Case, now: datetime) -> list[Part]:
    """The matters into which the report was divided."""
    rows = Case.objects.filter(parent=case, link="split").select_related("lead_unit").order_by("id")
    return [Part(row.title, state_named(row.state), sentence_of(row, now)) for row in rows]


def offers_to(person: Reporter, entries: Sequence[Entry], now: datetime) -> list[Offer]:
    """What the resident may do now."""
    case, actor = person.case, resident_actor(person)
    asks = open_asks_of(Ask.objects.filter(case=case, decision=""))
    last = next((entry for entry in reversed(entries) if entry.case_id == case.pk), None)
    facts = Facts(case, actor, roles_on(actor, case), asks, (), last, False, now)
    return offers(facts)[0]
