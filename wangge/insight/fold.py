"""Keeping the figures: cases that moved are noted, and the worker makes their figures again, some hundred at a time.

Nothing is computed from an event but the case's id: the case's row says what it adds now, ``CaseFact`` what it added
before. So events may come twice, late or in any order, and undo, reopen, merge or a moved area need no rule of their
own. Only one folds at a time (an advisory lock); each case is read after its note was, so the last state always wins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import connection, transaction

from wangge.cases.events import CaseMoved
from wangge.cases.models import Case
from wangge.insight.models import CaseFact, DaySum
from wangge.insight.statements import FOLD, INSERT_FACTS, INSERT_SUMS, N_IDS, N_IDS_FOLD
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.db import planned
from wangge.kit.events import Event
from wangge.territory.events import AreaMoved

BATCH = 1000
REBUILD_STEP = 20_000
ADVISORY_LOCK = int.from_bytes(b"figures", "big")
TAKE_NOTES = """
DELETE FROM insight_changedcase WHERE id IN (SELECT id FROM insight_changedcase ORDER BY id LIMIT %s) RETURNING case_id"""
NOTE = "INSERT INTO insight_changedcase (case_id, noted_at) VALUES (%s, %s) RETURNING id"
NOTE_INSIDE = """
INSERT INTO insight_changedcase (case_id, noted_at) SELECT id, %s FROM cases_case WHERE path LIKE %s"""


def note_case(event: Event) -> None:
    """A case moved: its figures are made again soon."""
    if isinstance(event, CaseMoved):
        planned(NOTE, [event.case_id, REAL_CLOCK.now()])


def note_area(event: Event) -> None:
    """An area got another parent: every case in it counts elsewhere."""
    if isinstance(event, AreaMoved):
        with connection.cursor() as cursor:
            cursor.execute(NOTE_INSIDE, [REAL_CLOCK.now(), f"{event.new_path}%"])


def fold_some(most: int = BATCH) -> bool:
    """Make the figures of noted cases again; whether there may be more. Nothing is done while another folds."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(TAKE_NOTES, [most])
        ids = [case_id for (case_id,) in cursor.fetchall()]
        if ids:
            fold(sorted(set(ids)))
    return len(ids) == most


def fold(case_ids: Sequence[int]) -> None:
    """Make the figures of these cases again; the caller holds the lock."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD.replace("{ids}", "= ANY(%s)"), [list(case_ids)] * N_IDS_FOLD)


def rebuild(progress: Callable[[str, int, int], None] = lambda part, n, whole: None) -> int:
    """Make all figures again from the cases; returns how many cases count.

    One transaction: readers see the old figures until it ends, verbs go on, and what moves meanwhile is noted and folded
    afterwards. ``progress`` is told what is done, how much of it, of how much.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        last = Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        CaseFact.objects.all()._raw_delete("default")
        DaySum.objects.all()._raw_delete("default")
        for first in range(1, last + 1, REBUILD_STEP):
            span = [first, min(first + REBUILD_STEP - 1, last)]
            cursor.execute(INSERT_FACTS.replace("{ids}", "BETWEEN %s AND %s"), span * N_IDS)
            progress("facts", span[1], last)
        progress("sums", 0, 1)
        cursor.execute(INSERT_SUMS)
        progress("sums", 1, 1)
    return CaseFact.objects.count()
