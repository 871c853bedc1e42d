"""Whole loops, from the report to the satisfied closing, by ``wangge replay`` with two processes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.house import House
from bench.messages import written
from bench.serving import database_cpu

PROCESSES = 2
TIMES, TIMES_BESIDE = 4, 2


def measure(town: House, _seconds: float) -> dict[str, Any]:
    """The examples' messages, four times over, through the loop: loops and verbs a second, processes' start included."""
    return replayed(town.copy("loops"), TIMES)


def beside_many(million: House, _seconds: float) -> dict[str, Any]:
    """The same in the town of a million, between two measurements in the empty one."""
    town = million.town
    before = replayed(town.copy("loops"), TIMES_BESIDE)
    told = replayed(million, TIMES_BESIDE)
    after = replayed(town.copy("loops"), TIMES_BESIDE)
    empty = (before["loops_per_s"] + after["loops_per_s"]) / 2
    return told | {
        "empty_loops_per_s": [before["loops_per_s"], after["loops_per_s"]],
        "ratio_to_empty": round(told["loops_per_s"] / empty, 3),
    }


def replayed(house: House, times: int) -> dict[str, Any]:
    before, n_before = database_cpu(house), n_entries(house)
    with tempfile.TemporaryDirectory() as folder:
        file = written(Path(folder, "messages.csv"), times, f"{time.time_ns():x}")
        words = [sys.executable, "-m", "wangge", "replay", str(file), "--json", "--processes", str(PROCESSES)]
        done = subprocess.run(words, env=house.environment, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    if told["open"] or told["read"] != told["new"] + told["known"] + told["bad"]:
        raise RuntimeError(f"the replay does not add up: {told}")
    seconds = told["new"] / told["loops_per_s"]
    n_verbs = n_entries(house) - n_before
    return {
        "loops": told["new"], "verbs": n_verbs, "verbs_per_loop": round(n_verbs / told["new"], 1),
        "loops_per_s": told["loops_per_s"], "per_s": round(n_verbs / seconds, 1), "seconds": round(seconds, 1),
        "database_ms": round((database_cpu(house) - before) * 1000 / n_verbs, 3),
    }  # fmt: skip


def n_entries(house: House) -> int:
    return house.number("SELECT count(*) FROM cases_entry")
