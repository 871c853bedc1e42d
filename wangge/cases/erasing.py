"""Erasing who stands behind a case: some time after its end by itself, or because the person asks for it.

Source: personal information protection law, articles 19 (no longer than the purpose needs) and 47 (erasing when the
purpose is reached or the person asks). No law names a number of days for reports to a town; the county sets
``WANGGE_CONTACT_DAYS`` by its own rules of archives. The ledger holds salted digests only: without the salt they say
nothing, and the chain stays valid.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from wangge.accounts.models import AdminRole, User
from wangge.cases.lookups import needed
from wangge.cases.models import Ask, Case, ErasureRow
from wangge.cases.workflow import ENDED, State
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import Conflict, Forbidden, NotFound
from wangge.kit.findings import Finding
from wangge.kit.words import Text

LOG = logging.getLogger(__name__)
KEPT_UNLESS_SET = timedelta(days=730)
SHORTEST = timedelta(days=90)  # a unit sees what it led for so long; contests and reopening end sooner
BATCH = 500
BATCHES_A_RUN = 100
LATE = timedelta(days=3)
ENDED_WORDS = ", ".join(f"'{state}'" for state in sorted(ENDED))

# Cases that ended before a moment and of which nothing goes on: nothing is asked (a contest, an exception), and what
# they were merged into, split from or followed by ended before it as well.
DUE = f"""
SELECT c.id FROM cases_case AS c
WHERE c.ended_at < %(before)s AND c.ended_at IS NOT NULL AND c.is_erased = false AND c.state IN ({ENDED_WORDS})
  AND NOT EXISTS (SELECT 1 FROM cases_ask AS a WHERE a.case_id = c.id AND a.decision = '')
  AND NOT EXISTS (
    SELECT 1 FROM cases_case AS near WHERE (near.id = c.parent_id OR near.parent_id = c.id)
      AND (near.ended_at IS NULL OR near.ended_at >= %(before)s)
  )
ORDER BY c.ended_at, c.id LIMIT %(most)s"""
ERASE = """
WITH due AS MATERIALIZED ({due}),
people AS (
  UPDATE cases_reporter AS r SET name_sealed = NULL, phone_sealed = NULL, phone_lookup = NULL, salt = NULL, erased_at = %(at)s
  FROM due WHERE r.case_id = due.id AND r.erased_at IS NULL RETURNING r.id
),
words AS (
  UPDATE cases_privatewords AS w SET sealed = NULL, salt = NULL
  FROM due WHERE w.case_id = due.id AND w.sealed IS NOT NULL RETURNING w.id
),
cases AS (UPDATE cases_case AS c SET is_erased = true FROM due WHERE c.id = due.id RETURNING c.id)
SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM people), (SELECT count(*) FROM words)"""
ERASE_DUE = ERASE.format(due=f"{DUE} FOR UPDATE OF c SKIP LOCKED")
ERASE_ONE = ERASE.format(due="SELECT %(case)s::bigint AS id")
COUNT_DUE = f"SELECT count(*) FROM ({DUE}) AS due"


def kept() -> timedelta | None:
    """How long contact data stay after a case's end; None: for good (``WANGGE_CONTACT_DAYS=0``)."""
    return max(settings.CONTACT_KEPT, SHORTEST) if settings.CONTACT_KEPT else None


