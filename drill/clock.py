"""The machine's clock is set a day forward and a day back while people work, and Wangge is restarted at the wrong time.

The processes of Wangge are started with a small library (``moved_clock.c``) that moves the clock of the day and nothing
else; the database keeps the right time, so that there is something to hold the clock against. libfaketime is no
choice: its release in Debian 12 breaks ``time.sleep`` of Python 3.11 when the steady clock is left alone (its issue 426).
"""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import psutil

from drill import compare
from drill.family import WEB_WORKER, WORKER, family, is_whole, kill
from drill.outcome import Outcome, Tell
from drill.stories import People, Written, busy, calm
from drill.town import CLONE, Folder, Ground, Service, wait_until

DAY = 86_400
# forward and back, then back and forward again: each way from the right time and into it
STEPS = (("forward", DAY), ("right_again", 0), ("back", -DAY), ("right_at_last", 0))
SOURCE = CLONE / "drill" / "moved_clock.c"
N_ACTS = 12
GOES_ON_SECONDS, RESTART_SECONDS = 60.0, 120.0
# the sealer rests 10 s, and a job of the timetable runs every minute
SEALED_SECONDS, JOB_SECONDS = 60.0, 120.0
CALM_SECONDS, MOST_CPU = 10.0, 0.5
SEALS = "SELECT count(*) FROM cases_ledgerseal"
WORDLESS = "SELECT count(*) FROM cases_case WHERE grams = '{}'"
DOUBLED = """
SELECT about, topic, user_id, channel, subject_zh, count(*) FROM notify_message
WHERE state <> 'cancelled' GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1
"""
BACKWARDS = """
SELECT count(*) FROM (SELECT recorded_at < lag(recorded_at) OVER (PARTITION BY case_id ORDER BY seq) AS b FROM cases_entry) AS e
WHERE b
"""


@dataclass
class MovedClock:
    """The clock of the processes that are started with ``environment``."""

    folder: Path
    library: Path = field(init=False)
    file: Path = field(init=False)

    def __post_init__(self) -> None:
        self.library, self.file = self.folder / "moved_clock.so", self.folder / "moved_clock.seconds"
        self.set(0)

    def make(self) -> str:
        """Translate the library; what went wrong, empty when it is there."""
        compiler = shutil.which("cc")
        if compiler is None:
            return "no C compiler (cc) on this machine"
        words = [compiler, "-O2", "-shared", "-fPIC", "-o", str(self.library), str(SOURCE)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return done.stderr[-300:] if done.returncode else ""

    def set(self, seconds: int) -> None:
        """For all of them at once; 0 is the right time."""
        with open(self.file, "r+b" if self.file.exists() else "w+b") as file:
            file.write(struct.pack("q", seconds))

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "DRILL_CLOCK": str(self.file)}


