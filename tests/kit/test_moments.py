from datetime import UTC, date, datetime, timedelta

import pytest

from wangge.kit import moments

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)  # 15:30 in Shanghai


def test_a_moment_is_told_on_shanghais_clock_with_the_year_only_when_it_is_another() -> None:
    assert moments.moment(NOW, NOW) == ("11月21日 15:30", "21 Nov 15:30")
    assert moments.moment(datetime(2026, 12, 31, 16, 0, tzinfo=UTC), NOW) == (
        "2027年1月1日 00:00",
        "1 Jan 2027 00:00",
    )
    assert moments.day_of(date(2026, 2, 3), NOW) == ("2月3日", "3 Feb")


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(hours=3, minutes=20, seconds=59), "3 小时 20 分", "3 h 20 min"),
        (timedelta(days=1, hours=2, minutes=40), "1 天 2 小时", "1 d 2 h"),
        (timedelta(days=2, minutes=5), "2 天", "2 d"),
        (timedelta(minutes=5), "5 分", "5 min"),
        (timedelta(seconds=30), "不到 1 分", "under 1 min"),
        (timedelta(seconds=-5), "不到 1 分", "under 1 min"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(length: timedelta, zh: str, en: str) -> None:
    assert moments.span(length) == (zh, en)


def test_left_and_overdue() -> None:
    assert moments.left(NOW + timedelta(hours=3, minutes=20), NOW) == ("还剩 3 小时 20 分", "3 h 20 min left")
    assert moments.left(NOW, NOW).zh == "还剩不到 1 分"
    assert moments.left(NOW - timedelta(days=1, hours=2), NOW) == ("超时 1 天 2 小时", "1 d 2 h overdue")
