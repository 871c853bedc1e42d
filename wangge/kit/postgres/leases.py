"""Using the database of a data folder: the first one in starts the server, the last one out stops it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wangge.kit.cluster import making
from wangge.kit.cluster.folder import Layout, takes_connections
from wangge.kit.errors import DomainError
from wangge.kit.postgres.urls import database_url

POLL_SECONDS = 0.02
STOP_SECONDS = 90.0
PACKAGE_PARENT = Path(__file__).absolute().parents[3]


@dataclass(frozen=True)
class Server:
    """A running server, as long as the lease lasts."""

    layout: Layout
    socket_folder: Path
    version: str
    durable: bool = True
    throw_away: bool = False

    @property
    def app_url(self) -> str:
        """The application's role: owns nothing."""
        return self._url(making.APP_ROLE)

    @property
    def owner_url(self) -> str:
        """The role that owns the database and migrates."""
        return self._url(making.OWNER_ROLE)

    @property
    def superuser_url(self) -> str:
        return self._url(making.SUPERUSER)

    def ensure_running(self) -> None:
        """Start the keeper again if it was killed; cheap, for a long-running program to call now and then."""
        if not _is_kept(self.layout):
            _reach(self.layout, durable=self.durable, throw_away=self.throw_away)

    def _url(self, role: str) -> str:
        return database_url(
            role=role,
            password=self.layout.password(role),
            database=making.DATABASE,
            socket_folder=str(self.socket_folder),
        )


@contextmanager
def lease(folder: Path, *, durable: bool = True, throw_away: bool = False) -> Iterator[Server]:
    """Join the running server of this data folder or start it; the last one out stops it and waits for that.

    ``durable=False`` (tests) switches off all that survives a crash; ``throw_away=True`` removes the whole
    folder when the server stops, even when every holder was killed. Raises DomainError with what to do.
    """
    layout = Layout(folder.absolute())
    layout.prepare()
    descriptor = os.open(layout.lease_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # waits while the last server of this folder is being stopped
        layout.prepare()
        yield _reach(layout, durable=durable, throw_away=throw_away)
    finally:
        try:
            _leave(layout, descriptor)
        finally:
            os.close(descriptor)


def _reach(layout: Layout, *, durable: bool, throw_away: bool) -> Server:
    """The folder's server, started when nobody keeps one."""
    while True:
        if not _is_kept(layout):
            _start_keeper(layout, durable=durable, throw_away=throw_away)
            continue
        state = layout.read_state()
        if state and takes_connections(Path(state["socket_folder"])):
            return Server(layout, Path(state["socket_folder"]), state["version"], durable, throw_away)
        time.sleep(POLL_SECONDS)


def _start_keeper(layout: Layout, *, durable: bool, throw_away: bool) -> None:
    words = [sys.executable, "-m", "wangge.kit.cluster.keeper", str(layout.root)]
    words += [] if durable else ["--not-durable"]
    words += ["--throw-away"] if throw_away else []
    path = os.pathsep.join(filter(None, [str(PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))
    with open(os.open(layout.keeper_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
        # a session of its own: neither Ctrl-C in our terminal nor our end reaches it
        keeper = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, cwd="/",
            env=os.environ | {"PYTHONPATH": path}, start_new_session=True,
        )  # fmt: skip
    assert keeper.stdout is not None
    with keeper.stdout as told:
        line = told.readline()
    if not line:  # another keeper was first (0), or this one died
        if keeper.wait() not in (0, -signal.SIGKILL, -signal.SIGTERM):
            raise DomainError(
                500,
                "keeper_died",
                f"数据库看守进程意外退出,原因见 {layout.keeper_log}。",
                f"The process that keeps the database ended unexpectedly; {layout.keeper_log} says why.",
            )
        return
    _forget(keeper)
    answer: dict[str, Any] = json.loads(line)
    if "code" in answer:
        raise DomainError(answer["status"], answer["code"], answer["zh"], answer["en"])


def _forget(keeper: subprocess.Popen[bytes]) -> None:
    """Collect the keeper's end whenever it comes, so that it does not stay behind as a zombie."""
    threading.Thread(target=keeper.wait, daemon=True).start()


def _is_kept(layout: Layout) -> bool:
    try:
        descriptor = os.open(layout.keeper_lock, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:  # the folder was thrown away
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _leave(layout: Layout, descriptor: int) -> None:
    """Give the lease back; whoever is last sees the server stopped before going on."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # others are left, or the keeper already noticed that nobody is and is stopping the server
        _wait(lambda: _try(descriptor, fcntl.LOCK_SH))
        return
    if not _is_kept(layout):
        return
    try:
        os.kill(int(layout.keeper_lock.read_text()), signal.SIGTERM)
    except (ValueError, ProcessLookupError):
        return
    _wait(lambda: not _is_kept(layout))


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + STOP_SECONDS
    while not is_so() and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
