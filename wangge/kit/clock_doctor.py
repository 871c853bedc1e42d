"""Whether this machine's clock goes right: it is held against the database's."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.findings import Finding
from wangge.kit.words import Text

MOST_APART = timedelta(minutes=1)


def apart() -> timedelta:
    """How far our clock is ahead of the database's; less than nothing when it is behind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    ahead: timedelta = REAL_CLOCK.now() - theirs
    return ahead


def is_apart() -> bool:
    return abs(apart()) > MOST_APART


def findings() -> list[Finding]:
    by = apart()
    if abs(by) <= MOST_APART:
        return [Finding("fine", "clock", Text("时钟与数据库一致。", "The clock agrees with the database's."))]
    zh, en = ("快", "ahead of") if by > timedelta(0) else ("慢", "behind")
    n = round(abs(by).total_seconds())
    text = Text(
        f"本机时钟比数据库{zh} {n} 秒。请校准两边的时钟(NTP);不必重启,已有的记录没有损失。",
        f"This machine's clock is {n} s {en} the database's. Set both right (NTP); nothing has to be restarted, nothing is lost.",
    )
    return [Finding("error", "clocks_differ", text)]