@dataclass
class Days:
    """A running town whose clock is set."""

    folder: Folder
    service: Service
    clock: MovedClock
    written: Written
    outcome: Outcome

    def step(self, name: str, seconds: int) -> None:
        """One setting: people go on, it is said, seals and jobs go on, and a restart at that time is well too."""
        n_seals = self.folder.number(SEALS)
        self.across(seconds)
        figures = self.outcome.figures[name] = {"goes_on_after_s": self.go_on(name)}
        self.look(name, seconds)
        figures["sealed_after_s"] = self.wait(
            lambda: self.folder.number(SEALS) > n_seals, SEALED_SECONDS, f"{name}: a new seal"
        )
        figures |= self.watch_worker(name, waits_for_job=name in ("forward", "right_again"))
        there = family(self.folder, self.service)
        for pid in there[WORKER] + there[WEB_WORKER]:
            kill(pid)
        gone = {*there[WORKER], *there[WEB_WORKER]}
        figures["whole_after_s"] = self.wait(
            lambda: self.is_whole_without(gone), RESTART_SECONDS, f"{name}: whole after a restart"
        )
        self.go_on(f"{name}, restarted")

    def across(self, seconds: int) -> None:
        """The setting falls between two steps of a case."""
        somebody = People(self.folder, self.service.port, self.written, time.monotonic_ns(), Event())
        desk = somebody.staff["desk"]
        number = somebody.report(desk, somebody.uploaded(desk))
        self.clock.set(seconds)
        known = self.folder.known
        somebody.verb("desk", number, "one_desk", category=known["category"], lead=known["lead"])
        desk.close()

    def is_whole_without(self, gone: set[int]) -> bool:
        there = family(self.folder, self.service)
        return (
            is_whole(self.folder, self.service)
            and not gone.intersection(there[WORKER] + there[WEB_WORKER])
            and self.service.is_ready()
        )

    def wait(self, is_so: Callable[[], bool], seconds: float, what: str) -> float | None:
        """How long it took; a problem when it did not come."""
        try:
            return round(wait_until(is_so, seconds, what), 1)
        except TimeoutError as error:
            self.outcome.problems.append(str(error))
            return None

    def go_on(self, when: str) -> float | None:
        n = len(self.written.acts)
        return self.wait(
            lambda: len(self.written.acts) >= n + N_ACTS, GOES_ON_SECONDS, f"{when}: people go on"
        )

    def look(self, name: str, seconds: int) -> None:
        """What health and doctor say; the doctor's clock is the machine's too."""
        status, _, body = self.service.ask("/readyz")
        is_right = status == 200 and json.loads(body)["checks"]["clock"] == (seconds == 0)
        self.outcome.expect(is_right, f"{name}: /readyz says {status} {body[:200]!r}")
        codes = self.doctor()
        self.outcome.expect(
            ("clocks_differ" in codes) == (seconds != 0), f"{name}: doctor says {sorted(codes)}"
        )
        if name != "forward":  # entries of tomorrow are there
            self.outcome.expect(
                "ledger_ahead" in codes, f"{name}: doctor is silent on entries from the future"
            )

    def doctor(self) -> set[str]:
        """Codes of what is not fine."""
        done = self.folder.run("doctor", "--json", timeout=300.0, **self.clock.environment)
        return {one["code"] for one in compare.told_by(done.stdout)["findings"] if one["level"] != "fine"}

    def watch_worker(self, name: str, *, waits_for_job: bool) -> dict[str, float | None]:
        """It is not busy with nothing, and the job of every minute comes round."""
        with calm(self.written):
            (pid,) = family(self.folder, self.service)[WORKER]
            before = sum(psutil.Process(pid).cpu_times()[:2])
            time.sleep(CALM_SECONDS)
            used = round((sum(psutil.Process(pid).cpu_times()[:2]) - before) / CALM_SECONDS, 2)
            self.outcome.expect(used < MOST_CPU, f"{name}: the worker takes {used} of a core at rest")
            if not waits_for_job:
                return {"worker_cores": used}
            self.folder.do("UPDATE cases_case SET grams = '{}' WHERE id = (SELECT min(id) FROM cases_case)")
            came = self.wait(lambda: self.folder.number(WORDLESS) == 0, JOB_SECONDS, f"{name}: periodic jobs")
        return {"worker_cores": used, "periodic_job_after_s": came}


def drill(ground: Ground, tell: Tell) -> Outcome:
    outcome = Outcome("clock", "时钟拨快、拨慢一天", "the clock is set a day forward and back")
    clock = MovedClock(ground.outer)
    if trouble := clock.make():
        outcome.figures["not_tried"] = (
            f"不能改动时钟,未演练 · the clock cannot be moved here, not tried: {trouble}"
        )
        return outcome
    with ground.serving("clock", **clock.environment) as (folder, service):
        with busy(folder, ground.port, 51, 2) as (written, crowd):
            days = Days(folder, service, clock, written, outcome)
            days.go_on("at the right time")
            before = days.doctor()
            for name, seconds in STEPS:
                tell(name)
                days.step(name, seconds)
        outcome.problems += compare.compare(folder, written) + afterwards(folder, outcome)
        new = days.doctor() - before - {"ledger_ahead"}
        outcome.expect(not new, f"doctor finds more than before: {sorted(new)}")
    outcome.problems += [f"bare answer: {bare}" for one in crowd for c in one.all_clients for bare in c.bare]
    outcome.figures["acknowledged"] = len(written.acts)
    return outcome


def afterwards(folder: Folder, outcome: Outcome) -> list[str]:
    """No message twice; the ledger's times run backwards, and it is sound against its seals; each seal exported once."""
    problems = [f"message doubled: {row}" for row in folder.rows(DOUBLED)]
    outcome.figures["entries_before_their_elders"] = n = folder.number(BACKWARDS)
    outcome.expect(n >= 2, "no entry's time ran backwards: the clock was not really set")
    seals = folder.root / "seals"
    exported = Counter(
        json.loads(line)["seq"] for file in seals.glob("*.jsonl") for line in file.read_text().splitlines()
    )
    problems += [f"seal {seq} exported {n} times" for seq, n in exported.items() if n > 1]
    outcome.figures |= {
        "seals": folder.number(SEALS),
        "exported": len(exported),
        "files": len(list(seals.iterdir())),
    }
    done = folder.run("verify-ledger", "--json", "--seals", seals)
    if done.returncode or compare.told_by(done.stdout).get("findings") != []:
        problems.append(f"verify-ledger --seals: {done.returncode} {done.stdout[-300:]} {done.stderr[-300:]}")
    return problems
