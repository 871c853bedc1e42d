"""What waits for somebody on foot: the counts and the list are one condition, the shown deadline is the order."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case as Choose
from django.db.models import CharField, Count, Q, QuerySet, Subquery, Value, When

from wangge.cases.models import Case
from wangge.cases.queries.deadlines import counting_clocks
from wangge.cases.queries.lists import Line, lines_of, with_names
from wangge.cases.queries.waiting import WAITS_BY_KEY, waits_in, waits_of
from wangge.cases.scope import visible_to
from wangge.cases.workflow import GRID, NEW, Verb
from wangge.kit.errors import Invalid
from wangge.kit.paging import page
from wangge.kit.words import Text
from wangge.territory.scope import Actor, inside

PAGE_SIZE = 20
SOLVE = "solve"
# in this order: what a case waits for when it waits in several ways
ON_FOOT = ("verify", "take", "handle", "assist", "look", SOLVE)
NAMES: dict[str, Text] = {
    **{key: WAITS_BY_KEY[key].name for key in ON_FOOT if key in WAITS_BY_KEY},
    SOLVE: Text("可自办自结", "May be closed by me"),
}
VERBS: dict[str, Verb] = {
    **{key: WAITS_BY_KEY[key].verb for key in ON_FOOT if key in WAITS_BY_KEY}, SOLVE: Verb.SELF_CLOSE,
}  # fmt: skip
SOONEST_FIRST = ("shown_due", "id")


@dataclass(frozen=True)
class Chip:
    """One way of waiting with its number; the empty key is all of them."""

    key: str
    name: Text
    n: int


@dataclass(frozen=True)
class Task:
    """A case that waits, and for what."""

    line: Line
    key: str
    name: Text
    verb: Verb


@dataclass(frozen=True)
class Tasks:
    items: list[Task]
    next_cursor: str


def conditions(actor: Actor) -> dict[str, Q]:
    """Everything that may wait for this person outside, by its key."""
    known = waits_of(actor)
    found = {key: known[key] for key in ON_FOOT if key in known}
    if "look" in found:  # nobody looks at the own work
        found["look"] &= ~Q(handler_id=actor.user_id)
    if paths := actor.area_paths(*GRID):
        found[SOLVE] = inside(paths) & Q(state__in=sorted(NEW), category__may_self_close=True)
    return found


def chips(actor: Actor) -> list[Chip]:
    """How many cases wait, in all and in each way; one query. A case that waits in two ways counts once in all."""
    wanted = conditions(actor)
    if not wanted:
        return [Chip("", ALL, 0)]
    counts = rows(actor, wanted).aggregate(
        n_all=Count("pk"), **{f"n_{key}": Count("pk", filter=condition) for key, condition in wanted.items()}
    )
    ways = [Chip(key, NAMES[key], counts[f"n_{key}"]) for key in wanted]
    return [Chip("", ALL, counts["n_all"]), *(chip for chip in ways if chip.n)]


ALL = Text("全部", "All")


def rows(actor: Actor, wanted: dict[str, Q]) -> QuerySet[Case]:
    return visible_to(actor).filter(waits_in(wanted))


def tasks(actor: Actor, key: str = "", after: str = "", size: int = PAGE_SIZE) -> Tasks:
    """The cases that wait (``key``: in this way only), soonest deadline first. Raises Invalid for an unknown key."""
    wanted = conditions(actor)
    if key and key not in ON_FOOT:
        raise Invalid("for", f"没有“{key}”这一类待办。", f"There is no such list as “{key}”.")
    if key:
        wanted = {name: condition for name, condition in wanted.items() if name == key}
    if not wanted:
        return Tasks([], "")
    why = Choose(
        *(When(condition, then=Value(name)) for name, condition in wanted.items()), output_field=CharField()
    )
    due = Subquery(counting_clocks().order_by("-id").values("due_at")[:1])
    found = page(
        with_names(rows(actor, wanted), waits_for=why, shown_due=due), key=SOONEST_FIRST, after=after or None,
        size=size,
    )  # fmt: skip
    lines = lines_of(found.items, actor.now())
    items = []
    for case, line in zip(found.items, lines, strict=True):
        name = str(case.waits_for)
        items.append(Task(line, name, NAMES[name], VERBS[name]))
    return Tasks(items, found.next_cursor)
