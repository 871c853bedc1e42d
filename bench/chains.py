"""The real chains that the million is stamped from: some hundred cases, each verb really called. Runs inside.

Two sources: the demo's history, which stops at the present and so leaves open cases in every state; and the examples'
messages told to their end. Of those that ended a part is archived as the platform archives them. Written into the
database it runs in, beside the town.
"""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from bench.messages import written
from wangge.cases.actions.closing import archive
from wangge.cases.jobs import ARCHIVE_AFTER, ARCHIVED_FROM
from wangge.cases.models import Case
from wangge.cases.orders.bring_in import origin_of
from wangge.cases.orders.reading import read_file
from wangge.demo.history import ORIGIN, tasks
from wangge.demo.replay.run import Result, Task, Terms, run, tell_groups
from wangge.kit.clock import REAL_CLOCK, MovedClock
from wangge.territory.scope import PLATFORM

SEED = 2026
PROCESSES = 2
ONE_OF_HISTORY = 3  # is archived: the others ended of late
YOUNG = timedelta(days=3)  # mostly open still
DRAWN_FROM = 20  # so many times as many messages are drawn as are told, to have enough young ones


def main(n_history: str) -> None:
    now = REAL_CLOCK.now()
    tell_groups(
        chosen(now, int(n_history)),
        Terms(ORIGIN, SEED, now, stops_at_present=True),
        PROCESSES,
        Result(),
        lambda done, total: None,
    )
    with tempfile.TemporaryDirectory() as folder:
        reading = read_file(written(Path(folder, "messages.csv"), 1))
        run(reading, seed=SEED, processes=PROCESSES)
    archive_some(origin_of(reading))


def chosen(now: datetime, n: int) -> list[list[Task]]:
    """Messages of the demo's history, one half of them of the last days."""
    drawn = tasks(now, SEED, n * DRAWN_FROM)
    young = [task for task in drawn if now - task.at < YOUNG][: n // 2]
    older = [task for task in drawn if now - task.at >= YOUNG]
    return [[task] for task in (*older[:: max(len(older) // (n - n // 2), 1)][: n - n // 2], *young)]


def archive_some(examples: str) -> None:
    """All examples that ended, and one in some of the history's, as if thirty days had passed."""
    ended = Case.objects.filter(state__in=ARCHIVED_FROM, ended_at__isnull=False)
    for n, case in enumerate(ended.only("id", "origin", "ended_at").order_by("id")):
        if case.ended_at and (case.origin == examples or n % ONE_OF_HISTORY == 0):
            clock = MovedClock(case.ended_at + ARCHIVE_AFTER + timedelta(hours=n % 24))
            archive(case.pk, actor=PLATFORM.at(clock, is_simulated=True))
