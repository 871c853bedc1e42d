"""One installation in a temporary data folder, used from outside: commands as real processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

HERE = Path(__file__).parents[2]
PASSPHRASE = "a long enough phrase"
PATIENCE_SECONDS = 60.0


class Installation:
    def __init__(self, data: Path) -> None:
        self.data = data
        given = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "WANGGE_", "PYTEST_"))}
        if "WANGGE_POSTGRES_BIN" in os.environ:
            given["WANGGE_POSTGRES_BIN"] = os.environ["WANGGE_POSTGRES_BIN"]
        self.environment = given | {
            "WANGGE_DATA": str(data),
            "WANGGE_BACKUP_PASSPHRASE": PASSPHRASE,
            "PYTHONWARNINGS": "default",
        }

    def start(self, *words: str | Path, **more: str) -> subprocess.Popen[str]:
        """The command in a session of its own, as in a terminal of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "wangge", *map(str, words)], cwd=HERE, env=self.environment | more, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def run(self, *words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @contextmanager
    def serving(self) -> Iterator[Serving]:
        serving = Serving(self, free_port())
        try:
            serving.wait_open()
            yield serving
        finally:
            serving.end()


class Serving:
    """A running ``wangge serve``."""

    def __init__(self, installation: Installation, port: int) -> None:
        self.port = port
        self.process = installation.start("serve", "--port", str(port), "--workers", "1")
        self.family: list[psutil.Process] = []

    def wait_open(self) -> None:
        wait_until(lambda: self.is_open() or self.process.poll() is not None)
        assert self.process.poll() is None, self.process.communicate()
        everyone = psutil.Process(self.process.pid).children(recursive=True)
        # the database's keeper and server stay as long as anyone needs them
        self.family = [p for p in everyone if "wangge.kit.processes" in " ".join(p.cmdline())]
        assert self.family

    def is_open(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sign-in/", timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()
            return True
        except OSError:
            return False
        return True

    def stop(self, sign: signal.Signals, *, whole_terminal: bool = False) -> tuple[int, str, str]:
        if whole_terminal:
            os.killpg(self.process.pid, sign)
        else:
            self.process.send_signal(sign)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err

    def end(self) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGTERM)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.05)


@contextmanager
def new_installation() -> Iterator[Installation]:
    """With a data folder that does not exist yet, below one that any user may enter."""
    outer = Path(tempfile.mkdtemp(prefix="wangge-test-"))
    outer.chmod(0o755)
    try:
        yield Installation(outer / "data")
    finally:
        shutil.rmtree(outer)
