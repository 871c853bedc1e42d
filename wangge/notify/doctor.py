"""What ``doctor`` says of messages: whether channels work, what did not arrive, whether anybody sends."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.findings import Finding
from wangge.kit.words import Text
from wangge.notify.channels.table import NAMES, channel
from wangge.notify.models import Message, MessageState

RECENT = timedelta(days=7)
LATE = timedelta(minutes=10)


def findings() -> list[Finding]:
    """Each channel, then messages that failed in the last week, then messages that wait too long."""
    return [channel(name).check() for name in NAMES] + failed() + late()


def failed() -> list[Finding]:
    since = REAL_CLOCK.now() - RECENT
    counted = (
        Message.objects.filter(state=MessageState.FAILED, created_at__gte=since)
        .values("channel", "last_error")
        .annotate(n=Count("id"))
        .order_by("-n")[:5]
    )
    return [
        Finding(
            "warning",
            f"messages_failed_{row['channel']}",
            Text(
                f"近 7 天有 {row['n']} 条消息未送达(渠道 {row['channel']},原因:{row['last_error'] or '不明'})。",
                f"{row['n']} messages of the last 7 days did not arrive (channel {row['channel']}: {row['last_error'] or 'unknown'}).",
            ),
        )
        for row in counted
    ]


def late() -> list[Finding]:
    before = REAL_CLOCK.now() - LATE
    n_late = Message.objects.filter(state=MessageState.WAITING, next_attempt_at__lt=before).count()
    if n_late == 0:
        return []
    text = Text(
        f"有 {n_late} 条消息等待超过 10 分钟仍未发送。后台进程可能没有运行:请启动 wangge worker。",
        f"{n_late} messages have waited over 10 minutes. Perhaps no worker runs: start `wangge worker`.",
    )
    return [Finding("error", "messages_waiting", text)]
