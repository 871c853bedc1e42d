"""Figure A: reports by the API at 32 connections, durable, against one SQL statement inserting the same rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.house import House
from bench.knock import TOKEN_VARIABLE
from bench.messages import bodies
from bench.serving import Serving, serving, used_between

PORT = 8199
CONNECTIONS = 32
WARM_SECONDS = 3.0


def measure(town: House, seconds: float, workers: int = 2) -> dict[str, Any]:
    """Requests a second, latencies, and processor time for each report over all our processes."""
    house = town.copy("report_by_api")
    requests = [["POST", "/api/cases", body] for body in bodies()]
    with serving(house, PORT, workers) as running:
        knocked(running, requests, min(WARM_SECONDS, seconds))
        return under_load(running, requests, seconds)


def under_load(running: Serving, requests: list[list[Any]], seconds: float) -> dict[str, Any]:
    before = running.cpu()
    told = knocked(running, requests, seconds)
    used = used_between(before, running.cpu())
    n = told["n"]
    return {
        "requests": n, "per_s": round(n / told["seconds"], 1), "p50_ms": told["p50_ms"], "p95_ms": told["p95_ms"],
        "cpu_ms": round(sum(used.values()) * 1000 / n, 3),
        "cpu_ms_by_part": {part: round(spent * 1000 / n, 3) for part, spent in used.items()},
        "load_generator_cpu_s": told["own_cpu_s"], "statuses": told["statuses"], "seconds": told["seconds"],
    }  # fmt: skip


def knocked(
    running: Serving, requests: list[list[Any]], seconds: float, *, once: bool = False
) -> dict[str, Any]:
    """Run the load generator; raises when anything was refused."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requests.jsonl")
        file.write_text("\n".join(json.dumps(request, ensure_ascii=False) for request in requests))
        words = [
            sys.executable,
            "-m",
            "bench.knock",
            str(file),
            "--port",
            str(running.port),
            "--seconds",
            str(seconds),
        ]
        words += ["--connections", str(CONNECTIONS), *(["--once"] if once else [])]
        environment = os.environ | {TOKEN_VARIABLE: running.house.token}
        done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    if told["first_refusal"]:
        raise RuntimeError(f"refused: {told['statuses']} {told['first_refusal']}")
    return told
