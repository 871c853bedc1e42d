"""Moments and spans of time in words, in both languages. Pure. Natural time; Shanghai's clock.

11月24日 15:30 · 还剩 3 小时 20 分 · 超时 1 天 2 小时 (see the design of screens: how Wangge speaks).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from wangge.kit.clock import SHANGHAI
from wangge.kit.words import Text

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY_S, HOUR_S, MINUTE_S = 86_400, 3_600, 60

UNDER_A_MINUTE = Text("不到 1 分", "under 1 min")


def moment(at: datetime, now: datetime) -> Text:
    """11月24日 15:30 / 24 Nov 15:30; with the year when it is not that of ``now``."""
    local = at.astimezone(SHANGHAI)
    day, at_time = day_of(local.date(), now), f"{local.hour:02}:{local.minute:02}"
    return Text(f"{day.zh} {at_time}", f"{day.en} {at_time}")


def day_of(on: date, now: datetime) -> Text:
    """11月24日 / 24 Nov; with the year when it is not that of ``now``."""
    zh, en = f"{on.month}月{on.day}日", f"{on.day} {MONTHS[on.month - 1]}"
    if on.year != now.astimezone(SHANGHAI).year:
        zh, en = f"{on.year}年{zh}", f"{en} {on.year}"
    return Text(zh, en)


def span(length: timedelta) -> Text:
    """The two largest units of a span: 1 天 2 小时 / 1 d 2 h; under a minute: 不到 1 分 / under 1 min."""
    seconds = max(int(length.total_seconds()), 0)
    days, hours, minutes = seconds // DAY_S, seconds % DAY_S // HOUR_S, seconds % HOUR_S // MINUTE_S
    parts = [(days, "天", "d"), (hours, "小时", "h"), (minutes, "分", "min")]
    first = next((n for n, (amount, _, _) in enumerate(parts) if amount), None)
    if first is None:
        return UNDER_A_MINUTE
    told = [part for part in parts[first : first + 2] if part[0]]
    return Text(" ".join(f"{n} {zh}" for n, zh, _ in told), " ".join(f"{n} {en}" for n, _, en in told))


def left(due_at: datetime, now: datetime) -> Text:
    """How long until ``due_at``: 还剩 3 小时 20 分 / 3 h 20 min left, or 超时 1 天 2 小时 / 1 d 2 h overdue."""
    if now <= due_at:
        words = span(due_at - now)
        zh = f"还剩{words.zh}" if words is UNDER_A_MINUTE else f"还剩 {words.zh}"
        return Text(zh, f"{words.en} left")
    words = span(now - due_at)
    zh = f"超时{words.zh}" if words is UNDER_A_MINUTE else f"超时 {words.zh}"
    return Text(zh, f"{words.en} overdue")
