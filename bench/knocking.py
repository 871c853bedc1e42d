"""Requests sent to a running installation, and what each of them cost it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.knock import TOKEN_VARIABLE
from bench.serving import Serving, used_between

Requests = list[list[Any]]
MANY, FEW = 32, 2


def under_load(
    running: Serving, requests: Requests, seconds: float, *, connections: int = FEW, once: bool = False
) -> dict[str, Any]:
    """Requests a second, latencies, and processor time for each over all our processes."""
    before = running.cpu()
    told = knocked(running, requests, seconds, connections=connections, once=once)
    used = used_between(before, running.cpu())
    n = told["n"]
    return {
        "requests": n, "per_s": round(n / told["seconds"], 1), "p50_ms": told["p50_ms"], "p95_ms": told["p95_ms"],
        "cpu_ms": round(sum(used.values()) * 1000 / n, 3),
        "cpu_ms_by_part": {part: round(spent * 1000 / n, 3) for part, spent in used.items()},
        "bytes": told["bytes"], "connections": connections, "load_generator_cpu_s": told["own_cpu_s"],
        "statuses": told["statuses"], "seconds": told["seconds"],
    }  # fmt: skip


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
