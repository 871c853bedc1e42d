"""Bringing the database up to date, by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError

from wangge.kit.cluster.making import EXTENSIONS
from wangge.kit.errors import DomainError

OWNER = "owner"
# any number that nobody else uses on this database: "wangge" in bytes
ADVISORY_LOCK = int.from_bytes(b"wangge", "big")


@click.command()
def command() -> None:
    """升级数据库到此版本。其他命令会自己做这一步。

    Bring the database up to this version. Other commands do it by themselves.
    """
    click.echo(f"已执行 · applied: {migrate_if_needed()}")


def pending() -> list[str]:
    """The migrations that this version has and the database has not, as ``app.name``, in their order."""
    executor = MigrationExecutor(connections[OWNER])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate_if_needed() -> int:
    """Run what is pending as the owner; others who come at the same time wait. The number of migrations run."""
    if not pending():
        connections[OWNER].close()
        return 0
    with locked():
        todo = pending()
        if todo:
            click.echo(f"正在升级数据库 · bringing the database up to date: {len(todo)} …", err=True)
            make_extensions()
            call_command("migrate", database=OWNER, interactive=False, verbosity=0)
    connections[OWNER].close()
    return len(todo)


def make_extensions() -> None:
    """The extensions we need; the owner of a database may make them, since PostgreSQL trusts them."""
    with connections[OWNER].cursor() as cursor:
        for extension in EXTENSIONS:
            try:
                cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
            except DatabaseError as error:
                raise DomainError(
                    500,
                    "extension_missing",
                    f"数据库缺少扩展 {extension}:请安装 postgresql-contrib,并由管理员执行 CREATE EXTENSION {extension}。",
                    f"The database lacks the extension {extension}: install postgresql-contrib and let the "
                    f"administrator CREATE EXTENSION {extension}.",
                ) from error


@contextmanager
def locked() -> Iterator[None]:
    with connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
