"""Figures: counts of a period and of now, whole or divided by area, category or unit; and which cases they count."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, time
from functools import partial, reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import Count, Model, Q, QuerySet, Sum

from wangge.insight.measures import ALL, CATEGORY, MEASURES, ON_TWO_DAYS, SPLIT_LEVELS, STATE, UNIT, Measure
from wangge.insight.models import CaseFact, DaySum
from wangge.insight.periods import Period
from wangge.insight.scope import Whole
from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Invalid

Counts = dict[str, int]
Key = str  # a category's or unit's id ("0" without one), a state, an area's path; "" for the whole
NONE = dict.fromkeys([*MEASURES, "overdue"], 0)
PERIOD_MEASURES = tuple(name for name in MEASURES if name != "open")
SUMS_OF = {f"s_{name}": Sum(f"n_{name}") for name in PERIOD_MEASURES}
Row = TypeVar("Row", bound=Model)
COLUMNS = {CATEGORY: "category_id", UNIT: "unit_id", STATE: "state"}
NO_FIGURE = Invalid("figure", "没有这一项统计。", "There is no such figure.")


# --- which cases -------------------------------------------------------------------------------------------


def rows_of(name: str, period: Period) -> Q:
    """The rows of ``CaseFact`` that a measure counts in a period."""
    measure = MEASURES[name]
    span = (period.first_on, period.last_on)
    days = Q(**{f"{measure.day}__range": span})
    if measure.since:
        days |= beyond(measure, period)
    return days & Q(**{measure.flag: measure.is_set}) if measure.flag else days


def beyond(measure: Measure, period: Period) -> Q:
    """Those of which the earlier day lies in the period and the later one after it."""
    return Q(
        **{f"{measure.since}__range": (period.first_on, period.last_on), f"{measure.day}__gt": period.last_on}
    )


def overdue(now: datetime) -> Q:
    """Open, and the running deadline has passed."""
    return Q(due_at__lt=now)


def cases_of(figure: str, period: Period, now: datetime) -> Q:
    """The cases behind a figure, as a condition for lists (which begin at what somebody may see)."""
    if figure == "open":
        rows = ~Q(state="")
    elif figure == "overdue":
        rows = overdue(now)
    elif figure == "late":
        rows = rows_of("closed", period) & Q(is_late=True)
    elif figure in PERIOD_MEASURES:
        rows = rows_of(figure, period)
    else:
        raise NO_FIGURE
    return Q(pk__in=CaseFact.objects.filter(rows).values("case_id"))


# --- counts of a period ------------------------------------------------------------------------------------


def totals(whole: Whole, period: Period) -> Counts:
    """All counts of a period."""
    return counts(whole, period, ALL).get("", dict(NONE))


def counts(whole: Whole, period: Period, split: str) -> dict[Key, Counts]:
    """All counts of a period, divided by ``all``, ``category``, ``unit`` or ``path``."""
    if split in (ALL, CATEGORY, UNIT) and whole.has_sums(split):
        sums = in_period(DaySum.objects.filter(whole.in_sums, split=split), period)
        found = filled(sums.values("key").annotate(**SUMS_OF).order_by(), "key")
        add_beyond(found, whole.summed, period, COLUMNS.get(split))
        return without(found, whole, lambda rows: counted(rows, period, COLUMNS.get(split)))
    return counted(whole.facts, period, COLUMNS.get(split))


def by_area(whole: Whole, period: Period, ids: Collection[int], level: str) -> dict[Key, Counts]:
    """All counts of a period by the areas ``ids`` of a level inside ``whole``; under "0" what lies in none of them."""
    if whole.actor is None and whole.has_sums(ALL) and level in SPLIT_LEVELS[ALL]:
        sums = in_period(DaySum.objects.filter(area_id__in=list(ids), split=ALL), period)
        place = partial(place_of, ids=frozenset(ids))
        found = filled(sums.values("area_id").annotate(**SUMS_OF).order_by(), "area_id")
        add_beyond(found, whole.summed, period, "path", place)
        found = without(found, whole, lambda rows: gathered(counted(rows, period, "path"), place))
        found.pop("0", None)
        rest = difference(totals(whole, period), found.values())
        return {**found, "0": rest} if any(rest.values()) else found
    return gathered(counted(whole.facts, period, "path"), partial(place_of, ids=frozenset(ids)))


def place_of(path: Key, ids: Collection[int]) -> Key:
    """The area among ``ids`` in which a path lies."""
    return next((step for step in path.split("/") if step and int(step) in ids), "0")


def in_period(rows: QuerySet[Row], period: Period) -> QuerySet[Row]:
    return rows.filter(counted_on__range=(period.first_on, period.last_on))


def counted(facts: QuerySet[CaseFact], period: Period, column: str | None) -> dict[Key, Counts]:
    """All counts of a period from the rows of the cases themselves."""
    touched = reduce(
        or_, (rows_of(name, period) for name in ("reported", "handled", "closed", "to_handle", "to_close"))
    )
    wanted = {f"s_{name}": Count("pk", filter=rows_of(name, period)) for name in PERIOD_MEASURES}
    return grouped(facts.filter(touched), column, wanted)


def grouped(facts: QuerySet[CaseFact], column: str | None, wanted: Mapping[str, Any]) -> dict[Key, Counts]:
    if column is None:
        return {"": {**NONE, **named(facts.aggregate(**wanted))}}
    return filled(facts.values(column).annotate(**wanted).order_by(), column)


def add_beyond(
    found: dict[Key, Counts], facts: QuerySet[CaseFact], period: Period, column: str | None,
    key: Callable[[Key], Key] = str,
) -> None:  # fmt: skip
    """Add the cases that reach beyond the end of the period; the sums know only the later day."""
    for name in ON_TWO_DAYS:
        measure = MEASURES[name]
        rows = facts.filter(beyond(measure, period))
        if measure.flag:
            rows = rows.filter(**{measure.flag: measure.is_set})
        extra = grouped(rows, column, {f"s_{name}": Count("pk")})
        for place, more in gathered(extra, key).items():
            add(found.setdefault(place, dict(NONE)), more)


def gathered(found: Mapping[Key, Counts], key: Callable[[Key], Key]) -> dict[Key, Counts]:
    """Counts added up under other keys."""
    into: dict[Key, Counts] = {}
    for old, more in found.items():
        add(into.setdefault(key(old), dict(NONE)), more)
    return into


def without(
    found: dict[Key, Counts], whole: Whole, count: Callable[[QuerySet[CaseFact]], dict[Key, Counts]]
) -> dict[Key, Counts]:
    """Sums less the cases from which somebody is recused, counted one by one; rows of which nothing is left are gone."""
    if not whole.recused:
        return found
    for key, less in count(whole.left_out).items():
        add(found.setdefault(key, dict(NONE)), {name: -n for name, n in less.items()})
    return {key: row for key, row in found.items() if any(row.values())}


def add(into: Counts, more: Mapping[str, int]) -> None:
    for name, n in more.items():
        into[name] += n


def difference(whole: Counts, parts: Iterable[Counts]) -> Counts:
    rest = dict(whole)
    for one in parts:
        add(rest, {name: -n for name, n in one.items()})
    return rest


def filled(rows: Iterable[Mapping[str, Any]], column: str) -> dict[Key, Counts]:
    return {str(row[column]): {**NONE, **named(row)} for row in rows}


def named(row: Mapping[str, Any]) -> Counts:
    return {name[2:]: n or 0 for name, n in row.items() if name.startswith("s_")}


# --- now ---------------------------------------------------------------------------------------------------


def open_now(whole: Whole, now: datetime, split: str) -> dict[Key, Counts]:
    """``open`` and ``overdue`` now, divided by ``all``, ``category``, ``unit`` or ``state``.

    Of sums: what was due before today is overdue, what is due today is looked at one by one.
    """
    column = COLUMNS.get(split)
    if not whole.has_sums(split):
        return counted_open(whole.facts, now, column)
    found = summed_open(DaySum.objects.filter(whole.in_sums, split=split), "key", now)
    for key, more in due_today(whole, now, column).items():
        add(found.setdefault(key, dict(NONE)), more)
    found = without(found, whole, lambda rows: counted_open(rows, now, column))
    return {key: row for key, row in found.items() if row["open"]}


def open_by_area(whole: Whole, now: datetime, ids: Collection[int], level: str) -> dict[Key, Counts]:
    """The same by the areas ``ids`` of a level inside ``whole``; under "0" what lies in none of them."""
    place = partial(place_of, ids=frozenset(ids))
    if not (whole.has_sums(ALL) and level in SPLIT_LEVELS[ALL]):
        return gathered(counted_open(whole.facts, now, "path"), place)
    sums = DaySum.objects.filter(area_id__in=list(ids), split=ALL)
    found = summed_open(sums, "area_id", now)
    for key, more in gathered(due_today(whole, now, "path"), place).items():
        add(found.setdefault(key, dict(NONE)), more)
    found = without(found, whole, lambda rows: gathered(counted_open(rows, now, "path"), place))
    rest = difference(
        open_now(whole, now, ALL).get("", dict(NONE)), (row for key, row in found.items() if key != "0")
    )
    found.pop("0", None)
    return {**found, "0": rest} if any(rest.values()) else found


def counted_open(facts: QuerySet[CaseFact], now: datetime, column: str | None) -> dict[Key, Counts]:
    """Open and overdue now, from the rows of the cases themselves."""
    wanted = {"s_open": Count("pk"), "s_overdue": Count("pk", filter=overdue(now))}
    return grouped(facts.exclude(state=""), column, wanted)


def summed_open(sums: QuerySet[DaySum], column: str, now: datetime) -> dict[Key, Counts]:
    """Open now, and what was due before today."""
    before_today = Sum("n_open", filter=Q(counted_on__lt=now.astimezone(SHANGHAI).date()))
    rows = (
        sums.exclude(n_open=0)
        .values(column)
        .annotate(s_open=Sum("n_open"), s_overdue=before_today)
        .order_by()
    )
    return filled(rows, column)


def due_today(whole: Whole, now: datetime, column: str | None) -> dict[Key, Counts]:
    """What was due today and is still open, one by one."""
    since = datetime.combine(now.astimezone(SHANGHAI).date(), time.min, SHANGHAI)
    return grouped(whole.summed.filter(due_at__gte=since, due_at__lt=now), column, {"s_overdue": Count("pk")})
