"""Guessing is made slow: wrong tries are counted for each network and in all, right ones never.

Carriers put thousands of honest people behind one address, so the usual ceiling is high. When very many tries go
wrong everywhere at once, somebody is guessing from many addresses: then every network gets a few only.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wangge.kit.models import RateRow
from wangge.kit.ratelimit import count, too_many

WINDOW_S = 900
WRONG_OF_A_NETWORK = 100
WRONG_IN_ALL = 3_000
WRONG_OF_A_NETWORK_THEN = 10


def refuse_guessing(name: str, network: str, at: datetime) -> None:
    """Refuse (429) a network from which too many tries were wrong lately; before looking anything up. One query."""
    own, everybody = buckets(name, network)
    since = at - timedelta(seconds=WINDOW_S)
    rows = RateRow.objects.filter(
        bucket__in=[own, everybody], window_started_at__gt=since, window_started_at__lte=at
    )
    found = {
        bucket: (n, began)
        for bucket, began, n in rows.values_list("bucket", "window_started_at", "n_requests")
    }
    n_own, began = found.get(own, (0, at))
    is_flood = found.get(everybody, (0, at))[0] >= WRONG_IN_ALL
    if n_own >= (WRONG_OF_A_NETWORK_THEN if is_flood else WRONG_OF_A_NETWORK):
        ends_at = began + timedelta(seconds=WINDOW_S)
        raise too_many(max(1, round((ends_at - at).total_seconds())))


def count_wrong(name: str, network: str, at: datetime) -> None:
    """Count one wrong try."""
    for bucket in buckets(name, network):
        count(bucket, WINDOW_S, at)


def buckets(name: str, network: str) -> tuple[str, str]:
    return f"{name}:wrong:{network}", f"{name}:wrong:everybody"
