"""A house to measure in: a data folder with a durable database, the demo town, a machine with a token.

Each measured program gets its own copy of the settled town in the same cluster, so that none pays for the rows of
another. The folder is thrown away at the end, unless it is named with ``--keep``: then town and million wait for the
next run.
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
TOKEN_FILE = "bench-token"


@dataclass(frozen=True)
class House:
    """``token``: of a machine that acts as the hotline's intake clerk and dispatcher over the whole town."""

    folder: Path
    server: Server
    token: str
    database: str = TOWN

    def copy(self, name: str) -> House:
        """The same rows in a database of their own."""
        self.named(name).drop()
        with self.maintenance() as link:
            link.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.database}" STRATEGY FILE_COPY')
        return self.named(name)

    def named(self, name: str) -> House:
        """Another database of this house."""
        return House(self.folder, self.server, self.token, name)

    def renamed(self, name: str) -> House:
        """This house's database under another name."""
        with self.maintenance() as link:
            link.execute(f'ALTER DATABASE "{self.database}" RENAME TO "{name}"')
        return self.named(name)

    def has(self, name: str) -> bool:
        """Whether there is such a database."""
        with self.maintenance() as link:
            return bool(
                link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchall(),
            )

    def drop(self) -> None:
        """As the superuser: an autovacuum at work there can be ended by nobody else."""
        with psycopg.connect(self.server.superuser_url, dbname="postgres", autocommit=True) as link:
            link.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')

    @property
    def town(self) -> House:
        """The settled town without cases."""
        return self.named(TOWN)

    @property
    def app_url(self) -> str:
        return named(self.server.app_url, self.database)

    @property
    def owner_url(self) -> str:
        return named(self.server.owner_url, self.database)

    @property
    def environment(self) -> dict[str, str]:
        """For a program of Wangge that is to work in this house."""
        return os.environ | {
            "WANGGE_DATA": str(self.folder),
            "DATABASE_URL": self.app_url,
            "DATABASE_OWNER_URL": self.owner_url,
        }

    @contextmanager
    def maintenance(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        with psycopg.connect(self.server.owner_url, dbname="postgres", autocommit=True) as link:
            yield link

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.server.superuser_url, dbname=self.database, autocommit=True) as link:
            return link.execute(statement).fetchall()  # type: ignore[arg-type]

    def number(self, statement: str) -> int:
        return int(str(self.rows(statement)[0][0]))


def named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@contextmanager
def house(kept: Path | None = None) -> Iterator[House]:
    """Found, migrated, settled; gone afterwards unless ``kept`` names its folder.

    ``WANGGE_BENCH_FOLDER`` names the disk to measure on.
    """
    folder = kept or Path(tempfile.mkdtemp(prefix="wangge-bench-", dir=os.environ.get("WANGGE_BENCH_FOLDER")))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    with lease(folder, durable=True, throw_away=kept is None) as server:
        yield House(folder, server, token_of(House(folder, server, "")))


def token_of(town: House) -> str:
    """The machine's token; settles the town when there is none yet, else brings it up to date."""
    file = town.folder / TOKEN_FILE
    if file.exists():
        run_inside(town, "settle", "--migrate")
    else:
        token = run_inside(town, "settle").splitlines()[-1]
        file.touch(0o600)
        file.write_text(token)
    return file.read_text()


def run_inside(house: House, module: str, *words: str) -> str:
    """What a module of the bench prints that runs with Wangge's models on this house's database."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.inside", module, *words], env=house.environment, stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    return done.stdout
