"""Rate limits counted in the database, so that all processes and machines share them.

    check(f"report:visit:{visit}", 10, 3600, REAL_CLOCK.now())

Windows are fixed and begin with the first request. Call it before the transaction of the verb: what is rolled
back was not counted.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from wangge.kit.errors import DomainError
from wangge.kit.models import RateRow

LONGEST_BUCKET = 160

# one statement: concurrent requests queue on the row, and each sees a count of its own
COUNT = """
INSERT INTO kit_raterow AS row (bucket, window_started_at, n_requests) VALUES (%(bucket)s, %(at)s, 1)
ON CONFLICT (bucket) DO UPDATE SET
  n_requests = CASE WHEN row.window_started_at > %(oldest)s AND row.window_started_at < %(newest)s
               THEN row.n_requests + 1 ELSE 1 END,
  window_started_at = CASE WHEN row.window_started_at > %(oldest)s AND row.window_started_at < %(newest)s
               THEN row.window_started_at ELSE excluded.window_started_at END
RETURNING n_requests, window_started_at
"""


def count(bucket: str, window_s: int, at: datetime) -> tuple[int, datetime]:
    """Count one request; returns how many the bucket's window holds now, and when the window ends."""
    window = timedelta(seconds=window_s)
    # a window that lies in the future (the machine's clock was set back) does not count
    values: dict[str, str | datetime] = {
        "bucket": bucket[:LONGEST_BUCKET],
        "at": at,
        "oldest": at - window,
        "newest": at + window,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        n_requests, started_at = cursor.fetchone()
    return n_requests, started_at + window


def check(bucket: str, limit: int, window_s: int, at: datetime) -> None:
    """Count one request and refuse it (429, ``retry_after`` in whole seconds) when it is one more than ``limit``.

    ``bucket`` says what is counted for whom (``signin:network:192.0.2.7``); ``window_s`` is in seconds.
    """
    n_requests, ends_at = count(bucket, window_s, at)
    if n_requests > limit:
        raise too_many(max(1, round((ends_at - at).total_seconds())))


def check_visit_and_network(
    name: str, *, visit: str, network: str, per_visit: int, per_network: int, window_s: int, at: datetime
) -> None:
    """Two levels: one browser, and the network it comes from.

    Carriers put thousands of people behind one address, so ``per_network`` is a high ceiling that only stops
    floods, and ``per_visit`` (a cookie; empty: none was sent) is what one person needs. Who throws cookies away
    is held by the network's ceiling alone.
    """
    if visit:
        check(f"{name}:visit:{visit}", per_visit, window_s, at)
    check(f"{name}:network:{network}", per_network, window_s, at)


def too_many(retry_after: int) -> DomainError:
    """The refusal: 429, told in minutes."""
    minutes = -(-retry_after // 60)
    return DomainError(
        429,
        "too_many_requests",
        f"操作太频繁,请 {minutes} 分钟后再试。",
        f"Too many attempts. Try again in {minutes} min.",
        retry_after=retry_after,
    )


def forget(bucket: str) -> None:
    """Start the bucket anew, after a success."""
    RateRow.objects.filter(bucket=bucket[:LONGEST_BUCKET]).delete()


def forget_older_than(at: datetime) -> int:
    """Delete buckets whose window began before ``at``; for the periodic clean-up. Returns how many."""
    return RateRow.objects.filter(window_started_at__lt=at).delete()[0]
