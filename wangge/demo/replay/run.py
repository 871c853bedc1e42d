"""Running a whole file: groups of messages, two processes, one transaction a group, so that it can be stopped anywhere.

A group is a message alone, or two that say the same (they become one case). Its whole loop is one transaction: after
a kill a message is either entirely there or not at all, and the next run goes on with what is missing.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from django.db import connections, transaction

from wangge.cases.orders.bring_in import known_numbers, origin_of, report_order
from wangge.cases.orders.reading import BadRow, Order, Reading
from wangge.catalog.keywords import decide
from wangge.demo.replay.places import Places, Spot
from wangge.demo.replay.plan import Plan
from wangge.demo.replay.process import start
from wangge.demo.replay.staff import Staff
from wangge.demo.replay.story import Scene, Story
from wangge.demo.shelf import pictures, uploaded
from wangge.kit.clock import REAL_CLOCK, SHANGHAI, MovedClock
from wangge.kit.errors import DomainError
from wangge.kit.words import Text
from wangge.territory.locator import locate
from wangge.territory.roles import Role
from wangge.territory.scope import Actor

USUAL_LOOP = timedelta(days=9)  # a loop longer than what is left until now is told faster
MERGE_WITHIN = timedelta(days=20)
GROUPS_A_BATCH = 4
KNOWN = "known"
Progress = Callable[[int, int], None]
END_STATES = ("closed", "parked", "merged", "declined", "void", "transferred")


@dataclass(frozen=True)
class Task:
    """One message with its simulated time and place."""

    order: Order
    at: datetime
    spot: Spot
    category: str = ""  # known beforehand; else keywords decide
    has_photo: bool = False


@dataclass(frozen=True)
class Told:
    """What became of one message."""

    number: str
    state: str
    is_decided: bool = False
    problem: tuple[int, str, str] | None = None


@dataclass(frozen=True)
class Terms:
    """What all processes of a run share."""

    origin: str
    seed: int
    until: datetime
    stops_at_present: bool = False  # the demo: what is not done by now stays open


@dataclass
class Result:
    """Figures of a run: read = new + known + bad, and new = the sum over the end states."""

    read: int = 0
    known: int = 0
    bad: list[BadRow] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    n_decided: int = 0
    by_place: Counter[str] = field(default_factory=Counter)
    paths: int = 0
    seconds: float = 0.0
    is_stopped: bool = False

    @property
    def new(self) -> int:
        return sum(self.states.values())

    def as_json(self) -> dict[str, Any]:
        ends = {name: self.states[name] for name in END_STATES}
        ends["closed"] += self.states["archived"]
        return {
            "read": self.read, "new": self.new, "known": self.known, "bad": len(self.bad), **ends,
            "open": self.new - sum(ends.values()), "paths": self.paths,
            "loops_per_s": round(self.new / self.seconds, 2) if self.seconds else 0.0, "decided": self.n_decided,
            "placed": dict(self.by_place), "bad_rows": [row.as_json() for row in self.bad], "stopped": self.is_stopped,
        }  # fmt: skip


def tasks_of(reading: Reading, mapping: Path | None, seed: int, last_on: datetime) -> list[Task]:
    """Every message at its simulated time (the last one on the given day, hours kept) and place, in order of time."""
    dated = [order.at for order in reading.orders if order.at is not None]
    newest = max(dated, default=last_on)
    days = (last_on.astimezone(SHANGHAI).date() - newest.astimezone(SHANGHAI).date()).days
    places = Places(reading.orders, mapping, seed)
    tasks = [
        Task(order, (order.at or newest) + timedelta(days=days), places.spot(order))
        for order in reading.orders
    ]
    return sorted(tasks, key=lambda task: (task.at, task.order.number))


def groups_of(tasks: Sequence[Task], known: set[str]) -> list[list[Task]]:
    """Pairs that say the same within twenty days are told together; all others alone. Known ones are left out."""
    groups: list[list[Task]] = []
    open_groups: dict[str, list[Task]] = {}
    for task in tasks:
        if task.order.number in known:
            continue
        same = task.order.title.strip().lower() if len(task.order.title.strip()) >= 8 else ""
        first = open_groups.get(f"{same}|{task.spot.area}|{task.order.address}") if same else None
        is_street_kind = bool(task.order.address or task.spot.position)
        if (
            first is not None
            and not is_street_kind
            and len(first) == 1
            and task.at - first[0].at < MERGE_WITHIN
        ):
            first.append(task)
            continue
        groups.append([task])
        if same:
            open_groups[f"{same}|{task.spot.area}|{task.order.address}"] = groups[-1]
    return groups


# ---- in the worker processes

_staff: list[Staff] = []


def staff() -> Staff:
    if not _staff:
        _staff.append(Staff())
    return _staff[0]


def tell_batch(groups: list[list[Task]], terms: Terms) -> list[Told]:
    """Tell some groups; called in a worker process."""
    return [told for group in groups for told in tell_group(group, terms)]


def tell_group(group: list[Task], terms: Terms) -> list[Told]:
    """One group in one transaction; a refusal leaves nothing behind and is told as a bad row."""
    try:
        with transaction.atomic():
            return tell(group, terms)
    except DomainError as error:
        if error.code == "known":  # another run of the same file was first
            return [Told(task.order.number, KNOWN) for task in group]
        return [Told(task.order.number, "", problem=(task.order.row, error.zh, error.en)) for task in group]


def tell(group: list[Task], terms: Terms) -> list[Told]:
    """The first message's story; a second one joins it before it goes on."""
    first, decided = begin(group[0], terms)
    told = []
    for task in group[1:]:
        second, is_decided = begin(task, terms)
        told.append(Told(task.order.number, second.join(first), is_decided))
        first.scene.clock.at = max(first.scene.clock.at, second.scene.clock.at)
        first.scene.pace = pace(first.scene.clock.at, terms.until)
    return [Told(group[0].order.number, first.tell(), decided), *told]


