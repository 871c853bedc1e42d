"""Bodies that come slowly, not whole, or not at all: none of them holds a worker's thread for ever.

granian waits for a body without an end, and each that it waits for holds one of the few threads. So whoever waits is
noted here, and a watching thread shuts the connections of clients that are too slow; the wait then ends by itself. While
half of a worker's threads wait, bodies must come quickly, so that pages are still answered. Works where the kernel
tells of sockets (Linux). A proxy in front that buffers bodies (``deploy/nginx``) is the better place for slow
telephones: it has no threads to lose.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import close_old_connections

LOG = logging.getLogger(__name__)
MOST_BYTES = 51 * 1024 * 1024  # a film of 50 MB and the form around it; the same as in deploy/nginx
PIECE_BYTES = 64 * 1024
PATIENCE_S = 10.0  # for a piece
SHORT_PATIENCE_S = 1.0  # while many wait
LONGEST_S = 300.0  # for the whole body
TICK_S = 0.5
SLACK_S = 0.1
TCP_LAST_DATA_RECEIVED = 52  # where struct tcp_info says it, in milliseconds
DESCRIPTORS = "/proc/self/fd"

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]


class CutShort(BaseException):
    """The body ended before what it declared. No Exception: nobody on the way may take it for an error of ours."""


@dataclass(eq=False)
class Wait:
    """Somebody waits for a piece of a body; times of the monotonic clock."""

    port: int  # our own, to which the client came
    address: str
    since: float
    until: float
    n_cuts: int = 0


class Watch:
    """Those who wait in this process. ``n_patient``: so many may take their time at once."""

    def __init__(self, n_patient: int) -> None:
        self.n_patient = n_patient
        self.waits: dict[Wait, None] = {}
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, client: tuple[int, str], until: float) -> Wait:
        wait = Wait(*client, time.monotonic(), until)
        with self._lock:
            self.waits[wait] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bodies", daemon=True)
                self._thread.start()
        self._some.set()
        return wait

    def end(self, wait: Wait) -> None:
        with self._lock:
            self.waits.pop(wait, None)

    def _run(self) -> None:
        while True:
            self._some.wait()
            time.sleep(TICK_S)
            with self._lock:
                waits = list(self.waits)
                if not waits:
                    self._some.clear()
            for n, wait in enumerate(waits):
                patience = PATIENCE_S if n < self.n_patient else SHORT_PATIENCE_S
                self.look(wait, time.monotonic(), patience)

    def look(self, wait: Wait, now: float, patience: float) -> None:
        """Shut the client's connection when the patience is over; when that did not help (it was another), more of them."""
        if now - wait.since < patience and now < wait.until:
            return
        silent = sorted(
            connections(wait.port, wait.address, now - wait.since - SLACK_S if wait.n_cuts < 2 else 0)
        )
        wait.n_cuts += 1
        for _, name in silent[:1] if wait.n_cuts == 1 else silent:
            shut(name)
        LOG.warning("a body from %s came too slowly; its connection is closed", wait.address)


def connections(port: int, address: str, silent_s: float) -> Iterator[tuple[int, str]]:
    """This process's connections from an address to its port that have been silent for so long: milliseconds, descriptor."""
    for name in os.listdir(DESCRIPTORS) if os.path.isdir(DESCRIPTORS) else ():
        with suppress(OSError), opened(name) as one:
            if one.family not in (socket.AF_INET, socket.AF_INET6) or one.type != socket.SOCK_STREAM:
                continue
            if one.getsockname()[1] != port or one.getpeername()[0].removeprefix("::ffff:") != address:
                continue
            told = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_LAST_DATA_RECEIVED + 4)
            (last_ms,) = struct.unpack_from("I", told, TCP_LAST_DATA_RECEIVED)
            if last_ms >= silent_s * 1000:
                yield last_ms, name


def opened(name: str) -> socket.socket:
    """The socket behind a descriptor, once more. Raises OSError when it is none."""
    held = os.dup(int(name))
    try:
        return socket.socket(fileno=held)
    except OSError:
        os.close(held)
        raise


def shut(name: str) -> None:
    with suppress(OSError), opened(name) as one:
        one.shutdown(socket.SHUT_RDWR)


class PatientBody:
    """``wsgi.input`` of a declared length that is waited for with a limit. Raises CutShort when it ends too early."""

    def __init__(self, inner: Any, watch: Watch, client: tuple[int, str], declared: int) -> None:
        self._inner = inner
        self._watch = watch
        self._client = client
        self._missing = declared
        self._until = time.monotonic() + LONGEST_S
        self._rest = b""

    def _piece(self, size: int) -> bytes:
        if self._missing <= 0:
            return b""
        wait = self._watch.begin(self._client, self._until)
        try:
            piece: bytes = self._inner.read(min(size, PIECE_BYTES, self._missing))
        finally:
            self._watch.end(wait)
        if not piece:
            raise CutShort
        self._missing -= len(piece)
        return piece

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, all without one; fewer only at the end."""
        size = len(self._rest) + self._missing if size < 0 else size
        pieces, n_found = [self._rest], len(self._rest)
        while n_found < size and (piece := self._piece(size - n_found)):
            pieces.append(piece)
            n_found += len(piece)
        found = b"".join(pieces)
        self._rest = found[size:]
        return found[:size]

    def readline(self, size: int = -1) -> bytes:
        """Up to the next line's end."""
        size = len(self._rest) + self._missing if size < 0 else size
        found, self._rest = self._rest, b""
        while b"\n" not in found[:size] and len(found) < size and (piece := self._piece(size - len(found))):
            found += piece
        end = min(found.find(b"\n") + 1 or size, size)
        self._rest = found[end:]
        return found[:end]

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line


def with_patience(application: Application, n_threads: int) -> Application:
    """The application behind limits for bodies: too large by what it declares (413), ended too early (400), too slow."""
    watch = Watch(max(n_threads // 2, 1))

    def patient(asked: Environ, start: Start) -> Iterable[bytes]:
        declared = asked.get("CONTENT_LENGTH") or ""
        if declared in ("", "0"):
            return application(asked, start)
        if not declared.isdigit() or int(declared) > MOST_BYTES:
            return answered(
                start, "413 Content Too Large", "too_large", "内容太大,最多 50 MB。", "Too large: 50 MB at most."
            )  # fmt: skip
        client = int(asked.get("SERVER_PORT") or 0), asked.get("REMOTE_ADDR", "").removeprefix("::ffff:")
        asked["wsgi.input"] = PatientBody(asked["wsgi.input"], watch, client, int(declared))
        try:
            return application(asked, start)
        except CutShort:
            close_old_connections()
            return answered(
                start, "400 Bad Request", "cut_short", "内容没有收全,什么也没有保存。请检查网络后重试。",
                "The content did not arrive whole, and nothing was saved. Check the network and try again.",
            )  # fmt: skip

    return patient


def answered(start: Start, status: str, code: str, zh: str, en: str) -> list[bytes]:
    content = json.dumps({"error": {"code": code, "zh": zh, "en": en}}, ensure_ascii=False).encode()
    kind = ("Content-Type", "application/json; charset=utf-8")
    start(status, [kind, ("Content-Length", str(len(content))), ("Connection", "close")])
    return [content]


def blocking_threads() -> int:
    """How many requests a worker answers at once: more of them only wait for each other at the database."""
    return min(8, 2 * (os.cpu_count() or 1) + 1)
