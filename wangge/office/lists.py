"""The lists of the office: what waits for me, and all cases I may see, narrowed, soonest deadline first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from wangge.cases.models import OPEN_STATES, Case, Reporter
from wangge.cases.move import keys
from wangge.cases.queries import Filters, Line, Lines, waiting_for
from wangge.cases.queries.deadlines import counting_clocks
from wangge.cases.queries.lists import found_page, lines_of, narrowed, with_names
from wangge.cases.queries.waiting import WAITS_BY_KEY, Waiting, waits_in, waits_of
from wangge.cases.scope import SEES_REPORTER, visible_to
from wangge.cases.search import says
from wangge.catalog.models import Sensitivity
from wangge.insight.periods import Period
from wangge.insight.queries import cases_of
from wangge.kit.errors import Forbidden, Invalid
from wangge.kit.paging import DEFAULT_SIZE, Page, page
from wangge.territory.scope import Actor, inside

SOONEST_FIRST = ("next_due", "id")
NEWEST_FIRST = ("-reported_at", "-id")
ENDED = "ended."  # before the cursor of a list that has come to its ended cases
COUNTED_TO = 999  # of a long list nobody reads the number, and each row must be looked at
N_EARLIER = 5
MOST_ORIGINS = 50


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to. ``waiting``: what waits for me (empty: anything that does; None: all cases).

    ``figure`` in ``period``: the cases that a figure counts. ``led_by``: code of the leading unit.
    """

    filters: Filters = field(default_factory=Filters)
    waiting: str | None = None
    text: str = ""
    phone: str = ""
    figure: str = ""
    period: Period | None = None
    led_by: str = ""
    is_newest_first: bool = False


def wanted_rows(actor: Actor, wanted: Wanted) -> QuerySet[Case]:
    """The cases of a list, beginning at what this actor may see."""
    rows = visible_to(actor).filter(narrowed(wanted.filters, actor.now()))
    if wanted.waiting is not None:
        rows = rows.filter(waiting_condition(actor, wanted.waiting))
    if wanted.figure and wanted.period is not None:
        rows = rows.filter(cases_of(wanted.figure, wanted.period, actor.now()))
    if wanted.led_by:
        rows = rows.filter(lead_unit__code=wanted.led_by)
    if wanted.text:
        rows = rows.filter(says(wanted.text))
    if wanted.phone:
        rows = rows.filter(telephone_is(actor, wanted.phone))
    return rows


def waiting_condition(actor: Actor, key: str) -> Q:
    if key and key not in WAITS_BY_KEY:
        raise Invalid("waiting", f"没有“{key}”这一类待办。", f"There is no such list as “{key}”.")
    return waits_in({name: cases for name, cases in waits_of(actor).items() if not key or name == key})


def may_ask_by_phone(actor: Actor) -> bool:
    """Who may see reporters in the whole area may also look for one by number."""
    return bool(actor.roles & set(SEES_REPORTER))


def telephone_is(actor: Actor, phone: str) -> Q:
    """Cases whose reporter has exactly this number, where this person may see reporters."""
    if not may_ask_by_phone(actor):
        raise Forbidden("您的岗位不能按电话查案件。", "Your post may not look for cases by telephone.")
    lookups = keys().lookups(phone, "reporter.phone")
    where_seen = inside(actor.area_paths(*SEES_REPORTER))
    return where_seen & Q(
        Exists(Reporter.objects.filter(case=OuterRef("pk"), phone_lookup__in=lookups, erased_at=None))
    )


def lines_page(actor: Actor, wanted: Wanted, after: str = "", size: int | None = None) -> Lines:
    """One page of a list. The soonest deadline stands first and ended cases last, or the newest report when that is wished."""
    rows = wanted_rows(actor, wanted)
    if wanted.text and wanted.is_newest_first:
        hits = found_page(rows, actor.now(), after, size)
        return Lines(lines_of(hits.items, actor.now()), hits.next_cursor)
    if wanted.is_newest_first:
        found = page(with_names(rows), key=NEWEST_FIRST, after=after or None, size=size)
    else:
        found = soonest_page(rows, after, DEFAULT_SIZE if size is None else size)
    return Lines(lines_of(found.items, actor.now()), found.next_cursor)


