"""Child processes that end with their parent, however it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

PARENT_VARIABLE = "WANGGE_PARENT_PID"
PR_SET_PDEATHSIG = 1
STOP_SECONDS = 15.0
# a child that ends this often within this time is given up
MOST_STARTS = 5
STARTS_WITHIN_SECONDS = 60.0


def end_with(parent: int) -> None:
    """From now on the kernel kills this process when its parent, ``parent``, is gone (Linux; elsewhere we look).

    Nothing is lost by that: every change is one transaction.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_look_for, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it was gone before we asked
        os._exit(1)


def end_with_given_parent() -> None:
    """``end_with`` the process that started us as its ``Child``; nothing when a person did."""
    parent = os.environ.pop(PARENT_VARIABLE, None)
    if parent:
        end_with(int(parent))


def _look_for(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


@dataclass
class Child:
    """One process that ``serve`` keeps; ``again`` starts it again when it ends by itself."""

    name: str
    words: list[str]
    again: bool = True
    nice: int = 0
    """how far it stands back when others need the machine"""
    is_spared: bool = False
    """the others go on without it when it keeps ending; it is tried again now and then"""
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        now = time.monotonic()
        self.starts = [at for at in self.starts if now - at < STARTS_WITHIN_SECONDS] + [now]
        # a group of its own: Ctrl-C in the terminal reaches only us, and we stop everything in order
        self.process = subprocess.Popen(
            [sys.executable, *self.words],
            stdin=subprocess.DEVNULL,
            env=os.environ | {PARENT_VARIABLE: str(os.getpid())},
            process_group=0,
        )
        if self.nice:
            os.setpriority(os.PRIO_PROCESS, self.process.pid, self.nice)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_hopeless(self) -> bool:
        return len(self.starts) >= MOST_STARTS

    @property
    def rested_seconds(self) -> float:
        """Since its last start."""
        return time.monotonic() - self.starts[-1]

    def end(self) -> None:
        """Kill what is left of it and of its own children."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def stop_all(children: list[Child]) -> None:
    """Ask all of them to stop, wait, and kill those that do not."""
    for child in children:
        if child.process is not None and child.is_running:
            child.process.terminate()
    until = time.monotonic() + STOP_SECONDS
    while any(child.is_running for child in children) and time.monotonic() < until:
        time.sleep(0.02)
    for child in children:
        child.end()


class StopSignal(threading.Event):
    """Set by SIGTERM and SIGINT while in use: ``with StopSignal() as stop: … stop.wait()``."""

    number = 0

    def __enter__(self) -> StopSignal:
        self.before = {sign: signal.signal(sign, self._set) for sign in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_: object) -> None:
        for sign, handler in self.before.items():
            signal.signal(sign, handler)

    def _set(self, number: int, _frame: FrameType | None) -> None:
        self.number = number
        self.set()
