"""Work that needs the network, or takes long: deferred by listeners, done later by the worker (procrastinate).

A verb never defers a job, it publishes; a listener defers in the relay's transaction, so the job exists exactly when
the event was delivered. ``wiring.JOBS`` names every job once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import wraps
from threading import Event as StopEvent
from typing import Any

import procrastinate
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.contrib.django.utils import connector_params

Job = Callable[..., object]

MOST_ATTEMPTS = 8
N_AT_ONCE = 2
LOOK_SECONDS = 0.2
GRACE_SECONDS = 10.0
STALLED_SECONDS = 30.0


def defer(name: str, **arguments: Any) -> int:
    """Have the worker do the job ``name`` of ``wiring.JOBS`` later; arguments are JSON values. The job's number."""
    return int(app.configure_task(name, allow_unknown=True).defer(**arguments))


def run_jobs(jobs: Mapping[str, Job], stop: StopEvent) -> None:
    """Do deferred jobs until told to stop; a job that fails is tried again 2, 4, 8 … seconds later, 8 times.

    Jobs of a worker that was killed are done again half a minute later, so a job must bear being done twice.
    """
    asyncio.run(_run(jobs, stop))


def n_failed_jobs() -> int:
    """How many jobs were given up."""
    return ProcrastinateJob.objects.filter(status="failed").count()


async def _run(jobs: Mapping[str, Job], stop: StopEvent) -> None:
    connector = procrastinate.PsycopgConnector(kwargs=connector_params("default"), min_size=1, max_size=4)
    working = procrastinate.App(connector=connector)
    again = procrastinate.RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=2)
    for name, job in jobs.items():
        working.task(name=name, retry=again)(_with_fresh_connection(job))
    async with working.open_async():
        worker = working.run_worker_async(
            concurrency=N_AT_ONCE,
            install_signal_handlers=False,
            delete_jobs="successful",
            shutdown_graceful_timeout=GRACE_SECONDS,
        )
        running = [asyncio.create_task(worker), asyncio.create_task(_take_over_from_the_dead(working))]
        while not stop.is_set() and not any(task.done() for task in running):
            await asyncio.sleep(LOOK_SECONDS)
        for task in running:
            task.cancel()
        for outcome in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome


async def _take_over_from_the_dead(working: procrastinate.App) -> None:
    while True:
        await asyncio.sleep(STALLED_SECONDS)
        for job in await working.job_manager.get_stalled_jobs():
            await working.job_manager.retry_job(job)


def _with_fresh_connection(job: Job) -> Job:
    @wraps(job)
    def done(**arguments: Any) -> object:
        connections.close_all()
        try:
            return job(**arguments)
        finally:  # its thread may wait long for the next job
            connections.close_all()

    return done
