"""Deferred jobs and loops, with the real queue."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from wangge.kit import jobs, loops
from wangge.kit.models import RateRow


def wait_for(is_true: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


class Working:
    """The job worker in a thread, as ``run_worker`` runs it."""

    def __init__(self, table: dict[str, jobs.Job]) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(target=jobs.run_jobs, args=(table, self.stop))

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_a_job_exists_exactly_when_its_transaction_does() -> None:
    done: list[str] = []
    with transaction.atomic():
        jobs.defer("write", word="kept")
        transaction.on_commit(lambda: done.append("committed"))
    with transaction.atomic():
        jobs.defer("write", word="lost")
        transaction.set_rollback(True)

    with Working({"write": lambda word: done.append(word)}):
        wait_for(lambda: "kept" in done)
        with transaction.atomic():
            jobs.defer("write", word="while it runs")
        wait_for(lambda: "while it runs" in done)

    assert done == ["committed", "kept", "while it runs"]
    assert not ProcrastinateJob.objects.exists(), "done jobs leave nothing behind"


@pytest.mark.django_db(transaction=True)
def test_a_failed_job_is_tried_again_and_may_use_the_database() -> None:
    calls: list[int] = []

    def uncertain(n: int) -> None:
        calls.append(n)
        if len(calls) == 1:
            raise OSError("the network is down")
        RateRow.objects.create(bucket=f"job {n}", window_started_at="2026-01-01T00:00Z", n_requests=n)

    jobs.defer("uncertain", n=7)
    with Working({"uncertain": uncertain}):
        wait_for(lambda: len(calls) == 2)
        wait_for(lambda: RateRow.objects.filter(bucket="job 7").exists())
    assert jobs.n_failed_jobs() == 0


@pytest.mark.django_db(transaction=True)
def test_a_loop_survives_a_broken_connection() -> None:
    seen: list[str] = []
    stop = threading.Event()

    def work() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
            seen.append(str(pid))
            if len(seen) == 2:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return len(seen) < 2

    thread = threading.Thread(
        target=loops.repeat, args=(work, stop), kwargs={"name": "test", "idle_seconds": 0.05}
    )
    thread.start()
    wait_for(lambda: len(seen) >= 4)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert seen[0] == seen[1] != seen[2]


@pytest.mark.django_db(transaction=True)
def test_periodic_jobs_run_when_due_and_one_failing_keeps_no_other_back() -> None:
    ran: list[str] = []
    now = [0.0]

    def broken() -> None:
        ran.append("broken")
        raise ValueError("no")

    table = [
        loops.Periodic("broken", timedelta(seconds=10), broken),
        loops.Periodic("fast", timedelta(seconds=10), lambda: ran.append("fast")),
        loops.Periodic("slow", timedelta(hours=1), lambda: ran.append("slow")),
    ]
    timetable = loops.Timetable(table, clock=lambda: now[0])
    for at in (0, 5, 10, 19, 20, 3601):
        now[0] = at
        timetable.run_due()
    assert [ran.count(name) for name in ("broken", "fast", "slow")] == [4, 4, 2]


@pytest.mark.django_db(transaction=True)
def test_what_removes_old_things_waits_for_a_steady_clock() -> None:
    """A clock that jumps by a day and is set right within the hour removes nothing."""
    ran: list[float] = []
    steady, wall = [0.0], [1_000_000.0]
    job = loops.Periodic(
        "remove", timedelta(minutes=15), lambda: ran.append(steady[0]), needs_steady_clock=True
    )
    timetable = loops.Timetable([job], clock=lambda: steady[0], wall=lambda: wall[0])

    def wait(seconds: float, jump: float = 0.0) -> None:
        steady[0] += seconds
        wall[0] += seconds + jump
        timetable.run_due()

    wait(3599)
    assert ran == []
    wait(1)
    wait(60, jump=86_400)
    wait(1800, jump=-86_400)
    wait(3599)
    assert ran == [3600]
    wait(1)
    assert ran == [3600, 9060]


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_do_the_same_periodic_job_at_once() -> None:
    inside, release = threading.Event(), threading.Event()

    def other_worker() -> None:
        with loops.alone("sweep") as is_alone:
            assert is_alone
            inside.set()
            release.wait(20)
        connections.close_all()

    thread = threading.Thread(target=other_worker)
    thread.start()
    inside.wait(20)
    with loops.alone("sweep") as is_alone:
        assert not is_alone
    with loops.alone("another") as is_alone:
        assert is_alone
    release.set()
    thread.join()
    with loops.alone("sweep") as is_alone:
        assert is_alone
