"""Database addresses: made, read, and tried."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from wangge.kit.errors import DomainError

KEPT_SECONDS = 600  # a connection that is used again and again
PLANNED_AFTER = 2  # uses of a statement that is sent with its values apart; see kit/database
SCHEMES = ("postgresql://", "postgres://")


def database_url(*, role: str, password: str, database: str, socket_folder: str) -> str:
    """The address of a database behind a unix socket; the password stays inside it, so do not print it."""
    place = urlencode({"host": socket_folder}, quote_via=quote)
    return f"postgresql://{quote(role)}:{quote(password, safe='')}@/{quote(database)}?{place}"


def django_database(url: str) -> dict[str, Any]:
    """The Django ``DATABASES`` entry of a ``postgresql://`` address; a socket folder may stand in ``?host=``.

    Everything after ``?`` that is not host or port (``sslmode``, ``application_name`` …) goes to ``OPTIONS``.
    Raises DomainError ``database_url`` when it is no such address.
    """
    given = _parts(url)
    entry = {
        "ENGINE": "wangge.kit.database",
        "NAME": given.pop("dbname", ""),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": str(given.pop("port", "")),
        "CONN_MAX_AGE": KEPT_SECONDS,
        "CONN_HEALTH_CHECKS": True,
    }
    planned: dict[str, Any] = {"prepare_threshold": PLANNED_AFTER} if is_kept_for_us() else {}
    return entry | {"OPTIONS": given | planned}


def is_kept_for_us() -> bool:
    """Whether a connection stays with us; ``WANGGE_POOLER=1``: a pooler gives it to others between transactions."""
    return os.environ.get("WANGGE_POOLER", "") != "1"


def check_url(url: str, *, name: str = "DATABASE_URL") -> None:
    """Connect once; raises DomainError ``database_unreachable`` with the reason in one sentence."""
    parts = _parts(url, name)
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        reason = str(error).splitlines()[0].removeprefix("connection failed: ").strip()
        where = f"{parts.get('host', 'localhost')}/{parts.get('dbname', '')}"
        raise DomainError(
            503,
            "database_unreachable",
            f"连不上 {name} 指定的数据库({where}):{reason}。请改正 {name};去掉它则使用自带的数据库。",
            f"Cannot reach the database that {name} names ({where}): {reason}. "
            f"Correct {name}, or unset it to use the built-in database.",
        ) from error


def _parts(url: str, name: str = "DATABASE_URL") -> dict[str, Any]:
    try:
        if not url.startswith(SCHEMES):
            raise psycopg.ProgrammingError("it does not start with postgresql://")
        parts = dict(conninfo_to_dict(url))
        if not parts.get("dbname"):
            raise psycopg.ProgrammingError("it names no database")
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise DomainError(
            400,
            "database_url",
            f"{name} 写错了({reason})。应写成 postgresql://用户:密码@主机:5432/库名。",
            f"{name} is not right ({reason}). It should read postgresql://user:password@host:5432/database.",
        ) from error
    return parts
