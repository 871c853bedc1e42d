"""Five of the kills, and the same key after a crash; ``make drill`` does fifty and everything else."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from drill.clock import DAY, MovedClock
from drill.family import TARGETS
from drill.kills import targets
from tests.drill.settled import settled_town

HERE = Path(__file__).parents[2]


@pytest.mark.slow
def test_five_kills_lose_nothing_double_nothing_and_all_recovers() -> None:
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "WANGGE_TEST", "WANGGE_DATA"))
    } | {"WANGGE_DRILL_TOWN": str(settled_town())}
    done = subprocess.run(
        [sys.executable, "-m", "drill", "kills", "same_key", "--kills", "5", "--quick", "--json"], cwd=HERE, env=clean, text=True,
        capture_output=True, timeout=290,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["good"], json.dumps(told, ensure_ascii=False, indent=1) + done.stderr[-2000:]
    kills, same_key = told["parts"]
    assert kills["figures"]["kills"] == 5
    assert set(kills["figures"]["by_target"]) == set(TARGETS[:5])
    assert kills["figures"]["n_acknowledged"] > 20
    assert same_key["figures"]["at_once"] == {"made": 1, "replayed": 7}


def test_every_kind_of_process_is_killed_alike_often() -> None:
    chosen = Counter(targets(50, random.Random(1)))
    assert set(chosen) == set(TARGETS)
    assert max(chosen.values()) - min(chosen.values()) <= 1


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_a_moved_clock_moves_the_time_of_day_and_no_steady_clock(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path)
    assert clock.make() == ""
    code = "import time, datetime; print(time.time(), datetime.datetime.now().timestamp(), time.monotonic())"
    for seconds in (DAY, -DAY, 0):
        clock.set(seconds)
        done = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | clock.environment, capture_output=True, text=True
        )
        wall, day, steady = map(float, done.stdout.split())
        assert wall - time.time() == pytest.approx(seconds, abs=30)
        assert day == pytest.approx(wall, abs=5)
        assert 0 <= time.monotonic() - steady < 30
