"""The process that keeps one server: starts it, starts it again when it dies, stops it when nobody needs it.

It runs by itself (``python -m wangge.kit.cluster.keeper FOLDER``), apart from every terminal, so that the
command which happened to come first may leave or be killed. Two locks say everything, and the kernel frees
both at any death:

``lease.lock``   every command that uses the database holds it shared; the keeper waits to hold it alone
``keeper.lock``  the keeper holds it from before the server starts until after it has stopped

It answers on its standard output with one line of JSON: ready, or why not.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from wangge.kit.cluster import binaries as programs
from wangge.kit.cluster import making
from wangge.kit.cluster.folder import Layout, ServerUser, server_user, takes_connections, write_whole
from wangge.kit.errors import DomainError

STOP_SECONDS = 60.0
# a server that dies this often within this time is not started again
MOST_STARTS = 5
STARTS_WITHIN_SECONDS = 60.0


class Keeper:
    """One server of one data folder."""

    def __init__(self, layout: Layout, *, durable: bool) -> None:
        self.layout = layout
        self.durable = durable
        self.user: ServerUser = server_user()
        self.binaries = programs.locate()
        self.wake = threading.Event()
        self.should_stop = False
        self.pid = 0
        self.child: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Everything before the first start: permissions, programs, version, cluster."""
        making.check_version(self.layout, self.binaries)
        blocking = self.user.may_enter(self.layout.home)
        if blocking is not None:
            raise DomainError(
                500,
                "data_folder_blocked",
                f"数据库以用户 {self.user.name} 运行,但它进不了 {blocking}。请用 WANGGE_DATA 指定另一个目录,"
                f"或允许通过:chmod o+x {blocking}",
                f"The database runs as the user {self.user.name}, who cannot enter {blocking}. "
                f"Name another folder with WANGGE_DATA, or let it pass: chmod o+x {blocking}",
            )
        self.binaries = programs.reachable(self.binaries, self.layout, self.user)
        if not self.layout.cluster.exists():
            making.create(self.layout, self.binaries, self.user, durable=self.durable)
        elif not self.layout.passwords.exists() and not processes_in(self.layout.cluster):
            making.renew_passwords(self.layout, self.binaries, self.user, durable=self.durable)

    def start(self) -> None:
        """Start the server, or take over the one a killed keeper left; return when it takes connections."""
        self.child = None
        socket_folder = self.layout.recorded_socket_folder(self.user) or self.layout.socket_folder(self.user)
        self.pid = self._left_behind(socket_folder)
        self.layout.state.unlink(missing_ok=True)
        if not self.pid:
            self._spawn(socket_folder)
        self._wait_ready()
        told = {"socket_folder": str(socket_folder), "version": self.binaries.version, "server": self.pid}
        write_whole(self.layout.state, json.dumps(told))
        threading.Thread(target=self._watch, args=(self.pid, self.child), daemon=True).start()

    def keep(self) -> None:
        """Sleep until nobody is left or we are told to stop; a server that dies before is started again."""
        starts = [time.monotonic()]
        while not self.should_stop:
            self.wake.wait()
            self.wake.clear()
            if self.should_stop or self.is_running():
                continue
            starts = [at for at in starts if time.monotonic() - at < STARTS_WITHIN_SECONDS]
            if len(starts) >= MOST_STARTS:
                return
            starts.append(time.monotonic())
            self.start()

    def stop(self) -> None:
        """Stop the server so that nothing has to be recovered; connections are ended."""
        for sign, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            until = time.monotonic() + seconds
            self._signal(sign)
            while self.is_running() and time.monotonic() < until:
                time.sleep(0.01)
            if not self.is_running():
                break
        self.layout.remove_socket_folder()
        self.layout.state.unlink(missing_ok=True)

    def is_running(self) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        return self.pid in processes_in(self.layout.cluster)

    def _spawn(self, socket_folder: Path) -> None:
        words = making.server_words(self.layout, self.binaries, socket_folder, durable=self.durable)
        with open(os.open(self.layout.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
            self.child = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=making.ENVIRONMENT,
                **self.user.as_child(),
            )  # fmt: skip
        self.pid = self.child.pid

    def _wait_ready(self) -> None:
        while True:
            lines = self._pid_file()
            if len(lines) >= 8 and lines[0].strip() == str(self.pid) and lines[7].strip() == "ready":
                return
            if not self.is_running():
                logs = self.layout.cluster / "log"
                told = " ".join(self._last_words().split())[-600:]
                raise DomainError(
                    500,
                    "server_not_started",
                    f"数据库没有启动,日志在 {self.layout.log} 和 {logs}:{told}",
                    f"The database did not start; its logs are {self.layout.log} and {logs}: {told}",
                )
            time.sleep(0.01)

    def _last_words(self) -> str:
        """What the server said last: in its own log, or before it had one."""
        logs = sorted((self.layout.cluster / "log").glob("*.log"), key=lambda log: log.stat().st_mtime)
        return (logs[-1] if logs else self.layout.log).read_text(errors="replace")

    def _left_behind(self, socket_folder: Path) -> int:
        """The pid of a server still running here (its keeper was killed), else 0 with the way made free."""
        lines = self._pid_file()
        if not lines:
            return 0
        pid = int(lines[0])
        until = time.monotonic() + STOP_SECONDS
        while members := processes_in(self.layout.cluster):
            if pid in members and takes_connections(socket_folder):
                return pid
            if time.monotonic() > until:  # what is left of a killed server ends by itself; this does not
                for member in members:
                    os.kill(member, signal.SIGKILL)
            time.sleep(0.05)
        # nobody works here: whatever has this number now is another process, or a dead one not yet collected
        if Path("/proc/self").exists():
            stale = ("postmaster.pid", self.layout.cluster), (".s.PGSQL.5432.lock", socket_folder)
            for name, folder in stale:
                (folder / name).unlink(missing_ok=True)
        return 0

    def _pid_file(self) -> list[str]:
        try:
            return (self.layout.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _signal(self, sign: signal.Signals) -> None:
        if self.is_running():
            os.kill(self.pid, sign)

    def _watch(self, pid: int, child: subprocess.Popen[bytes] | None) -> None:
        if child is not None:
            child.wait()
        else:
            while pid in processes_in(self.layout.cluster):
                time.sleep(0.5)
        self.wake.set()

    def wait_for_lease(self, descriptor: int) -> None:
        """In a thread: sleep until no command holds a lease."""
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self.told_to_stop()

    def told_to_stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self.should_stop = True
        self.wake.set()


def processes_in(folder: Path) -> list[int]:
    """The processes working in this folder, as all of a server's do in its cluster (needs /proc)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd") == str(folder.resolve()):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--not-durable", action="store_true")
    parser.add_argument("--throw-away", action="store_true")
    given = parser.parse_args()
    layout = Layout(given.folder)
    keeper_lock = os.open(layout.keeper_lock, os.O_RDWR | os.O_CREAT, 0o600)
    lease_lock = os.open(layout.lease_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(keeper_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0  # another one was first
    os.truncate(keeper_lock, 0)
    os.pwrite(keeper_lock, str(os.getpid()).encode(), 0)
    keeper: Keeper | None = None
    try:
        keeper = Keeper(layout, durable=not given.not_durable)
        signal.signal(signal.SIGTERM, keeper.told_to_stop)
        keeper.prepare()
        keeper.start()
        answer({"ready": True})
        threading.Thread(target=keeper.wait_for_lease, args=(lease_lock,), daemon=True).start()
        keeper.keep()
    except DomainError as error:
        answer({"status": error.status, "code": error.code, "zh": error.zh, "en": error.en})
        return 1
    finally:
        if keeper is not None and keeper.pid:
            keeper.stop()
        if given.throw_away:
            shutil.rmtree(layout.root, ignore_errors=True)
    return 0


def answer(told: dict[str, object]) -> None:
    """One line to whoever started us; they may be gone already."""
    try:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except BrokenPipeError:
        pass


if __name__ == "__main__":
    sys.exit(main())