def n_due(before: datetime, most: int | None = None) -> int:
    """How many cases (at most ``most``) ended before a moment and still hold contact data."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_DUE, {"before": before, "most": most})
        return int(cursor.fetchone()[0])


def erase_some(before: datetime, most: int = BATCH) -> tuple[int, int, int]:
    """Erase contact and private words of cases that ended before a moment, by one statement: cases, people, words.

    A case that somebody works on at this moment is left for the next time.
    """
    with connection.cursor() as cursor:
        cursor.execute(ERASE_DUE, {"before": before, "most": most, "at": REAL_CLOCK.now()})
        n_cases, n_people, n_words = cursor.fetchone()
    return int(n_cases), int(n_people), int(n_words)


def erase_due() -> int:
    """For the timetable: erase what is due, in batches; the log says how many people. Returns how many cases."""
    if (after := kept()) is None:
        return 0
    before, n_cases, n_people = REAL_CLOCK.now() - after, 0, 0
    for _ in range(BATCHES_A_RUN):
        cases, people, _words = erase_some(before)
        n_cases, n_people = n_cases + cases, n_people + people
        if cases < BATCH:
            break
    if n_cases:
        LOG.warning(
            "contact data of %d people erased (%d cases ended before %s)", n_people, n_cases, before.date()
        )
    return n_cases


@transaction.atomic
def erase_on_request(number: str, *, by: User, reason: str) -> ErasureRow:
    """Erase the contact and private words of one ended case because its reporter asks for it; leaves a row of who and why.

    Only an administrator may. Raises NotFound, Forbidden, Invalid without a reason, and Conflict while the case (or
    the one into which it was merged) goes on: until then the person must be reached, or withdraws the report first.
    """
    if not by.is_active or by.admin_role not in (AdminRole.SYSTEM, AdminRole.SECURITY):
        raise Forbidden(
            "只有系统管理员或安全管理员可以清除联系方式。",
            "Only a system or security administrator may erase contact data.",
        )
    why = needed("reason", reason, "请写明清除的原因。", "Say why it is erased.")[:200]
    case = Case.objects.select_for_update(of=("self",)).select_related("parent").filter(number=number).first()
    if case is None:
        raise NotFound(f"没有案件 {number}。", f"There is no case {number}.")
    if case.is_erased:
        raise Conflict(
            "erased",
            f"案件 {number} 的联系方式已经清除。",
            f"The contact of case {number} is erased already.",
        )
    refuse_going_on(case)
    at = REAL_CLOCK.now()
    with connection.cursor() as cursor:
        cursor.execute(ERASE_ONE, {"case": case.pk, "at": at})
        _, n_people, n_words = cursor.fetchone()
    LOG.warning("contact data of case %s erased on request by %s", number, by.username)
    return ErasureRow.objects.create(
        case=case, user_id=by.pk, reason=why, n_people=n_people, n_words=n_words, at=at
    )


def refuse_going_on(case: Case) -> None:
    whole = case.parent if case.link == "merged" and case.parent is not None else case
    is_asked = Ask.objects.filter(case__in=[case, whole], decision="").exists()
    if State(case.state) not in ENDED or State(whole.state) not in ENDED or is_asked:
        raise Conflict(
            "case_goes_on",
            f"案件 {case.number} 还没有办结,办理中要能联系到本人。请在办结后清除,或先由本人凭查询码撤回。",
            f"Case {case.number} goes on, and its reporter must be reached. Erase after its end, or let the person "
            "withdraw it by the code first.",
        )


def findings() -> list[Finding]:
    """For ``wangge doctor``: whether contact data stay longer than they should."""
    after = kept()
    if after is None:
        text = Text(
            "诉求人联系方式不自动清除(WANGGE_CONTACT_DAYS=0)。",
            "Reporters' contact data are never erased by themselves (WANGGE_CONTACT_DAYS=0).",
        )
        return [Finding("warning", "contacts_kept", text)]
    if n_due(REAL_CLOCK.now() - after - LATE, most=1):
        text = Text(
            f"有案件结束超过 {after.days} 天,诉求人联系方式还没有清除。请看 wangge worker 是否在运行,或运行 wangge erase-contacts。",
            f"Cases ended over {after.days} days ago still hold contact data. See whether the worker runs, "
            "or run `wangge erase-contacts`.",
        )
        return [Finding("warning", "contacts_overdue", text)]
    text = Text(
        f"诉求人联系方式在案件结束 {after.days} 天后清除。",
        f"Reporters' contact data are erased {after.days} days after a case's end.",
    )
    return [Finding("fine", "contacts", text)]
