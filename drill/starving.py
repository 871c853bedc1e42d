"""A full disk and exhausted connections: a clear state while it lasts, nothing lost, recovery by itself."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from drill import compare
from drill.client import Client, new_key
from drill.family import WEB_WORKER, family, is_whole, kill
from drill.outcome import Outcome, Tell
from drill.stories import busy, photo
from drill.town import Folder, Ground, Service, clear, wait_until
from wangge.kit.cluster.making import APP_ROLE

DISK_MB = 420
FULL_SECONDS = 15.0
RECOVERY_SECONDS = 120.0
CLEAR = ("disk_full", "database_away", "database_busy")


def disk_full(ground: Ground, tell: Tell) -> Outcome:
    outcome = Outcome("disk_full", "磁盘写满", "the disk is full")
    with small_disk(ground.outer / "small") as disk:
        if disk is None:
            outcome.problems.append("this needs root and a mount: not tried")
            return outcome
        folder = Folder(disk / "town", ground.settled.known)
        subprocess.run(["cp", "-a", ground.settled.root, folder.root], check=True)
        service = Service(folder, ground.port)
        try:
            service.wait_ready()
            tell("filling the disk")
            while_full(folder, service, disk, outcome)
        finally:
            service.stop()
            clear(folder)
    return outcome


def while_full(folder: Folder, service: Service, disk: Path, outcome: Outcome) -> None:
    """People go on all the while; they are told what is wrong, and go on when there is room again."""
    ballast = disk / "ballast"
    with busy(folder, service.port, 21, 2) as (written, crowd):
        wait_until(lambda: len(written.acts) >= 10, what="people at work")
        fill(ballast, leave=150)
        few = Client(service.port, folder.known["desk"])
        code = upload_code(few)
        outcome.expect(code == "disk_full", f"an upload with little room is answered {code}")
        before = written.count()["report"] + written.count()["check_passed"]
        fill(ballast, leave=0)
        said = told_while(folder, service, ballast, FULL_SECONDS)
        outcome.figures["answers_while_full"] = dict(said)
        outcome.expect(any(said[code] for code in CLEAR), f"nobody was told: {said}")
        outcome.expect(not said["bare"], f"answers without a sentence: {said}")
        outcome.expect(service.ask("/readyz")[0] in (503, 0), "/readyz says ready on a full disk")
        doctor = folder.run("doctor", timeout=120)
        outcome.expect(
            doctor.returncode == 1 and "Traceback" not in doctor.stderr, f"doctor: {doctor.stderr[-300:]}"
        )
        ballast.unlink()
        recovered(folder, service, outcome)
        wait_until(
            lambda: written.count()["report"] + written.count()["check_passed"] > before + 2,
            what="people go on",
        )
    outcome.problems += compare.compare(folder, written)
    outcome.problems += [f"bare answer: {bare}" for one in crowd for c in one.all_clients for bare in c.bare]
    outcome.figures["acknowledged"] = len(written.acts)


def told_while(folder: Folder, service: Service, ballast: Path | None, seconds: float) -> Counter[str]:
    """What reports are answered with in this time; what was freed meanwhile is filled again."""
    said: Counter[str] = Counter()
    until = time.monotonic() + seconds
    desk = Client(service.port, folder.known["desk"])
    lon, lat = folder.known["spots"][0]
    while time.monotonic() < until:
        if ballast is not None:
            fill(ballast, leave=0)
        body = b'{"text": "x", "lon": %f, "lat": %f}' % (lon, lat)
        answer = desk.once("POST", "/api/cases", body, "application/json", new_key(), 1)
        if answer is None:
            said["no answer"] += 1
        elif answer.status < 500:
            said[str(answer.status)] += 1
        else:
            desk.is_to_be_repeated(answer)
            said["bare" if desk.bare else answer.json["error"]["code"]] += 1
        time.sleep(0.2)
    desk.close()
    return said


def upload_code(client: Client) -> str:
    """How an upload is refused."""
    edge = "drilldrilldrill"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    body = head.encode() + photo(random.Random()) + f"\r\n--{edge}--\r\n".encode()
    answer = client.once("POST", "/api/files", body, f"multipart/form-data; boundary={edge}", new_key(), 1)
    return str(answer.json.get("error", {}).get("code", answer.status)) if answer else "no answer"


def fill(ballast: Path, *, leave: int) -> None:
    """Take all room but ``leave`` MB."""
    free = os.statvfs(ballast.parent)
    n_bytes = free.f_bavail * free.f_frsize - leave * 1024**2
    if n_bytes <= 0:
        return
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        with suppress(OSError):
            os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, n_bytes)
    finally:
        os.close(descriptor)


def recovered(folder: Folder, service: Service, outcome: Outcome) -> None:
    took = wait_until(
        lambda: service.is_ready() and is_whole(folder, service),
        RECOVERY_SECONDS,
        "whole after there is room again",
    )
    outcome.figures["whole_after_s"] = round(took, 1)


@contextmanager
def small_disk(place: Path) -> Iterator[Path | None]:
    """A file system of its own with little room; None when this machine does not allow it."""
    place.mkdir(mode=0o711)
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=711", "wangge-drill", str(place)]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode != 0:
        yield None
        return
    try:
        yield place
    finally:
        wait_until(
            lambda: subprocess.run(["umount", str(place)], capture_output=True, check=False).returncode == 0,
            30,
        )


def connections(ground: Ground, tell: Tell) -> Outcome:
    outcome = Outcome("connections", "连接用尽", "connections are exhausted")
    with ground.serving("connections") as (folder, service):
        with busy(folder, ground.port, 31, 2) as (written, crowd):
            wait_until(lambda: len(written.acts) >= 10, what="people at work")
            tell("taking every connection")
            while_taken(folder, service, outcome)
            took = wait_until(
                lambda: service.is_ready() and is_whole(folder, service), RECOVERY_SECONDS, "recovered"
            )
            outcome.figures["whole_after_s"] = round(took, 1)
            n = len(written.acts)
            wait_until(lambda: len(written.acts) > n + 4, what="people go on")
        outcome.problems += compare.compare(folder, written)
    outcome.problems += [f"bare answer: {bare}" for one in crowd for c in one.all_clients for bare in c.bare]
    outcome.figures["acknowledged"] = len(written.acts)
    return outcome


def while_taken(folder: Folder, service: Service, outcome: Outcome) -> None:
    """Every connection is somebody else's; the web's own are taken from it by killing its workers."""
    taken: list[psycopg.Connection] = []
    try:
        take_all(folder, taken)
        for pid in family(folder, service)[WEB_WORKER]:
            kill(pid)
        until = time.monotonic() + 240
        while service.ask("/healthz")[0] != 200 and time.monotonic() < until:
            take_all(folder, taken)
            time.sleep(0.2)
        take_all(folder, taken)
        said = told_while(folder, service, None, 5.0)
        outcome.figures |= {"taken": len(taken), "answers": dict(said)}
        outcome.expect(said["database_busy"] > 0 and not said["bare"], f"what people are told: {said}")
        outcome.expect(service.ask("/readyz")[0] == 503, "/readyz says ready without a connection")
        doctor = folder.run("doctor")
        told = doctor.stdout + doctor.stderr
        outcome.expect(
            doctor.returncode == 1 and "忙不过来" in told, f"doctor: {doctor.returncode} {told[-400:]}"
        )
    finally:
        for link in taken:
            link.close()


def take_all(folder: Folder, taken: list[psycopg.Connection]) -> None:
    """Connect as the application until the server has no place left."""
    with suppress(psycopg.OperationalError):
        while True:
            taken.append(psycopg.connect(folder.url(APP_ROLE), connect_timeout=5))
