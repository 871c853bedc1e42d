"""What people do all the while: residents report with a photo, the desk dispatches, a unit handles, a checker checks.

Each step that was acknowledged is written down, to be compared with the database afterwards.
"""

from __future__ import annotations

import random
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from drill.client import Answer, Client, GaveUp, new_key
from drill.town import Folder

N_CLIENTS = 4
REST_SECONDS, CALM_SECONDS = 0.15, 1.0
PHONE = "139{:08d}"


@dataclass(frozen=True)
class Act:
    """One acknowledged act: ``mark`` is a word that stands in the case's text or the entry, and nowhere else."""

    kind: str
    mark: str
    number: str = ""
    verb: str = ""
    sha256: str = ""
    key: str = ""


@dataclass
class Written:
    """What all clients saw."""

    acts: list[Act] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    """marks of reports that were sent at least once"""
    phones: dict[str, str] = field(default_factory=dict)
    """telephone number given with each case"""
    problems: list[str] = field(default_factory=list)
    n_replayed: int = 0
    n_repeated: int = 0
    last_at: float = 0.0
    is_calm: threading.Event = field(default_factory=threading.Event)
    """people rest between their steps, so that on two cores others get on too"""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, act: Act, answer: Answer) -> None:
        with self.lock:
            self.acts.append(act)
            self.n_replayed += answer.is_replay
            self.n_repeated += answer.n_sent > 1
            self.last_at = time.monotonic()

    def count(self) -> Counter[str]:
        with self.lock:
            return Counter(act.verb or act.kind for act in self.acts)


class People(threading.Thread):
    """One client's stories, one after the other."""

    def __init__(self, folder: Folder, port: int, written: Written, seed: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.known, self.port, self.written, self.stop = folder.known, port, written, stop
        self.rng = random.Random(seed)
        self.seed = seed
        self.staff = {name: Client(port, self.known[name]) for name in ("desk", "unit", "checker")}
        self.guest = Client(port)
        self.all_clients = [*self.staff.values(), self.guest]

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self.story()
            except GaveUp as error:
                self.written.problems.append(str(error))
            except Exception as error:
                self.written.problems.append(f"{type(error).__name__}: {error}")
            self.stop.wait(REST_SECONDS * self.rng.random() * 2)
        for client in self.all_clients:
            client.close()

    @property
    def now(self) -> str:
        return next((client.now for client in self.all_clients if client.now), "rest")

    def story(self) -> None:
        """From the report to the check; stops between two steps when all is over."""
        self.guest.cookies.clear()
        is_resident = self.rng.random() < 0.4
        who = self.guest if is_resident else self.staff["desk"]
        photo = self.uploaded(who)
        number = self.report(who, photo)
        if not number or self.stop.is_set():
            return
        if not self.verb(
            "desk", number, "one_desk", category=self.known["category"], lead=self.known["lead"]
        ):
            return
        if self.stop.is_set() or not self.verb("unit", number, "take"):
            return
        after = self.uploaded(self.staff["unit"])
        if self.stop.is_set() or not self.verb(
            "unit", number, "report_result", result="已修补", photos_after=[after]
        ):
            return
        self.verb("checker", number, "check_passed", kind="on_site")

    def uploaded(self, who: Client) -> str:
        """A photo nobody else has; its key."""
        content = photo(self.rng)
        key = new_key()
        answer = who.upload(content, "photo.png", key=key)
        told = self.expected(answer, 201, "upload")
        self.written.note(Act("upload", told["key"], sha256=told["sha256"], key=key), answer)
        return str(told["key"])

    def report(self, who: Client, photo: str) -> str:
        mark, phone = f"D{new_key()[:16]}", PHONE.format(self.rng.randrange(10**8))
        lon, lat = self.rng.choice(self.known["spots"])
        said = {
            "text": f"路面破损 {mark}",
            "lon": lon,
            "lat": lat,
            "phone": phone,
            "name": "张三丰",
            "files": [photo],
        }
        with self.written.lock:
            self.written.begun.append(mark)
        key = new_key()
        answer = who.post("/api/cases", said, what="report", key=key)
        number = str(self.expected(answer, 201, "report")["number"])
        self.written.phones[number] = phone
        self.written.note(Act("report", mark, number, key=key), answer)
        return number

    def verb(self, who: str, number: str, verb: str, **given: object) -> bool:
        key = new_key()
        answer = self.staff[who].post(f"/api/cases/{number}/{verb}", given, what=verb, key=key)
        self.expected(answer, 200, verb)
        self.written.note(Act("verb", "", number, verb, key=key), answer)
        return True

    def expected(self, answer: Answer, status: int, what: str) -> dict[str, str]:
        if answer.status != status:
            raise GaveUp(f"{what}: {answer.status} {answer.body[:300].decode(errors='replace')}")
        if self.written.is_calm.is_set():
            self.stop.wait(CALM_SECONDS * self.rng.random() * 2)
        told: dict[str, str] = answer.json
        return told


@contextmanager
def busy(
    folder: Folder, port: int, seed: int, n_clients: int = N_CLIENTS
) -> Iterator[tuple[Written, list[People]]]:
    """People at work; at the end each finishes the step that it is at."""
    written, stop = Written(), threading.Event()
    crowd = [People(folder, port, written, seed * 1000 + i, stop) for i in range(n_clients)]
    for one in crowd:
        one.start()
    try:
        yield written, crowd
    finally:
        stop.set()
        for one in crowd:
            one.join(180)
        written.problems += [f"{one.now}: still waiting" for one in crowd if one.is_alive()]


@contextmanager
def calm(written: Written) -> Iterator[None]:
    """Inside, people go on, but leave the machine some time to get up again."""
    written.is_calm.set()
    try:
        yield
    finally:
        written.is_calm.clear()


def photo(rng: random.Random) -> bytes:
    """A small PNG that is like no other."""
    head = _chunk(b"IHDR", (8).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0")
    rows = b"".join(b"\0" + rng.randbytes(24) for _ in range(8))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
