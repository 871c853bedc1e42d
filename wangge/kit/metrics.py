"""Figures for Prometheus: requests counted by each process in a small shared file, other figures read when asked.

No personal data: routes (``api/cases/<number>``), never addresses. Each process writes
``<data folder>/metrics/<process id>`` (fixed slots: name, count, seconds); whoever is asked reads all of them, so it
does not matter which worker answers. Files of processes that ended are removed.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

SLOT = struct.Struct("<184sQd")  # route, method and status; how many; seconds together
N_SLOTS = 2_000
SIZE = SLOT.size * N_SLOTS


@dataclass(frozen=True)
class Sample:
    """One figure: ``wangge_outbox_waiting 3``. ``kind``: gauge or counter."""

    name: str
    value: float
    help: str
    kind: str = "gauge"
    labels: tuple[tuple[str, str], ...] = ()


Source = Callable[[], Iterable[Sample]]


class Tally:
    """This process's counts in its file. Raises OSError when the disk has no room for it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.process = os.getpid()
        # never cut short what may be mapped already, and have all its blocks: touching a missing one kills the process
        path = folder / str(self.process)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, SIZE)
            self._memory = mmap.mmap(descriptor, SIZE)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        self._slots: dict[bytes, int] = {}
        self._lock = Lock()

    def count(self, key: str, seconds: float) -> None:
        """One more of this kind. What comes after ``N_SLOTS`` kinds is not counted."""
        name = key.encode()[:184].ljust(184, b"\0")
        with self._lock:
            slot = self._slots.setdefault(name, len(self._slots))
            if slot >= N_SLOTS:
                return
            _, n, spent = SLOT.unpack_from(self._memory, slot * SLOT.size)
            SLOT.pack_into(self._memory, slot * SLOT.size, name, n + 1, spent + seconds)


TALLIES: dict[Path, Tally] = {}
MAKING = Lock()  # the first requests of a process come at once


def tally() -> Tally:
    """The tally of this process (a forked child gets its own)."""
    folder = folder_of_tallies()
    held = TALLIES.get(folder)
    if held is None or held.process != os.getpid():
        with MAKING:
            held = TALLIES.get(folder)
            if held is None or held.process != os.getpid():
                held = TALLIES[folder] = Tally(folder)
    return held


def counted(key: str, seconds: float) -> None:
    """Count it; when the disk is full a request is not counted rather than not answered."""
    with suppress(OSError):
        tally().count(key, seconds)


def folder_of_tallies() -> Path:
    return Path(settings.DATA_FOLDER) / "metrics"


class CountRequests:
    """Middleware, the outermost: every request by route, method and status, with the time it took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = match.route if match is not None and match.route else "-"
        counted(f"{request.method}\t{response.status_code}\t{route}", time.perf_counter() - began)
        return response


def counted_requests() -> Iterator[Sample]:
    """Requests of all living processes."""
    folder = folder_of_tallies()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not is_alive(path.name):
            path.unlink(missing_ok=True)
            continue
        for key, n, seconds in read(path):
            method, status, route = key.split("\t", 2)
            labels = (("process", path.name), ("method", method), ("status", status), ("route", f"/{route}"))
            yield Sample("wangge_requests_total", n, "Requests by route and status", "counter", labels)
            yield Sample(
                "wangge_request_seconds_total", round(seconds, 6), "Time spent on them", "counter", labels
            )


def read(path: Path) -> Iterator[tuple[str, int, float]]:
    content = path.read_bytes()
    for name, n, seconds in SLOT.iter_unpack(content[: len(content) // SLOT.size * SLOT.size]):
        if not n:
            return
        yield name.rstrip(b"\0").decode(errors="replace"), n, seconds


def is_alive(process: str) -> bool:
    if not process.isdigit():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def as_text(samples: Iterable[Sample]) -> str:
    """Prometheus' text format: samples of one name together, with their help."""
    by_name: dict[str, list[Sample]] = {}
    for sample in samples:
        by_name.setdefault(sample.name, []).append(sample)
    lines: list[str] = []
    for name, found in by_name.items():
        lines += [f"# HELP {name} {found[0].help}", f"# TYPE {name} {found[0].kind}"]
        lines += [f"{name}{braces(sample.labels)} {number(sample.value)}" for sample in found]
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    return f"{value:.6f}" if value % 1 else f"{value:.0f}"


def braces(labels: Iterable[tuple[str, str]]) -> str:
    told = ",".join(f'{name}="{escaped(value)}"' for name, value in labels)
    return f"{{{told}}}" if told else ""


def escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def by_label(
    name: str, help_text: str, label: str, figures: Mapping[str, float], kind: str = "gauge"
) -> list[Sample]:
    """A sample for each of several named figures."""
    return [Sample(name, value, help_text, kind, ((label, key),)) for key, value in sorted(figures.items())]
