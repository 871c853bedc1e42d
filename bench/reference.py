"""The yardstick: pgbench with 32 connections, one SQL statement a transaction, inserting the rows of a report."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.house import House, run_inside
from bench.serving import database_cpu
from wangge.kit.cluster import binaries

CONNECTIONS = 32
USER = "wangge_app"
MODES = ("simple", "prepared")


@dataclass(frozen=True)
class Reference:
    """``per_s`` statements a second (the faster of the two protocols), and the database's part of the work."""

    per_s: float
    protocol: str
    database_ms: float
    by_protocol: dict[str, float]


def reference(town: House, seconds: float) -> Reference:
    """Measured in a copy of the town of its own, in each protocol; the faster one counts."""
    found = {}
    for mode in MODES:
        house = town.copy(f"reference_{mode}")
        pgbench(house, scripts_for(town), mode, min(seconds, 1.0))  # warm
        before = database_cpu(house)
        n, per_s = pgbench(house, scripts_for(town), mode, seconds)
        found[mode] = (per_s, (database_cpu(house) - before) * 1000 / max(n, 1))
    best = max(found, key=lambda mode: found[mode][0])
    return Reference(
        round(found[best][0], 1),
        best,
        round(found[best][1], 3),
        {mode: round(one[0], 1) for mode, one in found.items()},
    )


@cache
def scripts_for(town: House) -> list[Path]:
    """Written once a run."""
    folder = town.folder / "pgbench"
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was broken off
    folder.mkdir()
    run_inside(town, "birth_sql", str(folder))
    return sorted(folder.glob("*.sql"))


def pgbench(house: House, scripts: list[Path], mode: str, seconds: float) -> tuple[int, float]:
    """Transactions done, and transactions a second."""
    words = [binaries.locate().program("pgbench"), "-n", "-c", str(CONNECTIONS), "-j", "1", "-M", mode]
    words += ["-T", str(max(round(seconds), 1)), "-h", str(house.server.socket_folder), "-U", USER]
    words += [word for script in scripts for word in ("-f", str(script))]
    password = house.server.layout.password(USER)
    done = subprocess.run(
        [*words, house.database],
        env=os.environ | {"PGPASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
    )
    counted = re.search(r"number of transactions actually processed: (\d+)", done.stdout)
    rate = re.search(r"tps = ([\d.]+) \(without", done.stdout)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if counted and not int(counted[1]) and not done.returncode:
        return 0, 0.0  # the disk was busy all the time
    if done.returncode or not counted or not rate or (failed and int(failed[1])):
        raise RuntimeError(f"pgbench failed:\n{done.stdout[-500:]}\n{done.stderr[-500:]}")
    return int(counted[1]), float(rate[1])
