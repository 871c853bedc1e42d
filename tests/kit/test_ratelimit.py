"""Rate limits: counted in the database, exact under concurrency, two levels for two kinds of callers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from wangge.kit.errors import DomainError
from wangge.kit.models import RateRow
from wangge.kit.ratelimit import check, check_visit_and_network, forget, forget_older_than

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def passes(bucket: str, at: datetime, limit: int = 3, window_s: int = 60) -> bool:
    try:
        check(bucket, limit, window_s, at)
    except DomainError:
        return False
    return True


@pytest.mark.django_db
def test_so_many_in_a_window_and_then_no_more() -> None:
    assert [passes("a", NOON + timedelta(seconds=s)) for s in (0, 1, 2, 3, 59)] == [True] * 3 + [False] * 2
    assert passes("noise", NOON + timedelta(seconds=3))
    assert passes("a", NOON + timedelta(seconds=60)), "a new window"
    assert RateRow.objects.get(bucket="a").n_requests == 1


@pytest.mark.django_db
def test_the_refusal_says_how_long_in_both_languages() -> None:
    check("a", 1, 600, NOON)
    with pytest.raises(DomainError) as refused:
        check("a", 1, 600, NOON + timedelta(seconds=90))
    assert refused.value.status == 429
    assert refused.value.details == {"retry_after": 510}
    assert "请 9 分钟后再试" in refused.value.zh
    assert "Try again in 9 min" in refused.value.en


@pytest.mark.django_db
def test_one_statement_each(django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        check("a", 3, 60, NOON)


@pytest.mark.django_db
def test_a_clock_set_back_locks_nobody_for_a_day() -> None:
    for _ in range(3):
        check("a", 3, 60, NOON + timedelta(days=1))
    assert passes("a", NOON)


@pytest.mark.django_db
def test_a_bucket_with_a_very_long_name_is_still_one_bucket() -> None:
    name = "signin:visit:" + "x" * 500
    assert [passes(name, NOON, limit=1) for _ in range(2)] == [True, False]
    forget(name)
    assert passes(name, NOON, limit=1)


@pytest.mark.django_db
def test_one_browser_is_held_long_before_its_network() -> None:
    def come(visit: str, network: str = "203.0.113.5") -> bool:
        try:
            check_visit_and_network(
                "report", visit=visit, network=network, per_visit=2, per_network=5, window_s=60, at=NOON
            )
        except DomainError:
            return False
        return True

    assert [come("phone-1"), come("phone-1"), come("phone-1")] == [True, True, False]
    assert come("phone-2"), "a neighbour behind the same address"
    assert [come(""), come(""), come("")] == [True, True, False], (
        "without a cookie the network's ceiling holds"
    )
    assert come("phone-3", "203.0.113.6")


@pytest.mark.django_db
def test_old_windows_are_swept() -> None:
    check("old", 3, 60, NOON - timedelta(days=2))
    check("new", 3, 60, NOON)
    assert forget_older_than(NOON - timedelta(days=1)) == 1
    assert list(RateRow.objects.values_list("bucket", flat=True)) == ["new"]


@pytest.mark.django_db(transaction=True)
def test_exactly_as_many_as_allowed_pass_when_all_come_at_once() -> None:
    def come(n: int) -> bool:
        try:
            return passes("flood", NOON + timedelta(milliseconds=n % 7), limit=10)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(come, range(60))) == 10
