"""Processes killed with -9 at random moments, while people report, upload, dispatch and messages are replayed."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from threading import Event
from typing import Any

import psycopg

from drill import compare
from drill.client import GaveUp
from drill.family import DATABASE, REPLAY, TARGETS, family, is_whole, kill
from drill.outcome import Outcome, Tell
from drill.replaying import Replay, twice
from drill.stories import People, Written, busy, calm
from drill.town import Folder, Ground, Service, wait_until

SHORTEST_WAIT, LONGEST_WAIT = 0.2, 1.6
WHOLE_WITHIN_SECONDS = 120.0  # two busy cores; an idle machine needs a tenth
DELIVERED = "SELECT count(*) FROM kit_outboxrow WHERE payload->>'number' = %s AND delivered_at IS NOT NULL"


@dataclass
class Kill:
    """One kill: what, while what was under way, and how long until people were answered and all was whole again."""

    target: str
    under_way: list[str]
    answers_after_s: float = 0.0
    whole_after_s: float = 0.0


@dataclass
class Round:
    """A running town under fire."""

    folder: Folder
    service: Service
    written: Written
    crowd: list[People]
    rng: random.Random
    replay_processes: int = 2
    kills: list[Kill] = field(default_factory=list)
    n_replays: int = 0
    problems: list[str] = field(default_factory=list)

    def one(self, target: str) -> None:
        if target == REPLAY:
            self.kill_replay()
            return
        time.sleep(self.rng.uniform(SHORTEST_WAIT, LONGEST_WAIT))
        there = family(self.folder, self.service)[target]
        if not there:
            self.problems.append(f"no process to kill: {target}")
            return
        pid = self.rng.choice(there)
        self.strike(target, [pid])
        self.recover(self.kills[-1], pid)

    def strike(self, target: str, pids: list[int]) -> None:
        self.kills.append(Kill(target, [one.now for one in self.crowd]))
        for pid in pids:
            kill(pid)

    def kill_replay(self) -> None:
        """A replay, killed as a whole; every second time the database is killed under it instead."""
        replay = Replay(self.folder, self.n_replays, processes=self.replay_processes)
        self.n_replays += 1
        before = self.n_cases()
        with calm(self.written):
            replay.start()
            deadline = time.monotonic() + 60
            while self.n_cases() < before + 2 and time.monotonic() < deadline:
                time.sleep(0.1)
        time.sleep(self.rng.uniform(0.0, 0.4))
        if self.n_replays % 2:
            self.kills.append(Kill(REPLAY, [one.now for one in self.crowd]))
            replay.kill()
            pid = 0
        else:
            (pid,) = family(self.folder, self.service)[DATABASE] or [0]
            self.strike(f"{DATABASE}+{REPLAY}", [pid])
        self.recover(self.kills[-1], pid)
        with calm(self.written):
            self.problems += replay.finish()

    def n_cases(self) -> int:
        with suppress(psycopg.Error):
            return self.folder.number("SELECT count(*) FROM cases_case WHERE origin_number <> ''")
        return 0

    def recover(self, blow: Kill, pid: int) -> None:
        """A report sent after the kill is acknowledged, its event delivered, and every process is there again."""
        began = time.monotonic()
        try:
            with calm(self.written):
                self.wait_whole(blow, pid, began)
        except (TimeoutError, GaveUp) as error:
            self.problems.append(str(error))
        blow.whole_after_s = round(time.monotonic() - began, 2)
        if blow.whole_after_s > WHOLE_WITHIN_SECONDS:
            self.problems.append(f"{blow.target}: whole again only after {blow.whole_after_s} s")

    def wait_whole(self, blow: Kill, pid: int, began: float) -> None:
        number = probe(self.folder, self.service, self.written)
        blow.answers_after_s = round(time.monotonic() - began, 2)
        wait_until(lambda: self.is_whole(pid), WHOLE_WITHIN_SECONDS, f"whole after {blow.target}")
        wait_until(
            lambda: is_delivered(self.folder, number), WHOLE_WITHIN_SECONDS, f"events after {blow.target}"
        )
        wait_until(self.service.is_ready, WHOLE_WITHIN_SECONDS, f"ready after {blow.target}")

    def is_whole(self, gone: int) -> bool:
        if not is_whole(self.folder, self.service):
            return False
        there = family(self.folder, self.service)
        return not any(gone in pids for pids in there.values())


def probe(folder: Folder, service: Service, written: Written) -> str:
    """A resident's report; its number. Residents' events are delivered without the ten seconds of undoing."""
    somebody = People(folder, service.port, written, time.monotonic_ns(), Event())
    number = somebody.report(somebody.guest, somebody.uploaded(somebody.guest))
    somebody.guest.close()
    return number


def is_delivered(folder: Folder, number: str) -> bool:
    with suppress(psycopg.Error):
        return folder.number(DELIVERED, number) > 0
    return False


def targets(n: int, rng: random.Random) -> list[str]:
    """``n`` targets, all kinds alike often, in random order."""
    chosen = [TARGETS[i % len(TARGETS)] for i in range(n)]
    rng.shuffle(chosen)
    return chosen


def drill(ground: Ground, tell: Tell, *, kills: int, seed: int) -> Outcome:
    outcome = Outcome(
        "kills", f"{kills} 次强行结束进程(种子 {seed})", f"{kills} processes killed with -9 (seed {seed})"
    )
    rng = random.Random(seed)
    with ground.serving("kills") as (folder, service):
        with busy(folder, ground.port, seed) as (written, crowd):
            wait_until(lambda: is_whole(folder, service) and len(written.acts) >= 4, what="people at work")
            fight = Round(folder, service, written, crowd, rng, 1 if ground.is_quick else 2)
            for i, target in enumerate(targets(kills, rng), start=1):
                fight.one(target)
                tell(f"{i}/{kills} {target} {fight.kills[-1].whole_after_s if fight.kills else ''} s")
        outcome.problems += fight.problems + compare.compare(folder, written) + twice(folder)
        outcome.problems += [
            f"bare answer: {bare}" for one in crowd for c in one.all_clients for bare in c.bare
        ]
        outcome.figures = figures(fight, folder)
    return outcome


def figures(fight: Round, folder: Folder) -> dict[str, Any]:
    clients = [client for one in fight.crowd for client in one.all_clients]
    answers = [blow.answers_after_s for blow in fight.kills]
    whole = [blow.whole_after_s for blow in fight.kills]
    return {
        "kills": len(fight.kills), "by_target": dict(Counter(blow.target for blow in fight.kills)),
        "under_way": dict(Counter(what for blow in fight.kills for what in blow.under_way)),
        "acknowledged": dict(fight.written.count()), "n_acknowledged": len(fight.written.acts),
        "answers_lost": sum(c.n_lost for c in clients), "unavailable": sum(c.n_unavailable for c in clients),
        "repeated": fight.written.n_repeated, "replayed": fight.written.n_replayed,
        "replays": fight.n_replays, "service_starts": fight.service.n_starts,
        "ledger_entries": folder.number("SELECT count(*) FROM cases_entry"),
        "cases": folder.number("SELECT count(*) FROM cases_case"),
        "answers_after_s": {"median": median(answers), "most": max(answers)},
        "whole_after_s": {"median": median(whole), "most": max(whole)},
        "slowest": {t: max(b.whole_after_s for b in fight.kills if b.target == t) for t in {b.target for b in fight.kills}},
    }  # fmt: skip