def begin(task: Task, terms: Terms) -> tuple[Story, bool]:
    """Report one message, and whether its category was known or decided by keywords."""
    clock = MovedClock(task.at)
    order = task.order
    code = task.category or category_of(order)
    who = sender(task, clock)
    photos = [uploaded(order.number, code, "before", who.caller)] if task.has_photo and code else []
    made = report_order(
        order, terms.origin, who, place=task.spot.position, area=task.spot.area, category=code,
        position_source=task.spot.by, files=photos, is_drawing=bool(photos), for_resident=who.user_id is None,
    )  # fmt: skip
    plan = Plan.of(terms.seed, order.number)
    speed = 1.0 if terms.stops_at_present else pace(task.at, terms.until)
    scene = Scene(staff(), plan, clock, terms.until, speed, pictures, terms.stops_at_present)
    return Story(scene, made), bool(code)


def category_of(order: Order) -> str:
    """The category that keywords decide, or none."""
    found = decide(order.text, title=order.title).decided
    return found.code if found else ""


def sender(task: Task, clock: MovedClock) -> Actor:
    """Who reports: a resident, or the grid's worker for what was found on patrol."""
    if task.order.channel == "grid_patrol" and task.spot.position is not None:
        path = locate(*task.spot.position).area_path
        worker = staff().over(
            path, Role.GRID_WORKER, Role.GRID_HEAD, random=Plan.of(0, task.order.number).random
        )
        if worker is not None:
            return worker.at(clock)
    return Actor(name="居民", visit="replay", is_simulated=True, clock=clock)


def pace(at: datetime, until: datetime) -> float:
    """How fast the story is told so that it ends before now: 1 when there is time enough."""
    return max(min((until - at) / USUAL_LOOP, 1.0), 0.0)


# ---- in the parent


def batches(groups: list[list[Task]]) -> Iterator[list[list[Task]]]:
    for n in range(0, len(groups), GROUPS_A_BATCH):
        yield groups[n : n + GROUPS_A_BATCH]


def run(
    reading: Reading, *, mapping: Path | None = None, seed: int = 2026, last_on: datetime | None = None, processes: int = 2,
    progress: Progress = lambda done, total: None,
) -> Result:  # fmt: skip
    """Replay a file; ``progress(done, total)`` is told after each batch. Ctrl-C stops after the batches in hand."""
    now = REAL_CLOCK.now()
    origin = origin_of(reading)
    known = known_numbers(origin)
    tasks = tasks_of(reading, mapping, seed, last_on or now - timedelta(days=1))
    result = Result(read=reading.n_read, bad=list(reading.bad))
    result.known = sum(order.number in known for order in reading.orders)
    groups = groups_of(tasks, known)
    result.by_place = Counter(task.spot.by for task in tasks if task.order.number not in known)
    return tell_groups(groups, Terms(origin, seed, now), processes, result, progress)


def tell_groups(
    groups: list[list[Task]], terms: Terms, processes: int, result: Result, progress: Progress
) -> Result:
    """Tell all groups in their own processes, adding to ``result``."""
    total = sum(map(len, groups))
    started = monotonic()
    connections.close_all()
    try:
        for n_done in tell_all(groups, terms, processes, result):
            progress(n_done, total)
    except KeyboardInterrupt:
        result.is_stopped = True
    result.seconds = monotonic() - started
    return result


def tell_all(groups: list[list[Task]], terms: Terms, processes: int, result: Result) -> Iterator[int]:
    """Hand the batches out to the processes and collect what they tell; yields the number of messages done."""
    todo = batches(groups)
    done = 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=start) as pool:
        running: set[Future[list[Told]]] = set()
        try:
            while True:
                while len(running) < processes * 2 and (batch := next(todo, None)) is not None:
                    running.add(pool.submit(tell_batch, batch, terms))
                if not running:
                    return
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    done += collect(future.result(), result)
                yield done
        except BaseException:
            for future in running:
                future.cancel()
            for future in running:
                if not future.cancelled():
                    collect(future.result(), result)
            raise


def collect(told: list[Told], result: Result) -> int:
    """Add what a batch told to the figures."""
    for one in told:
        if one.problem is not None:
            row, zh, en = one.problem
            result.bad.append(BadRow(row, one.number, Text(zh, en)))
        elif one.state == KNOWN:
            result.known += 1
        else:
            result.states[one.state] += 1
            result.n_decided += one.is_decided
    return len(told)
