"""What passes by itself is told with 503, a sentence and when to come back; what is a fault stays a loud 500."""

from __future__ import annotations

import errno

import psycopg
import pytest
from django.db import DataError, InterfaceError, OperationalError, connection
from django.http import HttpRequest
from django.test import RequestFactory
from psycopg import errors as pg

from wangge.kit.outages import outage
from wangge.kit.refusals import RefusalMiddleware, unexpected


def caused(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OperationalError("connection failed: Connection refused"), "database_away"),
        (InterfaceError("connection already closed"), "database_away"),
        (caused(OperationalError("terminating connection"), pg.AdminShutdown("…")), "database_away"),
        (psycopg.OperationalError("server closed the connection unexpectedly"), "database_away"),
        (OperationalError("connection failed: FATAL:  sorry, too many clients already"), "database_busy"),
        (OperationalError("FATAL:  remaining connection slots are reserved for roles"), "database_busy"),
        (caused(OperationalError("deadlock detected"), pg.DeadlockDetected("…")), "database_busy"),
        (caused(OperationalError("could not extend file"), pg.DiskFull("…")), "disk_full"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (caused(RuntimeError("while saving"), OSError(errno.EDQUOT, "quota")), "disk_full"),
    ],
)
def test_an_outage_says_what_it_is_and_when_to_come_back(error: Exception, code: str) -> None:
    told = outage(error)
    assert told is not None
    assert (told.status, told.code) == (503, code)
    assert told.zh
    assert told.en
    assert told.details["retry_after"] > 0


@pytest.mark.parametrize(
    "error", [DataError("value too long"), ValueError("x"), OSError(errno.ENOENT, "no file"), None]
)
def test_a_fault_is_no_outage(error: Exception | None) -> None:
    assert outage(error) is None


def asked(path: str) -> HttpRequest:
    return RequestFactory().get(path)


@pytest.mark.parametrize("path", ["/api/cases", "/report/"])
def test_it_is_told_inside_and_outside_of_views(path: str) -> None:
    """Pages are made without asking the database: this test has none."""
    error = OperationalError("connection refused")
    inside = RefusalMiddleware(lambda request: None).process_exception(asked(path), error)
    try:
        raise error
    except OperationalError:
        outside = unexpected(asked(path))
    for answer in (inside, outside):
        assert answer is not None
        assert answer.status_code == 503
        assert answer["Retry-After"] == "3"
        assert "数据库暂时连不上" in answer.content.decode()


def test_a_fault_outside_of_views_is_a_500() -> None:
    try:
        raise ValueError("a bug")
    except ValueError:
        assert unexpected(asked("/report/")).status_code == 500


@pytest.mark.django_db
def test_a_page_tells_an_outage_of_the_database(client, monkeypatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", away)
    client.raise_request_exception = False
    answer = client.post(
        "/api/cases", {"text": "路灯不亮", "address": "长江路1号"}, content_type="application/json"
    )
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "database_away"
