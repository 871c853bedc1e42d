"""One web worker after ten thousand requests: lists, cases, reports, what waits, residents' pages."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import Any

import psutil

from bench.codes import code_of
from bench.house import House
from bench.knocking import Requests, knocked
from bench.messages import bodies
from bench.reading import detail_paths, list_paths
from bench.serving import PARTS, Serving, serving

PORT = 8199
N_REQUESTS = 10_000
N_EACH = 300


def measure(million: House, _seconds: float) -> dict[str, Any]:
    """Resident memory of the worker after two hundred and after ten thousand requests."""
    requests = mixed(million)
    with serving(million, PORT, workers=1) as running:
        knocked(running, requests[:200], 0, connections=4, once=True)
        before = resident_mb(running)
        repeated = [requests[n % len(requests)] for n in range(N_REQUESTS - 200)]
        told = knocked(running, repeated, 0, connections=4, once=True)
        after = resident_mb(running)
    return {
        "mb": after,
        "mb_after_200": before,
        "requests": told["n"] + 200,
        "p50_ms": told["p50_ms"],
        "p95_ms": told["p95_ms"],
    }


def mixed(house: House) -> Requests:
    n_reporters = house.number("SELECT max(id) FROM cases_reporter") * 9 // 10  # the newest may be others
    kinds: tuple[Requests, ...] = (
        [["GET", path, None] for path in list_paths(house)[:N_EACH]],
        [["GET", path, None] for path in detail_paths(house)[: 3 * N_EACH]],
        [["POST", "/api/cases", body] for body in bodies()[:N_EACH]],
        [["GET", f"/follow/{code_of(1 + n * n_reporters // N_EACH)}/", None] for n in range(N_EACH)],
        [["GET", "/", None]] * N_EACH,
    )
    return [one for one in chain.from_iterable(zip_longest(*kinds)) if one is not None]


def resident_mb(running: Serving) -> float:
    """Of the web process that answers: the largest of the web's family."""
    children = psutil.Process(running.process.pid).children()
    web = [one for one in children if any(PARTS.get(word) == "web" for word in one.cmdline())]
    family = [one for top in web for one in (top, *top.children(recursive=True))]
    return round(max(one.memory_full_info().rss for one in family) / 2**20, 1)
