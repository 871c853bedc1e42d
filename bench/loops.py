"""Figure B: whole loops, from the report to the satisfied closing, by ``wangge replay`` with two processes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.house import House
from bench.messages import written
from bench.serving import database_cpu

PROCESSES = 2
TIMES = 4


def measure(town: House, _seconds: float) -> dict[str, Any]:
    """The examples' messages, four times over, through the loop: loops and verbs a second, processes' start included."""
    house = town.copy("loops")
    before = database_cpu(house)
    with tempfile.TemporaryDirectory() as folder:
        file = written(Path(folder, "messages.csv"), TIMES)
        words = [sys.executable, "-m", "wangge", "replay", str(file), "--json", "--processes", str(PROCESSES)]
        done = subprocess.run(words, env=house.environment, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    if told["open"] or told["read"] != told["new"] + told["known"] + told["bad"]:
        raise RuntimeError(f"the replay does not add up: {told}")
    seconds = told["new"] / told["loops_per_s"]
    n_verbs = house.number("SELECT count(*) FROM cases_entry")
    return {
        "loops": told["new"], "verbs": n_verbs, "verbs_per_loop": round(n_verbs / told["new"], 1),
        "loops_per_s": told["loops_per_s"], "per_s": round(n_verbs / seconds, 1), "seconds": round(seconds, 1),
        "database_ms": round((database_cpu(house) - before) * 1000 / n_verbs, 3),
    }  # fmt: skip