def soonest_page(rows: QuerySet[Case], after: str, size: int) -> Page[Any]:
    """Open cases by their deadline, then ended ones, the newest first: only the open ones have to be sorted."""
    found: Page[Any] = Page([], "")
    if not after.startswith(ENDED):
        is_open = with_names(rows.filter(state__in=OPEN_STATES), next_due=counting_due())
        found = page(is_open, key=SOONEST_FIRST, after=after or None, size=size)
        if found.next_cursor:
            return found
    ended = with_names(rows.exclude(state__in=OPEN_STATES))
    left = size - len(found.items)
    if left == 0:
        return Page(found.items, ENDED if ended.exists() else "")
    since = after.removeprefix(ENDED) if after.startswith(ENDED) else ""
    rest = page(ended, key=NEWEST_FIRST, after=since or None, size=left)
    return Page([*found.items, *rest.items], ENDED + rest.next_cursor if rest.next_cursor else "")


def ordered_ids(actor: Actor, wanted: Wanted, most: int) -> list[int]:
    """Ids of the whole list in its order, at most so many; restricted cases are left out."""
    rows = wanted_rows(actor, wanted).exclude(sensitivity=Sensitivity.RESTRICTED)
    if wanted.is_newest_first:
        return list(rows.order_by(*NEWEST_FIRST).values_list("pk", flat=True)[:most])
    soonest = rows.filter(state__in=OPEN_STATES).annotate(next_due=counting_due())
    found = list(
        soonest.order_by(F("next_due").asc(nulls_last=True), "id").values_list("pk", flat=True)[:most]
    )
    ended = rows.exclude(state__in=OPEN_STATES).order_by(*NEWEST_FIRST)
    return [*found, *ended.values_list("pk", flat=True)[: most - len(found)]]


def lines_of_ids(actor: Actor, ids: Sequence[int]) -> list[Line]:
    """The lines of these cases in this order."""
    found = {case.id: case for case in with_names(visible_to(actor).filter(pk__in=ids))}
    return lines_of([found[pk] for pk in ids if pk in found], actor.now())


def counting_due() -> Subquery:
    """When the deadline that the line shows is due; paused and ended cases have none and stand last."""
    return Subquery(counting_clocks().filter(paused_at=None).order_by("-id").values("due_at")[:1])


def counted(actor: Actor, wanted: Wanted) -> int:
    """How many rows the list has; one more than ``COUNTED_TO`` means more."""
    return wanted_rows(actor, wanted).order_by()[: COUNTED_TO + 1].count()


def earlier_here(actor: Actor, case: Case) -> list[Line]:
    """Earlier cases of the same category in the same area: has this been here before?"""
    if case.category_id is None or case.area_id is None:
        return []
    same = visible_to(actor).filter(
        category_id=case.category_id, area_id=case.area_id, reported_at__lt=case.reported_at
    )
    return lines_of(list(with_names(same).order_by("-reported_at")[:N_EARLIER]), actor.now())


def waits(actor: Actor) -> list[Waiting]:
    """What waits for this actor, counted."""
    return waiting_for(actor)


# --- orders from files -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Origin:
    """A batch of imported orders: where they came from, how many, since when, how many are still open."""

    origin: str
    n: int
    n_open: int
    first_at: datetime
    last_at: datetime

    @property
    def is_file(self) -> bool:
        """Known by the file's hash, not by a system's name."""
        return self.origin.startswith("file:")


def origins(actor: Actor) -> list[Origin]:
    """Where imported orders in the actor's area came from, the latest first."""
    rows = visible_to(actor).exclude(origin="").values("origin").order_by()
    found = rows.annotate(
        n=Count("pk"), n_open=Count("pk", filter=Q(state__in=OPEN_STATES)), first_at=Min("reported_at"),
        last_at=Max("reported_at"),
    ).order_by("-last_at")  # fmt: skip
    return [Origin(**row) for row in found[:MOST_ORIGINS]]


def numbers_from(actor: Actor, origin: str) -> list[str]:
    """Original numbers of an origin's cases in the actor's area; restricted ones are not handed out."""
    rows = (
        visible_to(actor).filter(origin=origin).exclude(origin="").exclude(sensitivity=Sensitivity.RESTRICTED)
    )
    return list(rows.order_by("origin_number").values_list("origin_number", flat=True))
