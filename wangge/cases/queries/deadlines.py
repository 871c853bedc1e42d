"""The deadline that counts now, as people read it; and the same as a condition for lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import Combinable

from wangge.cases import clocks
from wangge.cases.models import CaseClock, Stage
from wangge.cases.queries.names import Coded, choice
from wangge.cases.workflow import State
from wangge.kit.moments import left, moment
from wangge.kit.words import Text

LIGHTS: dict[str, Text] = {
    "green": Text("按时", "In time"),
    "reminder": Text("提醒", "Reminder"),
    "yellow": Text("临期", "Due soon"),
    "red": Text("超时", "Overdue"),
    "purple": Text("严重超时", "Long overdue"),
    "none": Text("不计时", "No clock runs"),
}
# from which share of its time a clock shows a light, and to which (see clocks.light)
SHARES = {
    "green": (None, 0.5),
    "reminder": (0.5, 0.8),
    "yellow": (0.8, 1.0),
    "red": (1.0, 1.5),
    "purple": (1.5, None),
}
PAUSED = Text("暂停计时", "Clock paused")
STOPPED = Text("已停", "Stopped")


@dataclass(frozen=True)
class Deadline:
    """One clock: ``left`` says 还剩 3 小时 20 分 or 超时 1 天 2 小时, ``by`` the moment 11月24日 15:30."""

    stage: Coded
    unit_id: int | None
    started_at: datetime
    due_at: datetime
    by: Text
    light: Coded
    left: Text
    is_running: bool
    is_paused: bool
    is_breached: bool
    stopped_at: datetime | None
    n_extensions: int
    source: str


def deadline_of(clock: CaseClock, now: datetime) -> Deadline:
    """A clock as people read it."""
    is_running = clock.stopped_at is None and clock.paused_at is None
    light = clocks.light(now, clock.started_at, clock.due_at) if is_running else "none"
    words = left(clock.due_at, now) if is_running else STOPPED if clock.stopped_at else PAUSED
    return Deadline(
        stage=choice(Stage, clock.stage), unit_id=clock.unit_id, started_at=clock.started_at, due_at=clock.due_at,
        by=moment(clock.due_at, now), light=Coded(light, LIGHTS[light]), left=words, is_running=is_running,
        is_paused=clock.paused_at is not None, is_breached=clock.is_breached, stopped_at=clock.stopped_at,
        n_extensions=clock.n_extensions, source=clock.source,
    )  # fmt: skip


def counting_stage(state: str) -> Stage:
    """Which clock counts in a state: the case's own, and after the result the check's and the follow-up's."""
    if state == State.HANDLED:
        return Stage.CHECK
    return Stage.FOLLOW_UP if state == State.CHECKED else Stage.HANDLE


def counting_clock(state: str, found: Iterable[CaseClock]) -> CaseClock | None:
    """The clock that counts now among a case's clocks; None when it is not running."""
    stage = counting_stage(state)
    return next((c for c in reversed(list(found)) if c.stage == stage and c.stopped_at is None), None)


def counting_clocks() -> QuerySet[CaseClock]:
    """The same for a query over cases: the clock that counts of the outer case."""
    own = (
        Q(case__state=State.HANDLED, stage=Stage.CHECK)
        | Q(case__state=State.CHECKED, stage=Stage.FOLLOW_UP)
        | (~Q(case__state__in=[State.HANDLED, State.CHECKED]) & Q(stage=Stage.HANDLE))
    )
    return CaseClock.objects.filter(own, case=OuterRef("pk"), stopped_at=None)


def shows(light: str, now: datetime) -> Q:
    """Cases whose counting clock shows this light."""
    if light == "none":
        return ~Q(Exists(counting_clocks().filter(paused_at=None)))
    since, until = SHARES[light]
    found = counting_clocks().filter(paused_at=None)
    if since is not None:
        found = found.filter(started_at__lte=moved_back(now, since))
    if until is not None:
        found = found.filter(started_at__gt=moved_back(now, until))
    return Q(Exists(found))


def moved_back(now: datetime, share: float) -> Combinable:
    """The latest start of a clock of which ``share`` is used now: ``now`` minus that share of its whole time."""
    whole = ExpressionWrapper(F("due_at") - F("started_at"), output_field=DurationField())
    used = ExpressionWrapper(whole * share, output_field=DurationField())
    return ExpressionWrapper(now - used, output_field=DateTimeField())


def soonest() -> Subquery:
    """The earliest due time of a case's running clocks, for sorting."""
    running = CaseClock.objects.filter(case=OuterRef("pk"), stopped_at=None, paused_at=None)
    return Subquery(running.order_by("due_at").values("due_at")[:1])
