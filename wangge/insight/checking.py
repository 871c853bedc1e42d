"""Are the figures right? Compared with the cases row by row, and cheaply for ``wangge doctor``."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from wangge.cases.models import Case, Entry
from wangge.insight.fold import REBUILD_STEP
from wangge.insight.measures import ALL, WIDE
from wangge.insight.models import CaseFact, ChangedCase, DaySum
from wangge.insight.statements import COUNTS, FACTS_DIFFER, KEYS, N_IDS, SUMS_DIFFER
from wangge.kit.clock import REAL_CLOCK, SHANGHAI
from wangge.kit.findings import Finding
from wangge.kit.models import OutboxRow
from wangge.kit.words import Text
from wangge.territory.models import Area

LATE = timedelta(minutes=2)
N_SAMPLED = 500
DAYS_COMPARED = timedelta(days=30)
MOST_TOLD = 200


@dataclass
class Checked:
    """``differences`` in words, at most 200; ``n_waiting`` cases moved just now and are counted soon."""

    n_cases: int = 0
    n_differences: int = 0
    n_waiting: int = 0
    differences: list[str] = field(default_factory=list)

    def add(self, words: str) -> None:
        self.n_differences += 1
        if len(self.differences) < MOST_TOLD:
            self.differences.append(words)


def check(progress: Callable[[str, int, int], None] = lambda part, n, whole: None) -> Checked:
    """Every case's facts and every sum against plain SQL over the cases, all at one moment."""
    found = Checked()
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # the outermost transaction
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        last = Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        found.n_cases = CaseFact.objects.count()
        for first in range(0, last + 1, REBUILD_STEP):
            span = [first, min(first + REBUILD_STEP - 1, last)]
            cursor.execute(FACTS_DIFFER.replace("{ids}", "BETWEEN %s AND %s"), span * (N_IDS + 1))
            tell_cases(cursor.fetchall(), found)
            progress("facts", span[1], last)
        progress("sums", 0, 1)
        cursor.execute(SUMS_DIFFER)
        for row in cursor.fetchall():
            tell_sum(row, found)
        progress("sums", 1, 1)
    return found


def tell_cases(rows: list[tuple[int, Any, Any]], found: Checked) -> None:
    """Differences of cases; those that are noted or whose event is on its way only wait."""
    ids = [case_id for case_id, _, _ in rows]
    waiting = waiting_among(ids)
    numbers = dict(Case.objects.filter(pk__in=ids).values_list("pk", "number"))
    for case_id, held, fresh in rows:
        if case_id in waiting:
            found.n_waiting += 1
            continue
        held, fresh = loaded(held), loaded(fresh)
        columns = sorted(name for name in {*held, *fresh} if held.get(name) != fresh.get(name))
        told = ", ".join(f"{name} {held.get(name)} → {fresh.get(name)}" for name in columns)
        found.add(f"案件 case {numbers.get(case_id, case_id)}: {told}")


def loaded(value: Any) -> dict[str, Any]:
    return (json.loads(value) if isinstance(value, str) else value) or {}


def waiting_among(ids: list[int]) -> set[int]:
    noted = set(ChangedCase.objects.filter(case_id__in=ids).values_list("case_id", flat=True))
    coming = OutboxRow.objects.filter(delivered_at=None, payload__case_id__in=ids)
    return noted | set(coming.values_list("payload__case_id", flat=True))


def tell_sum(row: tuple[Any, ...], found: Checked) -> None:
    area_id, split, key, day = row[: len(KEYS)]
    held, made = row[len(KEYS) : len(KEYS) + len(COUNTS)], row[len(KEYS) + len(COUNTS) :]
    told = ", ".join(f"{name} {a} → {b}" for name, a, b in zip(COUNTS, held, made, strict=True) if a != b)
    found.add(f"合计 sum area {area_id} {split} {key or '-'} {day}: {told}")


def findings() -> list[Finding]:
    """For ``wangge doctor`` and the health page: whether cases wait long, and whether the figures are right.

    By samples, so that it takes as long with five million cases as with five thousand; ``figures --check`` looks at all.
    """
    return (
        lagging()
        or wrong()
        or [Finding("fine", "figures", Text("统计数与案件一致。", "The figures agree with the cases."))]
    )


def lagging() -> list[Finding]:
    late = ChangedCase.objects.filter(noted_at__lt=REAL_CLOCK.now() - LATE)
    if (n := late.values("case_id").distinct().count()) == 0:
        return []
    text = Text(
        f"有 {n} 件案件的变化超过 2 分钟没有计入统计。后台进程可能没有运行:请启动 wangge worker。",
        f"The changes of {n} cases have not been counted for over 2 minutes. Perhaps no worker runs: start `wangge worker`.",
    )
    return [Finding("warning", "figures_late", text)]


def sampled() -> list[int]:
    """Ids of the cases that moved last, of the newest, and of some anywhere (of a gap of 1 % some are found in 99 of 100 looks)."""
    newest = list(Case.objects.order_by("-pk").values_list("pk", flat=True)[:N_SAMPLED])
    moved = Entry.objects.order_by("-pk").values_list("case_id", flat=True)[:N_SAMPLED]
    anywhere = random.sample(range(1, newest[0] + 1), min(N_SAMPLED, newest[0])) if newest else []
    return sorted({*newest, *moved, *anywhere})


def wrong() -> list[Finding]:
    ids, found = sampled(), Checked()
    with connection.cursor() as cursor:
        cursor.execute(FACTS_DIFFER.replace("{ids}", "= ANY(%s)"), [ids] * (N_IDS + 1))
        rows = cursor.fetchall()
    waiting = waiting_among([case_id for case_id, _, _ in rows])
    if n := sum(held is None and case_id not in waiting for case_id, held, _ in rows):
        text = Text(
            f"抽查的案件中有 {n} 件没有计入统计(例如批量导入之后)。请运行 wangge figures --rebuild。",
            f"{n} of the cases looked at are missing in the figures (after a bulk load, for example). Run wangge figures --rebuild.",
        )
        return [Finding("warning", "figures_missing", text)]
    tell_cases(rows, found)
    for area in Area.objects.filter(level__in=WIDE):
        if sums_of(area) != facts_of(area):
            found.add(f"area {area.code}")
    if not found.n_differences:
        return []
    text = Text(
        f"统计数与案件不一致({found.differences[0]})。请运行 wangge figures --check 查看,--rebuild 重算。",
        f"The figures do not agree with the cases ({found.differences[0]}). See `wangge figures --check`; --rebuild mends.",
    )
    return [Finding("error", "figures_wrong", text)]


def sums_of(area: Area) -> tuple[int, int]:
    """What the sums of an area say: reported in the last days, and open now."""
    sums = DaySum.objects.filter(area_id=area.pk, split=ALL)
    n = sums.filter(counted_on__gte=lately()).aggregate(n=Sum("n_reported"))["n"]
    return n or 0, sums.exclude(n_open=0).aggregate(n=Sum("n_open"))["n"] or 0


def facts_of(area: Area) -> tuple[int, int]:
    """The same from the rows of the cases."""
    inside = CaseFact.objects.filter(path__startswith=area.path)
    return inside.filter(reported_on__gte=lately()).count(), inside.exclude(state="").count()


def lately() -> date:
    return REAL_CLOCK.now().astimezone(SHANGHAI).date() - DAYS_COMPARED
