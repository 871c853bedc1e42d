"""The same Idempotency-Key at once, and again after a process died between commit and answer.

That moment is held still without a hook in the program: a standby that must confirm each commit but does not exist makes
PostgreSQL write the commit to the disk and then wait (``synchronous_standby_names``). Whoever is killed there has
committed and has not answered.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from drill import compare
from drill.client import Answer, Client, new_key
from drill.family import DATABASE, WEB, WEB_WORKER, WORKER, family, kill
from drill.outcome import Outcome, Tell
from drill.town import Folder, Ground, Service, wait_until

AT_ONCE = 8
MARKED = "SELECT count(*) FROM cases_case WHERE text LIKE %s"
HELD = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


def drill(ground: Ground, tell: Tell) -> Outcome:
    outcome = Outcome("same_key", "同一幂等键同时或在崩溃后再发", "the same key at once and after a crash")
    with ground.serving("same-key") as (folder, service):
        tell("at once")
        at_once(folder, service, outcome)
        for victim in (WEB_WORKER, DATABASE) if ground.is_quick else (WEB_WORKER, WEB, DATABASE):
            tell(f"{victim} killed between commit and answer")
            after_a_crash(folder, service, victim, outcome)
        outcome.problems += compare.outbox(folder) + compare.ledger(folder)
    return outcome


def at_once(folder: Folder, service: Service, outcome: Outcome) -> None:
    """Eight connections, one key, one barrier."""
    key, mark = new_key(), f"AT-ONCE-{new_key()}"
    answers: list[Answer] = []
    ready = threading.Barrier(AT_ONCE)

    def send() -> None:
        client = Client(service.port)
        ready.wait()
        answers.append(client.post("/api/cases", said(folder, mark), what="report", key=key))
        client.close()

    threads = [threading.Thread(target=send) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one_case(folder, mark, answers, outcome, "at once")
    outcome.figures["at_once"] = dict(
        Counter("replayed" if answer.is_replay else "made" for answer in answers)
    )
    outcome.expect(
        sum(not answer.is_replay for answer in answers) == 1, "at once: not exactly one first answer"
    )


def after_a_crash(folder: Folder, service: Service, victim: str, outcome: Outcome) -> None:
    """The request commits, its process is killed before it answers, the client sends it again."""
    key, mark = new_key(), f"CRASH-{victim}-{new_key()}"
    # a machine: an anonymous report commits its rate limit first, and that is not the commit that is meant here
    client = Client(service.port, folder.known["desk"])
    answers: list[Answer] = []
    client.post("/api/cases", said(folder, f"BEFORE-{new_key()}"), what="report")
    with still(family(folder, service)[WORKER]), commits_held(folder):
        sender = threading.Thread(
            target=lambda: answers.append(
                client.post("/api/cases", said(folder, mark), what="report", key=key)
            )
        )
        sender.start()
        wait_until(lambda: folder.number(HELD) > 0, what="a commit that waits")
        pids = family(folder, service)
        # which of the workers it is does not matter here: all of them go
        for pid in pids[WEB_WORKER] if victim == WEB_WORKER else pids[victim]:
            kill(pid)
        if victim == DATABASE:
            wait_until(lambda: is_up(folder, pids[DATABASE]), what="the database is back")
    sender.join()
    one_case(folder, mark, answers, outcome, victim)
    outcome.expect(client.n_lost + client.n_unavailable > 0, f"{victim}: the first answer was not lost")
    outcome.expect(
        answers[0].is_replay, f"{victim}: the second request was not answered with the first answer"
    )
    outcome.figures[victim] = {"sent": answers[0].n_sent, "replayed": answers[0].is_replay}
    client.close()


@contextmanager
def still(pids: list[int]) -> Iterator[None]:
    """Inside, these processes do nothing: the worker's own commits would be taken for the request's."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextmanager
def commits_held(folder: Folder) -> Iterator[None]:
    """Inside, every commit is on the disk and waits; afterwards they end."""
    set_standby(folder, "drill")
    try:
        yield
    finally:
        wait_until(lambda: is_released(folder), what="the database takes the setting")


def is_released(folder: Folder) -> bool:
    with suppress(psycopg.Error, TypeError):
        set_standby(folder, "")
        return True
    return False


def set_standby(folder: Folder, name: str) -> None:
    with psycopg.connect(folder.url(), autocommit=True, connect_timeout=5) as link:
        link.execute("SET synchronous_commit = local")
        link.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        link.execute("SELECT pg_reload_conf()")


def is_up(folder: Folder, gone: list[int]) -> bool:
    with suppress(psycopg.Error, OSError, ValueError, KeyError):
        state = folder.layout.read_state() or {}
        return state["server"] not in gone and folder.number("SELECT 1") == 1
    return False


def said(folder: Folder, mark: str) -> dict[str, object]:
    lon, lat = folder.known["spots"][0]
    return {"text": f"路灯不亮 {mark}", "lon": lon, "lat": lat, "phone": "13900000000"}


def one_case(folder: Folder, mark: str, answers: list[Answer], outcome: Outcome, when: str) -> None:
    n_cases = folder.number(MARKED, f"%{mark}")
    outcome.expect(n_cases == 1, f"{when}: {n_cases} cases of one key")
    outcome.expect({answer.status for answer in answers} == {201}, f"{when}: {[a.status for a in answers]}")
    outcome.expect(len({answer.body for answer in answers}) == 1, f"{when}: different answers")
