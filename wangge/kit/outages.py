"""What is not the asker's fault and passes: the database is away or full of visitors, the disk is full.

Each has a sentence, HTTP 503 and ``Retry-After``; everything else that is unexpected stays a loud 500.
"""

from __future__ import annotations

import errno
import logging
import time

import psycopg
from django.db import InterfaceError, OperationalError
from psycopg import errors as pg

from wangge.kit.errors import DomainError

AWAY_SECONDS, BUSY_SECONDS, FULL_SECONDS = 3, 5, 60
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# in the server's own words, because a refused connection brings no code (SQLSTATE) with it
TOO_MANY = ("too many clients", "remaining connection slots", "too many connections")
FULL = ("no space left on device", "disk full", "disk quota exceeded")
IN_EACH_OTHERS_WAY = (
    pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure, pg.QueryCanceled, pg.TooManyConnections,
    pg.OutOfMemory, pg.ConfigurationLimitExceeded,
)  # fmt: skip
LOGGED_EVERY_SECONDS = 5.0

log = logging.getLogger("wangge.outages")
_logged_at: dict[str, float] = {}


def outage(error: BaseException | None) -> DomainError | None:
    """The refusal (503) that tells of this error or of its cause; None when it is none of these."""
    while error is not None:
        found = _told(error)
        if found is not None:
            _log(found.code, error)
            return found
        error = error.__cause__
    return None


def _told(error: BaseException) -> DomainError | None:
    words = str(error).lower()
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return disk_full()
    if not isinstance(
        error, OperationalError | InterfaceError | psycopg.OperationalError | psycopg.InterfaceError
    ):
        return None
    reason = error.__cause__ if isinstance(error.__cause__, psycopg.Error) else error
    if isinstance(reason, pg.DiskFull) or any(part in words for part in FULL):
        return disk_full()
    if isinstance(reason, IN_EACH_OTHERS_WAY) or any(part in words for part in TOO_MANY):
        return busy()
    return database_away()


def database_away() -> DomainError:
    return DomainError(
        503,
        "database_away",
        "数据库暂时连不上,正在自动恢复。请过几秒再试;刚才的操作是否办成以重新打开后看到的为准"
        "(程序请用同一个 Idempotency-Key 重发,不会重复办理)。",
        "The database cannot be reached just now and is coming back by itself. Try again in a few seconds; whether your last "
        "step was saved is what you see then (programs: send it again with the same Idempotency-Key, it acts once).",
        retry_after=AWAY_SECONDS,
    )


def busy() -> DomainError:
    return DomainError(
        503,
        "database_busy",
        "现在使用的人太多,数据库一时忙不过来,您的操作没有保存。请过几秒再试。",
        "The database has too much to do just now; your step was not saved. Try again in a few seconds.",
        retry_after=BUSY_SECONDS,
    )


def disk_full() -> DomainError:
    return DomainError(
        503,
        "disk_full",
        "服务器磁盘已满,暂时不能保存,已有的数据没有损失。请稍后再试,并告诉系统管理员腾出空间。",
        "The server's disk is full: nothing can be saved just now, nothing saved before is lost. Try again later and tell the "
        "system administrator to make room.",
        retry_after=FULL_SECONDS,
    )


def _log(code: str, error: BaseException) -> None:
    """One line now and then: an outage brings thousands of requests."""
    now = time.monotonic()
    if now - _logged_at.get(code, -LOGGED_EVERY_SECONDS) >= LOGGED_EVERY_SECONDS:
        _logged_at[code] = now
        log.error("%s: %s: %s", code, type(error).__name__, (str(error).splitlines() or [""])[0])
