"""Point-in-time recovery of a server of one's own: base backup and archived WAL, brought back to between two verbs.

As docs/how-to/point-in-time.md says it, with PostgreSQL's own programs: the server runs by itself (``DATABASE_URL``),
Wangge works on it, and the recovered server is another one beside it.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from drill import compare
from drill.client import Client, new_key
from drill.outcome import Outcome, Tell
from drill.town import PATIENCE_SECONDS, Folder, Ground, Service, wait_until
from wangge.kit.cluster import binaries as programs
from wangge.kit.cluster.binaries import Binaries, reachable
from wangge.kit.cluster.folder import own, server_user
from wangge.kit.cluster.making import APP_ROLE, DATABASE, OWNER_ROLE, SUPERUSER
from wangge.kit.postgres import database_url

ARCHIVE_SECONDS = 2


@dataclass
class OwnServer:
    """A PostgreSQL that the drill runs itself, as an administrator would."""

    data: Path
    sockets: Path
    folder: Folder
    binaries: Binaries
    process: subprocess.Popen[bytes] | None = None

    def words(self, *more: str) -> list[str]:
        given = [f"unix_socket_directories={self.sockets}", "listen_addresses=", "port=5432", *more]
        return [
            self.binaries.program("postgres"),
            "-D",
            str(self.data),
            *(w for one in given for w in ("-c", one)),
        ]

    def start(self, *more: str) -> None:
        with open(self.folder.root / f"{self.data.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                self.words(*more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                **server_user().as_child(),
            )
        wait_until(self.is_writable, PATIENCE_SECONDS, f"{self.data.name} takes connections")

    def is_writable(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            log = (self.folder.root / f"{self.data.name}.log").read_text(errors="replace")
            raise RuntimeError(f"{self.data.name} ended: {log[-600:]}")
        try:
            return self.value("SELECT NOT pg_is_in_recovery()") is True
        except psycopg.Error:
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(2)
            self.process.wait(60)

    def url(self, role: str) -> str:
        return database_url(
            role=role,
            password=self.folder.layout.password(role),
            database=DATABASE,
            socket_folder=str(self.sockets),
        )

    @property
    def addresses(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url(APP_ROLE), "DATABASE_OWNER_URL": self.url(OWNER_ROLE)}

    def value(self, statement: str, *values: object) -> Any:
        with psycopg.connect(self.url(SUPERUSER), autocommit=True, connect_timeout=5) as link:
            row = link.execute(statement.encode(), values or None).fetchone()
        return row[0] if row else None


def drill(ground: Ground, tell: Tell) -> Outcome:
    outcome = Outcome("point_in_time", "恢复到某一时刻", "point-in-time recovery of a server of one's own")
    with ground.copy("point-in-time") as folder, servers(folder) as (main, other):
        archive = made(folder.root / "archive")
        keep = f"archive_command=test ! -f {archive}/%f && cp %p {archive}/%f"
        main.start("archive_mode=on", f"archive_timeout={ARCHIVE_SECONDS}", keep, "wal_level=replica")
        tell("base backup")
        base_backup(main, other.data)
        with serving(folder, ground.port, main) as client:
            tell("two verbs")
            first = report(client, folder)
            moment = main.value("SELECT clock_timestamp()")
            time.sleep(1.0)
            second = report(client, folder)
            archived = main.value("SELECT pg_walfile_name(pg_switch_wal())")
            wait_until(lambda: (archive / archived).exists(), 60, "the WAL is archived")
        heads = {
            n: main.value("SELECT head_hash FROM cases_case WHERE number = %s", n) for n in (first, second)
        }
        main.stop()
        tell(f"recovering to {moment}")
        began = time.monotonic()
        recover(other, archive, moment.isoformat())
        outcome.figures |= {"moment": moment.isoformat(), "seconds": round(time.monotonic() - began, 1)}
        check(other, folder, first, second, heads, outcome)
    return outcome


def check(
    other: OwnServer, folder: Folder, first: str, second: str, heads: dict[str, str], outcome: Outcome
) -> None:
    """The verb before the moment is there, the one after is not, and the ledger is sound."""
    there = other.value("SELECT head_hash FROM cases_case WHERE number = %s", first)
    outcome.expect(there == heads[first], "the verb before the moment is not there as it was")
    outcome.expect(
        other.value("SELECT count(*) FROM cases_case WHERE number = %s", second) == 0,
        "the later verb is there",
    )
    done = folder.run("verify-ledger", "--json", **other.addresses)
    told = compare.told_by(done.stdout)
    outcome.expect(
        done.returncode == 0 and told.get("findings") == [],
        f"verify-ledger: {done.stdout[-300:]} {done.stderr[-300:]}",
    )
    outcome.figures |= {"entries": told.get("entries"), "server": other.value("SHOW server_version")}


@contextmanager
def servers(folder: Folder) -> Iterator[tuple[OwnServer, OwnServer]]:
    """The town's cluster run by ourselves, and the place of the recovered one."""
    found = reachable(programs.locate(), folder.layout, server_user())
    pair = tuple(
        OwnServer(data, made(folder.root / f"s{i}"), folder, found)
        for i, data in enumerate((folder.layout.cluster, folder.root / "recovered"))
    )
    main, other = pair
    try:
        yield main, other
    finally:
        for one in pair:
            one.stop()


def made(place: Path) -> Path:
    place.mkdir(mode=0o700)
    own(place, server_user())
    return place


def base_backup(main: OwnServer, target: Path) -> None:
    """``pg_basebackup`` as the superuser, into a folder of the server's user."""
    made(target)
    words = [main.binaries.program("pg_basebackup"), "-D", str(target), "-h", str(main.sockets), "-U", SUPERUSER, "-X", "none",
             "--checkpoint=fast", "--no-password"]  # fmt: skip
    environment = {"PATH": os.environ.get("PATH", ""), "PGPASSWORD": main.folder.layout.password(SUPERUSER)}
    done = subprocess.run(
        words,
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        **server_user().as_child(),
    )
    if done.returncode != 0:
        raise RuntimeError(f"pg_basebackup: {done.stderr[-600:]}")


def recover(other: OwnServer, archive: Path, moment: str) -> None:
    (other.data / "recovery.signal").touch()
    own(other.data / "recovery.signal", server_user())
    other.start(
        f"restore_command=cp {archive}/%f %p", f"recovery_target_time={moment}", "recovery_target_action=promote",
        "archive_mode=off",
    )  # fmt: skip


@contextmanager
def serving(folder: Folder, port: int, main: OwnServer) -> Iterator[Client]:
    """Wangge on this server."""
    service = Service(folder, port, workers=1, **main.addresses)
    client = Client(port, folder.known["desk"])
    try:
        service.wait_ready()
        yield client
    finally:
        client.close()
        service.is_over.set()
        service.keeping.join()
        service.process.terminate()
        service.process.wait(60)


def report(client: Client, folder: Folder) -> str:
    lon, lat = folder.known["spots"][0]
    answer = client.post(
        "/api/cases", {"text": f"路灯不亮 {new_key()}", "lon": lon, "lat": lat}, what="report"
    )
    if answer.status != 201:
        raise RuntimeError(f"report: {answer.status} {answer.body[:300]!r}")
    return str(answer.json["number"])
