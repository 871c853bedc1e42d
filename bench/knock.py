"""The load generator, a process of its own: ``python -m bench.knock --port 8190 --seconds 10 requests.jsonl``.

Keeps N connections open; each sends the next request of the file as soon as its last one was answered. A line of the
file is ``["POST", "/api/cases", {…body…}]``; with ``--once`` every line is sent once, else they are sent in turn until
the time is over. Prints one line of JSON: answers by status, seconds, latencies, when each was there (by the steady clock),
and its own processor time.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TOKEN_VARIABLE = "WANGGE_BENCH_TOKEN"


@dataclass
class Heard:
    """What came back."""

    seconds_of: list[float] = field(default_factory=list)
    ended_at: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    first_refusal: str = ""
    n_bytes: int = 0

    def note(self, status: int, body: bytes, began: float) -> None:
        now = time.monotonic()
        self.statuses[status] += 1
        self.ended_at.append(round(now, 4))
        self.seconds_of.append(now - began)
        self.n_bytes += len(body)
        if status >= 400 and not self.first_refusal:
            self.first_refusal = body.decode(errors="replace")[:300]

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.seconds_of)
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 2) if ordered else 0.0


def as_bytes(method: str, path: str, body: object, token: str) -> bytes:
    """A whole HTTP/1.1 request, made before the clock starts."""
    content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


async def converse(port: int, requests: Iterator[bytes], until: float, heard: Heard) -> None:
    """One connection, until there are no more requests or the time is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for request in requests:
            began = time.monotonic()
            if began >= until:
                return
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(length_of(head))
            heard.note(int(head[9:12]), body, began)
    finally:
        writer.close()


def length_of(head: bytes) -> int:
    """Content-Length of an answer's head."""
    at = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[at : head.index(b"\r\n", at)])


async def run(
    port: int, requests: list[bytes], connections: int, seconds: float, once: bool
) -> dict[str, object]:
    heard = Heard()
    queue = iter(requests) if once else itertools.cycle(requests)
    began = time.monotonic()
    await asyncio.gather(*(converse(port, queue, began + seconds, heard) for _ in range(connections)))
    took = time.monotonic() - began
    used = os.times()
    return {
        "n": len(heard.seconds_of), "seconds": round(took, 3), "statuses": {str(k): n for k, n in heard.statuses.items()},
        "p50_ms": heard.percentile_ms(0.5), "p95_ms": heard.percentile_ms(0.95), "first_refusal": heard.first_refusal,
        "bytes": round(heard.n_bytes / max(len(heard.seconds_of), 1)),
        "own_cpu_s": round(used.user + used.system, 2), "ended_at": heard.ended_at,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--once", action="store_true")
    given = parser.parse_args()
    token = os.environ.get(TOKEN_VARIABLE, "")
    lines = [json.loads(line) for line in given.file.read_text().splitlines()]
    requests = [as_bytes(method, path, body, token) for method, path, body in lines]
    told = asyncio.run(run(given.port, requests, given.connections, given.seconds, given.once))
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
