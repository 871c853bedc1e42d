"""``wangge verify-ledger`` over the whole ledger of the town of a million, which must find nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from bench.house import House


def measure(million: House, _seconds: float) -> dict[str, Any]:
    """Entries a second, the command's start included."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "wangge", "verify-ledger", "--json"], env=million.environment, stdout=subprocess.PIPE,
        text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    told = json.loads(done.stdout.splitlines()[-1])
    if done.returncode:
        raise RuntimeError(f"verify-ledger found something: {done.stdout[:1000]}")
    return {
        "entries": told["entries"], "cases": told["cases"], "findings": len(told["findings"]),
        "per_s": round(told["entries"] / seconds), "seconds": round(seconds, 1),
    }  # fmt: skip
