"""Lists of cases as people see them: one line a case, the same three queries however long the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from wangge.accounts.models import User
from wangge.cases.models import OPEN_STATES, Case, CaseClock
from wangge.cases.queries.deadlines import LIGHTS, Deadline, counting_clock, deadline_of, shows
from wangge.cases.queries.names import (
    AreaNamed,
    Coded,
    UnitNamed,
    areas_by_path,
    category_named,
    channel_named,
    choice,
    state_named,
    unit_named,
)
from wangge.cases.scope import visible_to
from wangge.cases.search import says
from wangge.cases.workflow import State
from wangge.catalog.models import CaseKind, Sensitivity, Tier, Urgency
from wangge.catalog.queries import category, category_by_code, children
from wangge.kit.clock import SHANGHAI
from wangge.kit.db import planned, select
from wangge.kit.errors import Invalid
from wangge.kit.paging import Page, page
from wangge.registry.masking import masked_text
from wangge.territory.locator import area_by_code
from wangge.territory.scope import Actor, actor_for
from wangge.territory.staff import all_units, unit_by_id

NEWEST_FIRST = ("-reported_at", "-id")
LINE_COLUMNS = (
    "id", "number", "title", "state", "kind", "channel", "category_id", "tier", "urgency", "sensitivity", "path", "address",
    "lon", "lat", "lead_unit_id", "handler_id", "reported_at", "changed_at", "n_reporters", "n_rework", "n_entries",
    "is_escalated", "is_dissatisfied", "is_simulated", "origin_number",
)  # fmt: skip
MOST_CATEGORIES = 500
LOOKED_THROUGH_FIRST = (timedelta(days=30), timedelta(days=366))


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty means all. Codes, not ids; ``q``: a number or words (search.py)."""

    states: tuple[str, ...] = ()
    is_open: bool | None = None
    category: str = ""
    area: str = ""
    unit: str = ""
    light: str = ""
    channel: str = ""
    kind: str = ""
    q: str = ""
    origin_number: str = ""
    since: date | None = None
    """Reported on this day (in Shanghai) or later; ``until``: or earlier."""
    until: date | None = None


@dataclass(frozen=True)
class Line:
    """One case in a list. The title may have been typed by a resident: numbers of people are hidden in it."""

    case_id: int
    number: str
    title: str
    state: Coded
    kind: Coded
    channel: Coded
    category: Coded | None
    tier: Coded
    urgency: Coded
    sensitivity: Coded
    area: AreaNamed | None
    address: str
    lon: float | None
    lat: float | None
    unit: UnitNamed | None
    handler: str
    reported_at: datetime
    changed_at: datetime
    deadline: Deadline | None
    n_reporters: int
    n_rework: int
    n_entries: int
    is_escalated: bool
    is_dissatisfied: bool
    is_simulated: bool
    origin_number: str


@dataclass(frozen=True)
class Lines:
    """One page of a list; ``next_cursor`` is empty on the last page."""

    items: list[Line]
    next_cursor: str


def case_list(
    actor: Actor, filters: Filters | None = None, after: str = "", size: int | None = None
) -> Lines:
    """The cases that this actor may see, newest first. ``after``: the cursor of the page before; ``size``: 1–200, 50."""
    rows = visible_to(actor)
    if filters is not None:
        rows = rows.filter(narrowed(filters, actor.now()))
    if filters is not None and filters.q:
        found = found_page(rows, actor.now(), after, size)
    else:
        found = page(with_names(rows), key=NEWEST_FIRST, after=after or None, size=size)
    return Lines(lines_of(found.items, actor.now()), found.next_cursor)


def found_page(rows: QuerySet[Case], now: datetime, after: str, size: int | None) -> Page[Any]:
    """One page of what a search found, newest first.

    Of a common word the newest hits lie in the last weeks, so these are looked through first: their index and the
    words' index together leave few rows to read. A rare word is soon looked for everywhere. The other columns come in a
    second query, for the rows that are shown alone.
    """
    slim = rows.only("pk", "reported_at")
    spans = [] if after else [slim.filter(reported_at__gte=now - span) for span in LOOKED_THROUGH_FIRST]
    for part in (*spans, slim):
        found = page(part, key=NEWEST_FIRST, after=after or None, size=size)
        if found.next_cursor:
            break
    whole = {
        case.id: case for case in with_names(Case.objects.filter(pk__in=[one.pk for one in found.items]))
    }
    return Page([whole[one.pk] for one in found.items if one.pk in whole], found.next_cursor)


def numbers_seen(user: User, numbers: Collection[str]) -> set[str]:
    """Which of the cases of these numbers the person may see now."""
    seen = visible_to(actor_for(user)).filter(number__in=numbers)
    return set(seen.values_list("number", flat=True)) if numbers else set()


def with_names(rows: QuerySet[Case], **more: Any) -> QuerySet[Any]:
    """The columns that a line shows, and ``more`` to sort by, as named tuples: a tenth of the cost of whole rows."""
    return rows.annotate(**more).values_list(*LINE_COLUMNS, *more, named=True)


