"""What a worker does over and over: loops that survive their errors, and jobs at intervals that run once everywhere."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event as StopEvent
from threading import Thread
from time import monotonic, time

from django.db import connection, connections

logger = logging.getLogger(__name__)

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 10.0
STEADY_SECONDS = 3600.0
JUMP_SECONDS = 300.0
PERIODIC_LOCKS = 7  # the first half of the advisory locks of periodic jobs


@dataclass(frozen=True)
class Periodic:
    """Something done every so often by one worker of all; ``run`` is safe to call too often.

    ``needs_steady_clock``: it removes or ends what is old, so it waits an hour after a start and after each jump of the machine's
    clock: a clock that is set right meanwhile costs nothing.
    """

    name: str
    every: timedelta
    run: Callable[[], object]
    needs_steady_clock: bool = False


def repeat(work: Callable[[], bool], stop: StopEvent, *, name: str, idle_seconds: float) -> None:
    """Call ``work`` until told to stop; at once again when it returns True (there is more), else after a rest.

    An error (the database restarts, a bug) is logged and ends nothing: a new connection, and again a little later.
    """
    wait = FIRST_WAIT_SECONDS
    try:
        while not stop.is_set():
            try:
                has_more = work()
                wait = FIRST_WAIT_SECONDS
            except Exception as error:
                logger.error("%s: %s: %s", name, type(error).__name__, (str(error).splitlines() or [""])[0])
                connections.close_all()
                stop.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)
                continue
            if not has_more:
                stop.wait(idle_seconds)
    finally:
        connections.close_all()


class Timetable:
    """Runs periodic jobs when they are due, one after the other; the first round begins at once."""

    def __init__(
        self,
        jobs: Sequence[Periodic],
        clock: Callable[[], float] = monotonic,
        wall: Callable[[], float] = time,
    ) -> None:
        self.clock, self.wall = clock, wall
        self.jobs = list(jobs)
        self.due = {job.name: clock() for job in jobs}
        self._rest()

    def run_due(self) -> bool:
        """Run what is due; False, because nothing more is due afterwards."""
        if abs(self.wall() - self.clock() - self.offset) > JUMP_SECONDS:
            logger.error("the machine's clock jumped by %.0f s", self.wall() - self.clock() - self.offset)
            self._rest()
        for job in self.jobs:
            if self.due[job.name] <= self.clock():
                self.due[job.name] = self.clock() + job.every.total_seconds()
                self._run(job)
        return False

    def _rest(self) -> None:
        self.offset = self.wall() - self.clock()
        self.due |= {job.name: self.clock() + STEADY_SECONDS for job in self.jobs if job.needs_steady_clock}

    def _run(self, job: Periodic) -> None:
        """One failing job does not keep the others from running."""
        try:
            with alone(job.name) as is_alone:
                if is_alone:
                    job.run()
        except Exception as error:
            logger.error("%s: %s: %s", job.name, type(error).__name__, (str(error).splitlines() or [""])[0])
            connections.close_all()


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether no other worker does this now; while inside, none begins."""
    number = number_of(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", (PERIODIC_LOCKS, number))
        (is_alone,) = cursor.fetchone()
    try:
        yield bool(is_alone)
    finally:
        if is_alone and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", (PERIODIC_LOCKS, number))


def alone_in_transaction(name: str) -> bool:
    """The same until the caller's transaction ends, which also holds behind a pooler of connections."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (PERIODIC_LOCKS, number_of(name)))
        (is_alone,) = cursor.fetchone()
    return bool(is_alone)


def number_of(name: str) -> int:
    """The second half of a job's advisory lock."""
    return zlib.crc32(name.encode()) - (1 << 31)


def run_threads(works: dict[str, Callable[[], None]], stop: StopEvent) -> None:
    """Run each work in a thread of its own until told to stop; returns when all have ended."""
    threads = [Thread(target=work, name=name) for name, work in works.items()]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join()
