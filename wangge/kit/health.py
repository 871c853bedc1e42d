"""Is the process up, can it work, what does it do: /healthz, /readyz, /metrics."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.clock_doctor import is_apart
from wangge.kit.crypto import key_ring
from wangge.kit.errors import DomainError
from wangge.kit.metrics import Sample, Source, as_text, counted_requests
from wangge.kit.models import OutboxRow
from wangge.kit.outbox_doctor import is_late

log = logging.getLogger("wangge.health")
KNOWN_MIGRATED: set[str] = set()
LEAST_FREE_BYTES = 48 * 1024**2  # three segments of the database's log
RETRY_SECONDS = 5


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up. Nothing is looked at."""
    return plain("ok")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can do its work: database, migrations, keys, disk. 503 while one is missing, without details.

    ``outbox`` is false while events have waited for over two minutes: messages come late, no worker runs perhaps.
    ``clock`` is false while this machine's clock and the database's are over a minute apart.
    """
    found = {name: works(look) for name, look in CHECKS.items()}
    is_ready = all(found.values())
    # said, but no reason to send people away: the pages work
    found |= {name: found["database"] and works(look) for name, look in TOLD.items()}
    response = JsonResponse({"ready": is_ready, "checks": found}, status=200 if is_ready else 503)
    if not is_ready:
        response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def works(look: Callable[[], None]) -> bool:
    try:
        look()
    except (DatabaseError, DomainError, OSError, RuntimeError) as error:
        log.warning("not ready: %s", error)
        return False
    return True


def look_at_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def look_at_migrations() -> None:
    """All migrations are applied; once seen, it stays so for this process."""
    if connection.settings_dict["NAME"] in KNOWN_MIGRATED:
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are missing: run `wangge migrate`")
    KNOWN_MIGRATED.add(connection.settings_dict["NAME"])


def look_at_keys() -> None:
    ring = key_ring(settings.KEYS_FOLDER)
    if ring.unseal(ring.seal("ready", "readyz"), "readyz") != "ready":
        raise RuntimeError("the keys do not open what they seal")


def look_at_disk() -> None:
    """There is room for the database to go on."""
    free = shutil.disk_usage(settings.DATA_FOLDER).free
    if free < LEAST_FREE_BYTES:
        raise RuntimeError(f"only {free >> 20} MB of disk are free")


def look_at_outbox() -> None:
    if is_late(REAL_CLOCK.now()):
        raise RuntimeError("events have waited for over two minutes: does a worker run?")


def look_at_clock() -> None:
    if is_apart():
        raise RuntimeError("this machine's clock and the database's are over a minute apart")


CHECKS: dict[str, Callable[[], None]] = {
    "database": look_at_database,
    "migrations": look_at_migrations,
    "keys": look_at_keys,
    "disk": look_at_disk,
}
TOLD: dict[str, Callable[[], None]] = {"outbox": look_at_outbox, "clock": look_at_clock}


@login_not_required
@require_safe
def metrics(
    request: HttpRequest, sources: tuple[Source, ...], may_see: Callable[[HttpRequest], bool]
) -> HttpResponse:
    """Figures for Prometheus; ``may_see`` says who is let in (this machine, or a machine token)."""
    try:
        if not may_see(request):
            return plain("metrics are for this machine and for machine tokens", 401)
    except DomainError as error:
        return plain(error.en, error.status)
    samples = [*counted_requests()]
    for source in sources:
        samples.extend(source())
    response = plain(as_text(samples))
    response["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
    return response


def outbox_figures() -> Iterator[Sample]:
    """How many events wait for the relay, since when, and how many are stuck."""
    now: datetime = REAL_CLOCK.now()
    waiting = OutboxRow.objects.filter(delivered_at=None).aggregate(
        n=Count("id"), oldest=Min("not_before_at"), stuck=Count("id", filter=Q(n_attempts__gt=0))
    )
    age = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
    free = shutil.disk_usage(settings.DATA_FOLDER).free
    yield Sample("wangge_disk_free_bytes", free, "Room left on the disk of the data folder")
    yield Sample("wangge_outbox_waiting", waiting["n"], "Events that wait for the relay")
    yield Sample("wangge_outbox_stuck", waiting["stuck"], "Events whose listener failed and is called again")
    yield Sample("wangge_outbox_oldest_seconds", max(round(age, 1), 0.0), "Age of the oldest waiting event")


def plain(text: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