def lines_of(cases: Sequence[Any], now: datetime) -> list[Line]:
    """Lines of cases read by ``with_names``: two more queries for all of them."""
    # an ended case has no running clock
    running = running_clocks([case.id for case in cases if case.state in OPEN_STATES])
    areas = areas_by_path({case.path for case in cases})
    names = user_names({case.handler_id for case in cases if case.handler_id})
    return [
        line_of(
            case, running.get(case.id, []), areas.get(case.path), names.get(case.handler_id or 0, ""), now
        )
        for case in cases
    ]


def user_names(ids: Iterable[int]) -> dict[int, str]:
    """What these users are called; one query."""
    wanted = list(ids)
    found = planned(USER_NAMES, [wanted]) if wanted else []
    return {pk: display_name or username for pk, display_name, username in found}


USER_NAMES = "SELECT id, display_name, username FROM accounts_user WHERE id = ANY(%s)"


def line_of(
    case: Any, running: Sequence[CaseClock], area: AreaNamed | None, handler: str, now: datetime
) -> Line:
    """The line of a case (a row of its model or of ``with_names``); category and unit come from memory."""
    clock = counting_clock(case.state, running)
    return Line(
        case_id=case.id, number=case.number, title=masked_text(case.title), state=state_named(case.state),
        kind=choice(CaseKind, case.kind), channel=channel_named(case.channel),
        category=category_named(category(case.category_id)) if case.category_id else None,
        tier=choice(Tier, case.tier), urgency=choice(Urgency, case.urgency),
        sensitivity=choice(Sensitivity, case.sensitivity), area=area, address=case.address, lon=case.lon, lat=case.lat,
        unit=unit_named(unit_by_id(case.lead_unit_id)) if case.lead_unit_id else None, handler=handler,
        reported_at=case.reported_at, changed_at=case.changed_at, deadline=deadline_of(clock, now) if clock else None,
        n_reporters=case.n_reporters, n_rework=case.n_rework, n_entries=case.n_entries,
        is_escalated=case.is_escalated, is_dissatisfied=case.is_dissatisfied, is_simulated=case.is_simulated,
        origin_number=case.origin_number,
    )  # fmt: skip


def running_clocks(case_ids: Sequence[int]) -> dict[int, list[CaseClock]]:
    """Clocks that are not stopped, by case."""
    found: dict[int, list[CaseClock]] = defaultdict(list)
    if case_ids:
        for clock in select(CaseClock, RUNNING, [list(case_ids)]):
            found[clock.case_id].append(clock)
    return found


RUNNING = "WHERE case_id = ANY(%s) AND stopped_at IS NULL ORDER BY id"


def narrowed(filters: Filters, now: datetime) -> Q:
    """The filters as a condition. Raises Invalid (422) for words that do not exist."""
    wanted = Q()
    if filters.states:
        wanted &= Q(state__in=[known_state(state) for state in filters.states])
    if filters.is_open is not None:
        wanted &= Q(state__in=OPEN_STATES) if filters.is_open else ~Q(state__in=OPEN_STATES)
    if filters.category:
        wanted &= Q(category_id__in=below(filters.category))
    if filters.area:
        wanted &= Q(path__startswith=path_of(filters.area))
    if filters.unit:
        unit_id = unit_id_of(filters.unit)
        wanted &= Q(lead_unit_id=unit_id) | Q(assist_unit_ids__contains=[unit_id])
    if filters.light:
        if filters.light not in LIGHTS:
            raise unknown("light", filters.light, ", ".join(LIGHTS))
        wanted &= shows(filters.light, now)
    if filters.channel:
        wanted &= Q(channel=filters.channel)
    if filters.kind:
        wanted &= Q(kind=filters.kind)
    if filters.q:
        wanted &= says(filters.q.strip())
    if filters.origin_number:
        wanted &= Q(origin_number=filters.origin_number)
    return wanted & reported_between(filters.since, filters.until)


def reported_between(since: date | None, until: date | None) -> Q:
    """Cases reported on these days, or on any day between."""
    wanted = Q()
    if since:
        wanted &= Q(reported_at__gte=midnight(since))
    if until and until < date.max:
        wanted &= Q(reported_at__lt=midnight(until + timedelta(days=1)))
    return wanted


def midnight(day: date) -> datetime:
    """When a day begins in Shanghai."""
    return datetime.combine(day, time.min, SHANGHAI)


def known_state(state: str) -> str:
    if state not in set(State):
        raise unknown("state", state, ", ".join(State))
    return state


def below(code: str) -> list[int]:
    """Ids of a category and everything below it."""
    found = [category_by_code(code).pk]
    for pk in found:
        found.extend(child.pk for child in children(pk))
        if len(found) > MOST_CATEGORIES:
            break
    return found


def path_of(code: str) -> str:
    area = area_by_code(code)
    if area is None:
        raise unknown("area", code, "GET /api/areas")
    return area.path


def unit_id_of(code: str) -> int:
    unit_id = next((unit.pk for unit in all_units() if unit.code == code), None)
    if unit_id is None:
        raise unknown("unit", code, "GET /api/units")
    return unit_id


def unknown(field: str, given: str, known: str) -> Invalid:
    return Invalid(
        field,
        f"“{given}”不认识,请从列表中选择:{known}。",
        f"“{given}” is unknown; choose from the list: {known}.",
    )
