"""Keyset paging on real rows: nothing doubled, nothing left out, whatever comes or goes between two pages."""

from __future__ import annotations

import itertools
import random
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from wangge.kit.errors import DomainError
from wangge.kit.models import OutboxRow
from wangge.kit.paging import page

BASE = datetime(2026, 3, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def rows(n: int = 23) -> QuerySet[OutboxRow]:
    """Rows with equal times and empty ones among them."""
    chance = random.Random(3)
    OutboxRow.objects.bulk_create(
        OutboxRow(
            kind=chance.choice("abc"), payload={}, not_before_at=BASE + timedelta(minutes=chance.randrange(4)),
            delivered_at=chance.choice([None, BASE, BASE + timedelta(microseconds=1), BASE + timedelta(days=1)]),
        )
        for _ in range(n)
    )  # fmt: skip
    return OutboxRow.objects.all()


def walk(queryset: QuerySet[OutboxRow], key: tuple[str, ...], size: int) -> list[int]:
    found, after = [], None
    for _ in range(100):
        one = page(queryset, key=key, after=after, size=size)
        assert len(one.items) <= size
        found += [row.pk for row in one.items]
        after = one.next_cursor
        if not after:
            return found
    raise AssertionError("it never ends")


@pytest.mark.parametrize(
    "key",
    [
        ("id",), ("-id",), ("not_before_at", "id"), ("-not_before_at", "-id"), ("not_before_at", "-id"),
        ("delivered_at", "id"), ("-delivered_at", "id"), ("-delivered_at", "-id"), ("kind", "-delivered_at", "id"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 4, 200])
def test_all_rows_once_in_the_order_of_the_database(key: tuple[str, ...], size: int) -> None:
    queryset = rows()
    assert walk(queryset, key, size) == [row.pk for row in queryset.order_by(*key)]


def test_rows_that_come_between_two_pages_move_nothing() -> None:
    queryset = rows(10)
    first = page(queryset, key=("-id",), size=4)
    rows(3)
    second = page(queryset, key=("-id",), after=first.next_cursor, size=4)
    ids = [row.pk for row in itertools.chain(first.items, second.items)]
    assert ids == sorted(ids, reverse=True)
    assert ids == list(range(ids[0], ids[0] - 8, -1))


def test_the_last_page_has_no_cursor() -> None:
    queryset = rows(8)
    first = page(queryset, key=("id",), size=4)
    assert first.next_cursor
    assert page(queryset, key=("id",), after=first.next_cursor, size=4).next_cursor == ""
    assert page(queryset.none(), key=("id",)).items == []


def cursor(*content: object) -> str:
    return urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


@pytest.mark.parametrize(
    "after",
    [
        "x", "%%%", "é", "null", cursor(["id"], [1]), cursor(["not_before_at", "id"], ["soon", 1]), cursor(["not_before_at", "id"], [1]),
        cursor(["not_before_at", "id"], ["2026-03-01T00:00Z", "1; DROP TABLE"]), cursor(["not_before_at", "id"], [{"a": 1}, []]),
        cursor(["not_before_at", "id"], ["\0", 1]), "A" * 5000,
    ],
)  # fmt: skip
def test_a_cursor_of_another_list_is_refused(after: str) -> None:
    with pytest.raises(DomainError) as refused:
        page(rows(3), key=("not_before_at", "id"), after=after)
    assert (refused.value.status, refused.value.details["field"]) == (422, "after")


@pytest.mark.parametrize("size", [0, -1, 201])
def test_page_sizes(size: int) -> None:
    with pytest.raises(DomainError):
        page(OutboxRow.objects.all(), key=("id",), size=size)


def test_an_index_answers_a_page_in_the_middle() -> None:
    """A bound on the first column stands alone, so that the database begins where the page begins."""
    queryset = rows(5)
    middle = page(queryset, key=("not_before_at", "id"), size=2).next_cursor
    compiled = str(queryset.query)
    assert "WHERE" not in compiled
    with CaptureQueriesContext(connection) as captured:
        page(queryset, key=("not_before_at", "id"), after=middle, size=2)
    assert '("kit_outboxrow"."not_before_at" >= ' in captured[0]["sql"]
    assert "OFFSET" not in captured[0]["sql"]


def test_a_number_too_large_for_the_database_is_just_beyond_the_end() -> None:
    huge = urlsafe_b64encode(b'[["id"],["%d"]]' % 10**30).decode()
    assert page(rows(3), key=("id",), after=huge).items == []
