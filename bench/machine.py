"""On what was measured: processor, memory, system and the versions of what did the work."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.house import House

PACKAGES = ("Django", "psycopg", "granian", "orjson", "cryptography")
ROOT = Path(__file__).parents[1]


def machine(town: House) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "postgresql": town.rows("SHOW server_version")[0][0],
        **{name: importlib.metadata.version(name) for name in PACKAGES},
    }


def commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip()


def processor() -> str:
    """The name that the kernel gives it."""
    info = Path("/proc/cpuinfo")
    names = [
        line.partition(":")[2] for line in info.read_text().splitlines() if line.startswith("model name")
    ]
    return names[0].strip() if names else platform.processor()
