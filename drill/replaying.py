"""``wangge replay`` of a part of the example messages; killed, it is run again and goes on."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from contextlib import suppress

from drill.compare import told_by
from drill.town import CLONE, Folder

EXAMPLES = CLONE / "examples" / "messages.csv"
N_MESSAGES = 12
MOST_RUNS = 6
END_NAMES = ("closed", "parked", "merged", "declined", "void", "transferred", "open")


class Replay:
    """One part of the messages, as a file of its own."""

    def __init__(self, folder: Folder, part: int, *, processes: int = 2) -> None:
        self.folder, self.processes = folder, processes
        self.file = folder.root / f"messages-{part}.csv"
        with EXAMPLES.open(encoding="utf-8-sig", newline="") as source:
            head, *rows = list(csv.reader(source))
        start = part * N_MESSAGES % (len(rows) - N_MESSAGES + 1)
        self.rows = rows[start : start + N_MESSAGES]
        with self.file.open("w", encoding="utf-8", newline="") as target:
            # numbers of their own for each part, else a part that comes round again would be known already
            csv.writer(target).writerows([head, *([f"P{part}-{row[0]}", *row[1:]] for row in self.rows)])
        self.process: subprocess.Popen[str] | None = None
        self.n_runs = 0

    def start(self) -> None:
        self.n_runs += 1
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wangge", "replay", str(self.file), "--processes", str(self.processes), "--json"],
            cwd=CLONE, env=self.folder.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, start_new_session=True,
        )  # fmt: skip

    def kill(self) -> None:
        """All processes of it at once."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()

    def finish(self) -> list[str]:
        """Run it until it is done; what is wrong afterwards."""
        out = ""
        while self.n_runs < MOST_RUNS:
            if self.process is None or self.process.returncode is not None:
                self.start()
            assert self.process is not None
            out, _ = self.process.communicate(timeout=300)
            if self.process.returncode == 0:
                return self.wrong(out)
        return [f"replay of {self.file.name} did not come to its end in {MOST_RUNS} runs"]

    def wrong(self, out: str) -> list[str]:
        told = told_by(out)
        if told.get("bad") or told.get("new", 0) + told.get("known", 0) != N_MESSAGES:
            return [f"replay of {self.file.name}: {out[-400:]}"]
        if told.get("open") or sum(told.get(name, 0) for name in END_NAMES) != told.get("new"):
            return [f"replay of {self.file.name} left cases open: {out[-400:]}"]
        return []


def twice(folder: Folder) -> list[str]:
    """Messages that became more than one case."""
    rows = folder.rows(
        "SELECT origin, origin_number, count(*) FROM cases_case WHERE origin_number <> '' GROUP BY 1, 2 HAVING count(*) > 1"
    )
    return [f"message doubled: {origin} {number} {n} times" for origin, number, n in rows]
