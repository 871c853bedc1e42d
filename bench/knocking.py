"""Requests sent to a running installation, and what each of them cost it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from bisect import bisect
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import Any

from bench.knock import TOKEN_VARIABLE
from bench.serving import Serving, used_between

Requests = list[list[Any]]
MANY, FEW = 32, 1
SECOND = 1.0


def under_load(
    running: Serving, requests: Requests, seconds: float, *, connections: int = FEW, once: bool = False
) -> dict[str, Any]:
    """Requests a second, latencies, and processor time for each over all our processes."""
    with sampled(running) as samples:
        told = knocked(running, requests, seconds, connections=connections, once=once)
    n, (_, before), (_, after) = told["n"], samples[0], samples[-1]
    used = used_between(before, after)
    by_second = cpu_ms_by_second(samples, told["ended_at"])
    return {
        "requests": n, "per_s": round(n / told["seconds"], 1), "p50_ms": told["p50_ms"], "p95_ms": told["p95_ms"],
        "cpu_ms": quiet_quarter(by_second), "cpu_ms_mean": round(sum(used.values()) * 1000 / n, 3),
        "cpu_ms_by_second": [round(ms, 2) for ms in by_second],
        "cpu_ms_by_part": {part: round(spent * 1000 / n, 3) for part, spent in used.items()},
        "bytes": told["bytes"], "connections": connections, "load_generator_cpu_s": told["own_cpu_s"],
        "statuses": told["statuses"], "seconds": told["seconds"],
    }  # fmt: skip


@contextmanager
def sampled(running: Serving) -> Iterator[list[tuple[float, dict[str, float]]]]:
    """Moment and processor time of each part, every second while inside, and at both ends."""
    samples = [(time.monotonic(), running.cpu())]
    over = Event()

    def look() -> None:
        while not over.wait(SECOND):
            samples.append((time.monotonic(), running.cpu()))

    looking = Thread(target=look)
    looking.start()
    try:
        yield samples
    finally:
        over.set()
        looking.join()
        samples.append((time.monotonic(), running.cpu()))


def cpu_ms_by_second(samples: list[tuple[float, dict[str, float]]], ended_at: list[float]) -> list[float]:
    """Processor milliseconds for each request, second by second; those with few requests (the ends) are left out."""
    ended = sorted(ended_at)
    least = len(ended) / len(samples) / 2
    found = []
    for (began, before), (until, after) in pairwise(samples):
        n = bisect(ended, until) - bisect(ended, began)
        if n > least:
            found.append(sum(used_between(before, after).values()) * 1000 / n)
    return found


def quiet_quarter(by_second: list[float]) -> float:
    """What the least disturbed quarter of the seconds does not exceed: neighbours only ever add."""
    return round(sorted(by_second)[(len(by_second) - 1) // 4], 3)


def knocked(
    running: Serving, requests: Requests, seconds: float, *, connections: int = MANY, once: bool = False
) -> dict[str, Any]:
    """Run the load generator; raises when anything was refused. ``once``: every request, however long it takes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requests.jsonl")
        file.write_text("\n".join(json.dumps(request, ensure_ascii=False) for request in requests))
        words = [sys.executable, "-m", "bench.knock", str(file), "--port", str(running.port)]
        words += ["--connections", str(connections), "--seconds", str(1e9 if once else seconds)]
        environment = os.environ | {TOKEN_VARIABLE: running.house.token}
        done = subprocess.run(
            [*words, *(["--once"] if once else [])], env=environment, stdout=subprocess.PIPE, text=True, check=True
        )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    if told["first_refusal"]:
        raise RuntimeError(f"refused: {told['statuses']} {told['first_refusal']}")
    return told
