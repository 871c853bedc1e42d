"""``wangge serve`` in a house, and the processor time of each part of it."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

from bench.house import House

START_SECONDS = 180.0
QUIET_SECONDS = 2.0
QUIET_CPU = 0.1  # of a core
PARTS = {"wangge.kit.processes.web": "web", "worker": "worker"}


@dataclass(frozen=True)
class Serving:
    """A running installation."""

    house: House
    port: int
    process: subprocess.Popen[bytes]

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time used until now by web, worker and database (with ended children)."""
        spent = {"web": 0.0, "worker": 0.0, "database": 0.0}
        for child in psutil.Process(self.process.pid).children():
            part = next((part for word, part in PARTS.items() if word in child.cmdline()), "web")
            spent[part] += of_tree(child)
        spent["database"] = database_cpu(self.house)
        return spent


def database_cpu(house: House) -> float:
    """Seconds used by the house's PostgreSQL until now: every backend, writer and checkpointer."""
    return of_tree(psutil.Process(int((house.server.layout.read_state() or {})["server"])))


def of_tree(top: psutil.Process) -> float:
    """Seconds of a process, its living descendants, and those whose end it noticed."""
    total = 0.0
    for process in [top, *top.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            used = process.cpu_times()
            total += used.user + used.system + used.children_user + used.children_system
    return total


def used_between(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {part: after[part] - before[part] for part in after}


@contextmanager
def serving(house: House, port: int, workers: int = 2) -> Iterator[Serving]:
    """Started as everybody starts it, answering, and stopped at the end."""
    words = [sys.executable, "-m", "wangge", "serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(words, env=house.environment, stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(process, port)
        running = Serving(house, port, process)
        wait_until_quiet(running)
        yield running
    finally:
        process.terminate()
        process.wait(60)


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while not answers(port):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("wangge serve did not start")
        time.sleep(0.1)


def wait_until_quiet(running: Serving) -> None:
    """The worker starts after the first answer; what it does first is no part of what is measured."""
    until = time.monotonic() + START_SECONDS
    time.sleep(QUIET_SECONDS)
    spent = sum(running.cpu().values())
    while time.monotonic() < until:
        time.sleep(QUIET_SECONDS)
        now = sum(running.cpu().values())
        if now - spent < QUIET_CPU * QUIET_SECONDS:
            return
        spent = now
    raise RuntimeError("wangge serve does not come to rest")


def answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
