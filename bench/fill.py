"""Stamping and loading the cases of a large town, in the database that holds the real chains. Runs inside.

``python -m bench.inside fill 1000000``. The chains themselves are replaced: they are in the copies.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import multiprocessing
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from random import Random
from typing import Any

import psycopg
from django.db import connections

from bench.copies import Copy, Place, Supply, stamped, texts_of
from bench.load import Loading, Structure
from bench.originals import TABLES, originals, table_of
from bench.plan import planned
from bench.stamp import SECOND, Template
from wangge.cases.move import keys
from wangge.cases.sealing import seal_entries
from wangge.kit.clock import REAL_CLOCK
from wangge.territory.locator import locate
from wangge.territory.models import Building

SEED = 2026
PROCESSES = 2
CHUNK = 400
AHEAD = 3 * PROCESSES  # chunks that may wait to be written
SPOTS_A_HOUSE = 8
AROUND = 2e-4  # degrees

_held: dict[str, Any] = {}


def main(n_cases: str) -> None:
    url = owner_url()
    began = time.monotonic()
    fill(url, int(n_cases))
    seal_entries()  # what a running town would have done long ago
    if importlib.util.find_spec("wangge.insight") is not None:
        importlib.import_module("wangge.insight.fold").rebuild()
    sys.stderr.write(f"{n_cases} cases in {time.monotonic() - began:.0f} s\n")


def owner_url() -> str:
    """Of the owner of the database that Django works with."""
    said = connections["owner"].get_connection_params()
    return psycopg.conninfo.make_conninfo(
        "", **{key: said[key] for key in ("host", "port", "user", "password", "dbname") if said.get(key)}
    )


def fill(url: str, n_cases: int, seed: int = SEED) -> None:
    """Read the real chains, stamp out ``n_cases`` cases, load them in the chains' place."""
    with psycopg.connect(url) as link:
        tables = {name: table_of(link, name) for name in TABLES}
        found = originals(link, tables)
    templates = [Template(one, tables) for one in found]
    supply = Supply(keys(), texts_of(templates), houses(seed), seed)
    now = int(REAL_CLOCK.now().timestamp()) * SECOND
    copies = planned(templates, n_cases, now, seed)
    connections.close_all()
    structure = Structure(url, TABLES)
    structure.drop()
    chunks = (copies[n : n + CHUNK] for n in range(0, len(copies), CHUNK))
    # forked before any connection is open: what was read and drawn is simply there
    _held.update(templates=templates, supply=supply)
    with pool() as workers, Loading(structure, list(tables.values())) as loading:
        for rows in in_order(workers, chunks):
            loading.write(rows)
    structure.make()


def pool() -> ProcessPoolExecutor:
    gc.collect()
    gc.freeze()  # what is shared stays shared: collecting would write into every page
    workers = ProcessPoolExecutor(
        PROCESSES, mp_context=multiprocessing.get_context("fork"), initializer=gc.disable
    )
    list(workers.map(int, range(PROCESSES)))  # start them now
    return workers


def stamp_chunk(copies: Sequence[Copy]) -> dict[str, bytes]:
    return stamped(copies, _held["templates"], _held["supply"])


def in_order(workers: ProcessPoolExecutor, chunks: Iterator[Sequence[Copy]]) -> Iterator[dict[str, bytes]]:
    """What the workers stamp, a few chunks ahead of what is written."""
    waiting: deque[Future[dict[str, bytes]]] = deque()
    for chunk in chunks:
        waiting.append(workers.submit(stamp_chunk, chunk))
        if len(waiting) >= AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def houses(seed: int) -> dict[tuple[str | None, str | None], list[Place]]:
    """Addresses with positions around them, by the area and the police grid in which the position lies."""
    random = Random(seed)
    found: dict[tuple[str | None, str | None], list[Place]] = defaultdict(list)
    for address, lon, lat in Building.objects.order_by("code").values_list("address", "lon", "lat"):
        for _ in range(SPOTS_A_HOUSE):
            x, y = (round(at + random.uniform(-AROUND, AROUND), 6) for at in (lon, lat))
            spot = locate(x, y)
            found[str(spot.area_id), spot.police_path].append(Place(address, repr(x), repr(y)))
    return found
