"""The second yardstick: processor time of a fixed piece of Python, measured beside every figure of processor time.

The same work costs more processor time while neighbours share caches and cores; this says how much more.
"""

from __future__ import annotations

import json
import time
from hashlib import sha256
from typing import Any

TURNS = 300
ROUNDS = 5
WORK: dict[str, Any] = {f"k{n}": [n, f"路灯不亮 {n}", {"digest": "0" * 64}] for n in range(40)}


def loop_ms() -> float:
    """Processor milliseconds of the piece of work: the least of some rounds."""
    return round(min(once() for _ in range(ROUNDS)), 3)


def once() -> float:
    began = time.process_time()
    for _ in range(TURNS // ROUNDS):
        text = json.dumps(WORK, ensure_ascii=False, sort_keys=True)
        sha256(text.encode()).hexdigest()
        sum(len(value) for value in json.loads(text).values())
    return (time.process_time() - began) * 1000
