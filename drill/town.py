"""A town to drill in: a folder of its own with a durable database, kept running as a service manager keeps it running."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from wangge.kit.cluster.folder import Layout
from wangge.kit.cluster.keeper import processes_in
from wangge.kit.postgres import database_url

CLONE = Path(__file__).resolve().parent.parent
PASSPHRASE = "a phrase for this drill only"
RESTART_SECONDS = 0.5  # as deploy/ tells systemd: Restart=always, after half a second
START_SECONDS = 180.0
PATIENCE_SECONDS = 120.0


@dataclass
class Folder:
    """One data folder, and what the drill's machines know of the town in it."""

    root: Path
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        return Layout(self.root)

    @property
    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "WANGGE_", "PYTEST_"))}
        clean |= {k: v for k, v in os.environ.items() if k == "WANGGE_POSTGRES_BIN"}
        return clean | {
            "WANGGE_DATA": str(self.root), "WANGGE_BACKUP_PASSPHRASE": PASSPHRASE,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(CLONE), os.environ.get("PYTHONPATH", "")])),
        }  # fmt: skip

    def run(
        self, *words: str | Path, timeout: float = 300.0, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """One command of Wangge in this folder, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "wangge", *map(str, words)], cwd=CLONE, env=self.environment | more, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False,
        )  # fmt: skip

    def must(self, *words: str | Path, **more: str) -> str:
        """What a command prints that must succeed."""
        done = self.run(*words, **more)
        if done.returncode != 0:
            raise RuntimeError(
                f"wangge {' '.join(map(str, words))}: {done.returncode}\n{done.stderr[-2000:]}"
            )
        return done.stdout

    def url(self, role: str = "postgres", database: str = "wangge") -> str:
        """The database's address while it runs; ``postgres`` is its superuser."""
        state = self.layout.read_state()
        if state is None:
            raise psycopg.OperationalError("the database is not running")
        return database_url(
            role=role,
            password=self.layout.password(role),
            database=database,
            socket_folder=state["socket_folder"],
        )

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(), autocommit=True, connect_timeout=5) as link:
            return link.execute(statement.encode(), values or None).fetchall()

    def number(self, statement: str, *values: object) -> int:
        return int(self.rows(statement, *values)[0][0])

    def do(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True, connect_timeout=5) as link:
            link.execute(statement.encode())

    def is_still(self) -> bool:
        """Nothing of it runs."""
        return not processes_in(self.layout.cluster)


class Service:
    """``wangge serve`` as a service manager keeps it: started again whenever it ends, until told to stop."""

    def __init__(self, folder: Folder, port: int, *, workers: int = 2, **more: str) -> None:
        self.folder, self.port = folder, port
        self.words = [sys.executable, "-m", "wangge", "serve", "--port", str(port), "--workers", str(workers)]
        self.more = more
        self.n_starts = 0
        self.is_over = threading.Event()
        self.log = folder.root / "drill-serve.log"
        self.process = self._start()
        self.keeping = threading.Thread(target=self._keep, daemon=True)
        self.keeping.start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.n_starts += 1
        with open(self.log, "ab") as log:
            return subprocess.Popen(
                self.words, cwd=CLONE, env=self.folder.environment | self.more, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip

    def _keep(self) -> None:
        while not self.is_over.is_set():
            if self.process.poll() is not None and not self.is_over.wait(RESTART_SECONDS):
                self.process = self._start()
            self.is_over.wait(0.05)

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        wait_until(self.is_ready, seconds, "/readyz")

    def is_ready(self) -> bool:
        return self.ask("/readyz")[0] == 200

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """One GET; status 0 when nobody answers."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            link.request("GET", path, headers=headers)
            answer = link.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        except (OSError, http.client.HTTPException):
            return 0, {}, b""
        finally:
            link.close()

    def stop(self) -> None:
        self.is_over.set()
        self.keeping.join()
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        wait_until(self.folder.is_still, PATIENCE_SECONDS, "the database stops")


class Ground:
    """The place of all drills: the settled town once, and a fresh copy of it for each part."""

    def __init__(
        self, outer: Path, port: int, *, settled: Path | None = None, is_quick: bool = False
    ) -> None:
        self.outer, self.port, self.is_quick = outer, port, is_quick
        self.settled = Folder(settled or outer / "settled")
        self.kept = ExitStack()
        self.shared: tuple[Folder, Service] | None = None

    def settle(self) -> None:
        """Migrate, build the town, and end with everything stopped; at once when that was done before."""
        told = self.settled.root.with_suffix(".json")
        with told.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                told.write_text(self._settle())
        self.settled.known = json.loads(told.read_text())

    def _settle(self) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "drill.settle_in"], cwd=CLONE, env=self.settled.environment, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(done.stderr[-2000:])
        wait_until(self.settled.is_still, PATIENCE_SECONDS, "the database stops")
        return done.stdout.splitlines()[-1]

    @contextmanager
    def copy(self, name: str) -> Iterator[Folder]:
        """A copy of the settled town, gone afterwards with all that runs in it."""
        folder = Folder(self.outer / name, self.settled.known)
        subprocess.run(["cp", "-a", self.settled.root, folder.root], check=True)
        try:
            yield folder
        finally:
            clear(folder)

    @contextmanager
    def serving(self, name: str, **more: str) -> Iterator[tuple[Folder, Service]]:
        """A copy that serves; in quick drills one of them for all, with a single web process."""
        if not self.is_quick:
            with self._serving(name, 2, **more) as fresh:
                yield fresh
            return
        if self.shared is None:
            self.shared = self.kept.enter_context(self._serving("shared", 1))
        yield self.shared

    @contextmanager
    def _serving(self, name: str, workers: int, **more: str) -> Iterator[tuple[Folder, Service]]:
        with self.copy(name) as folder:
            service = Service(folder, self.port, workers=workers, **more)
            try:
                service.wait_ready()
                yield folder, service
            finally:
                service.stop()


def clear(folder: Folder) -> None:
    """Stop what is left in a folder and remove it."""
    with suppress(TimeoutError):
        wait_until(folder.is_still, 30.0, "the database stops")
    for pid in processes_in(folder.layout.cluster):
        with suppress(ProcessLookupError):
            os.kill(pid, 9)
    shutil.rmtree(folder.root, ignore_errors=True)


@contextmanager
def ground(port: int, *, is_quick: bool = False) -> Iterator[Ground]:
    """A place for drills, gone afterwards. ``WANGGE_DRILL_FOLDER`` names the disk, ``WANGGE_DRILL_TOWN`` a folder with the
    settled town, which stays.
    """
    outer = Path(tempfile.mkdtemp(prefix="wangge-drill-", dir=os.environ.get("WANGGE_DRILL_FOLDER")))
    outer.chmod(0o711)
    try:
        kept = os.environ.get("WANGGE_DRILL_TOWN")
        made = Ground(outer, port or free_port(), settled=Path(kept) if kept else None, is_quick=is_quick)
        made.settle()
        with made.kept:
            yield made
    finally:
        shutil.rmtree(outer, ignore_errors=True)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS, what: str = "") -> float:
    """Wait until it is so; how long that took in seconds. Raises TimeoutError."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{what or getattr(is_so, '__name__', '')}: not within {seconds:.0f} s")
        time.sleep(0.05)
    return time.monotonic() - began
