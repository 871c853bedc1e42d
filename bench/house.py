"""A house to measure in: a throw-away data folder with a durable database, the demo town, a machine with a token.

Each measured program gets its own copy of the settled town in the same cluster, so that none pays for the rows of
another.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from wangge.kit.postgres import Server, lease

TOWN = "wangge"


@dataclass(frozen=True)
class House:
    """``token``: of a machine that acts as the hotline's intake clerk and dispatcher over the whole town."""

    folder: Path
    server: Server
    token: str

    def copy(self, name: str) -> House:
        """The same town in a database of its own."""
        with psycopg.connect(self.server.owner_url, dbname="postgres", autocommit=True) as link:
            link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            link.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TOWN}" STRATEGY FILE_COPY')
        return Copy(self.folder, self.server, self.token, name)

    @property
    def database(self) -> str:
        return TOWN

    @property
    def app_url(self) -> str:
        return named(self.server.app_url, self.database)

    @property
    def environment(self) -> dict[str, str]:
        """For a program of Wangge that is to work in this house."""
        return os.environ | {
            "WANGGE_DATA": str(self.folder),
            "DATABASE_URL": self.app_url,
            "DATABASE_OWNER_URL": named(self.server.owner_url, self.database),
        }

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.server.superuser_url, dbname=self.database, autocommit=True) as link:
            return link.execute(statement).fetchall()  # type: ignore[arg-type]

    def number(self, statement: str) -> int:
        return int(str(self.rows(statement)[0][0]))


@dataclass(frozen=True)
class Copy(House):
    name: str = ""

    @property
    def database(self) -> str:
        return self.name


def named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@contextmanager
def house() -> Iterator[House]:
    """Found, migrated, settled; gone afterwards. ``WANGGE_BENCH_FOLDER`` names the disk to measure on."""
    folder = Path(tempfile.mkdtemp(prefix="wangge-bench-", dir=os.environ.get("WANGGE_BENCH_FOLDER")))
    folder.chmod(0o711)
    with lease(folder, durable=True, throw_away=True) as server:
        empty = House(folder, server, "")
        yield House(folder, server, run_inside(empty, "settle").splitlines()[-1])


def run_inside(house: House, module: str, *words: str) -> str:
    """What a module of the bench prints that runs with Wangge's models on this house's database."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.inside", module, *words], env=house.environment, stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    return done.stdout
