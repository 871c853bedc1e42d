"""The test database. Plain ``@pytest.mark.django_db`` is enough: the test runs as the application's role.

The migrations run once a session, as the owner, into a template; each worker's database is a copy of it.
A test with ``transaction=True`` gets a fresh copy afterwards: rows that migrations made are there for the
next one. Both aliases (``default``: application, ``owner``) always point at the same database; a test that
itself speaks to the owner says ``@pytest.mark.django_db(databases=["default", "owner"])``.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation
from psycopg import sql

TEMPLATE = "wangge_template"
MAINTENANCE_SECONDS = 60.0
DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "django_db_setup",
    "live_server",
    "installation",
    "made",
    "folder",
}
ALIASES = ("default", "owner")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what works with the database, so that it can be run alone on another server (``.ci/run``)."""
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES.intersection(item.fixturenames):
            item.add_marker("database")


class TestDatabase:
    """This worker's database: made from the template, thrown away, made again."""

    __test__ = False

    def __init__(self, name: str) -> None:
        self.name = name

    def create(self) -> None:
        self._maintain("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", self.name, TEMPLATE)
        self.point_at(self.name)

    def drop(self) -> None:
        for alias in ALIASES:
            connections[alias].close()
        self._maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)

    def make_template(self) -> None:
        """Run all migrations as the owner, unless another worker did."""
        with open(Path(os.environ["WANGGE_TEST_FOLDER"]) / "template.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._rows("SELECT 1 FROM pg_database WHERE datname = %s", TEMPLATE):
                return
            unfinished = f"{TEMPLATE}_unfinished"
            self._maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)", unfinished)
            self._maintain("CREATE DATABASE {}", unfinished)
            self.point_at(unfinished)
            call_command("migrate", database="owner", verbosity=0, interactive=False)
            connections["owner"].close()
            self._maintain("ALTER DATABASE {} RENAME TO {}", unfinished, TEMPLATE)

    def point_at(self, name: str) -> None:
        for alias in ALIASES:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name

    def _maintain(self, statement: str, *names: str) -> None:
        """Tried again while the server's own vacuum is at work in the database: that we may not end."""
        until = time.monotonic() + MAINTENANCE_SECONDS
        while True:
            try:
                with self._connect() as connection:
                    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
                return
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def _rows(self, statement: str, *values: str) -> list[tuple[object, ...]]:
        with self._connect() as connection:
            return connection.execute(statement, values).fetchall()

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname="postgres", autocommit=True)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker) -> Generator[None]:
    database = TestDatabase(f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    patch = pytest.MonkeyPatch()
    with django_db_blocker.unblock():
        database.make_template()
        database.drop()
        database.create()

    def renew(test: TransactionTestCase) -> None:
        database.drop()
        database.create()

    patch.setattr(TransactionTestCase, "_fixture_teardown", renew)
    yield
    patch.undo()
    with django_db_blocker.unblock():
        database.drop()


@pytest.fixture(autouse=True, scope="session")
def static_files_on_demand() -> None:
    """Each new test client would otherwise read every static file first, a quarter of a second each time."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What processes keep in memory (areas, catalogue, a language) is forgotten before each test."""
    from wangge.territory.changes import forget_everything

    forget_everything()
    translation.deactivate()
