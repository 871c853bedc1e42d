"""What ``wangge doctor`` and the health page say about the ledger's seals."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from wangge.cases.models import LedgerSeal
from wangge.cases.seal_files import last_exported
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.findings import Finding
from wangge.kit.words import Text

LONGEST_WAIT = timedelta(minutes=10)
LONGEST_UNEXPORTED = timedelta(days=1)
MOST_AHEAD = timedelta(minutes=5)
# a condition on the time, not the greatest of all: an index by ranges of blocks answers it
NEWEST = "SELECT max(recorded_at) FROM cases_entry WHERE recorded_at > %s"
OLDEST = "SELECT min(recorded_at) FROM cases_entry WHERE xact >= %s"


def findings() -> list[Finding]:
    """The age of what no seal covers yet, of what no file has yet, and who could read the ledger key."""
    last = LedgerSeal.objects.order_by("-seq").first()
    found = [sealing(last), *exporting(last), *ahead()]
    if is_same_user():
        text = Text(
            "数据库与网格由同一系统用户运行,数据库的超级用户能读到封签密钥。请把封签文件保存到别处,或用 root 启动网格。",
            "The database runs under the same system user as Wangge, so its superuser could read the ledger key. "
            "Keep the seal files elsewhere, or start Wangge as root.",
        )
        found.append(Finding("warning", "ledger_key_readable", text))
    return found


def sealing(last: LedgerSeal | None) -> Finding:
    oldest = oldest_unsealed(last.to_xact if last else 0)
    if oldest is not None and REAL_CLOCK.now() - oldest > LONGEST_WAIT:
        text = Text(
            f"台账自 {oldest:%Y-%m-%d %H:%M} UTC 起没有封签。请看后台进程(wangge worker)是否在运行,有没有很久不结束的事务。",
            f"Nothing was sealed since {oldest:%Y-%m-%d %H:%M} UTC. See whether the worker runs, "
            "and whether a transaction has been open for long.",
        )
        return Finding("error", "ledger_unsealed", text)
    n_seals = last.seq if last else 0
    return Finding("fine", "ledger_seals", Text(f"台账封签 {n_seals} 个", f"The ledger has {n_seals} seals"))


def oldest_unsealed(to_xact: int) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, [to_xact])
        (oldest,) = cursor.fetchone()
    return oldest if isinstance(oldest, datetime) else None


def exporting(last: LedgerSeal | None) -> list[Finding]:
    if last is None:
        return []
    first_waiting = (
        LedgerSeal.objects.filter(seq__gt=last_exported(settings.SEALS_FOLDER)).order_by("seq").first()
    )
    if first_waiting is None or REAL_CLOCK.now() - first_waiting.made_at < LONGEST_UNEXPORTED:
        return []
    text = Text(
        "封签超过一天没有写成文件。请检查目录 {f} 能不能写。",
        "Seals have not been written to files for over a day. See whether {f} can be written.",
    )
    return [Finding("warning", "seals_not_exported", text.filled(f=settings.SEALS_FOLDER))]


def ahead() -> list[Finding]:
    """Entries from the future: the clock was ahead when they were written, or is behind now."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [REAL_CLOCK.now() + MOST_AHEAD])
        (newest,) = cursor.fetchone()
    if newest is None:
        return []
    text = Text(
        f"台账里有晚于现在的记录(最晚 {newest:%Y-%m-%d %H:%M} UTC):时钟曾经走快,或现在走慢。请核对时钟;"
        "台账的先后按序号和封签,仍然完整,不必修复。",
        f"The ledger has entries from later than now (at most {newest:%Y-%m-%d %H:%M} UTC): the clock was ahead, or is behind "
        "now. Check the clock; the ledger's order goes by numbers and seals and is sound, nothing has to be mended.",
    )
    return [Finding("warning", "ledger_ahead", text)]


def is_same_user() -> bool:
    """Whether our own server on this machine runs as we do; one of our own under root does not."""
    host = str(settings.DATABASES["default"].get("HOST") or "")
    return host.startswith("/") and os.geteuid() != 0
