"""The replay with real processes: every message ends, a kill loses and doubles nothing, the ledger is sound."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.drill.settled import settled_town
from wangge.kit.postgres import lease

EXAMPLES = Path(__file__).parents[2] / "examples"
N = 16


def wangge(folder: Path, *words: str, **given) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), env=environment(folder), capture_output=True, text=True, timeout=280, **given
    )


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "wangge", *words]


def environment(folder: Path) -> dict[str, str]:
    clean = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DATABASE_URL", "DATABASE_OWNER_URL", "WANGGE_TEST_FOLDER")
    }
    return {**clean, "WANGGE_DATA": str(folder)}


@pytest.fixture
def folder(tmp_path_factory):
    """A data folder with the demo town that the database's user can enter."""
    made = Path(tmp_path_factory.mktemp("replay"))
    for above in (made, *made.parents):
        if above == Path("/tmp"):
            break
        above.chmod(0o711)
    copy = made / "town"
    subprocess.run(["cp", "-a", settled_town(), copy], check=True)
    return copy


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    """The first messages of the examples, and one of them twice."""
    with (EXAMPLES / "messages.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[: N + 1]
    path = tmp_path / "messages.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*rows, rows[1]])
    return path


def ends(said: dict) -> int:
    return sum(
        said[name] for name in ("closed", "parked", "merged", "declined", "void", "transferred", "open")
    )


@pytest.mark.slow
def test_a_killed_replay_goes_on_without_a_doubled_or_lost_message(folder, messages):
    with lease(folder) as server:  # the database stays up from one command to the next
        kill_halfway(folder, messages, server.owner_url)
        nothing_is_lost_or_doubled(folder, messages)


def kill_halfway(folder: Path, messages: Path, url: str) -> None:
    running = subprocess.Popen(
        command("replay", str(messages), "--json"), env=environment(folder), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    with psycopg.connect(url, autocommit=True) as link:
        until = time.monotonic() + 60
        while time.monotonic() < until and count(link) < 3:
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        assert 3 <= count(link) < N


def count(link: psycopg.Connection) -> int:
    return link.execute("SELECT count(*) FROM cases_case").fetchone()[0]


def nothing_is_lost_or_doubled(folder: Path, messages: Path) -> None:
    done = wangge(folder, "replay", str(messages), "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["read"], said["bad"]) == (N + 1, 1)
    assert said["new"] + said["known"] == N
    assert (ends(said), said["open"]) == (said["new"], 0)
    again = json.loads(wangge(folder, "replay", str(messages), "--json").stdout)
    assert (again["new"], again["known"], again["bad"]) == (0, N, 1)
    assert again["paths"] > 3
    ledger = json.loads(wangge(folder, "verify-ledger", "--json").stdout)
    assert ledger["findings"] == []
    assert ledger["cases"] >= N
