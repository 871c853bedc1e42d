"""What ``doctor`` says of events and jobs: whether anybody delivers them, and what was given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.findings import Finding
from wangge.kit.jobs import n_failed_jobs
from wangge.kit.models import OutboxRow
from wangge.kit.words import Text

LATE = timedelta(minutes=2)


def is_late(now: datetime) -> bool:
    """Whether an event has waited for over two minutes."""
    return OutboxRow.objects.filter(delivered_at=None, not_before_at__lt=now - LATE).exists()


def findings() -> list[Finding]:
    """Events that wait too long, events that were given up, jobs that were given up."""
    return waiting() + given_up() + failed_jobs()


def waiting() -> list[Finding]:
    late = OutboxRow.objects.filter(delivered_at=None, not_before_at__lt=REAL_CLOCK.now() - LATE)
    n_late = late.count()
    if n_late == 0:
        return [Finding("fine", "outbox", Text("事件投递正常。", "Events are delivered."))]
    text = Text(
        f"有 {n_late} 条软件事件超过 2 分钟未投递。后台进程可能没有运行:请启动 wangge worker。",
        f"{n_late} software events have waited over 2 minutes. Perhaps no worker runs: start `wangge worker`.",
    )
    return [Finding("error", "outbox_waiting", text)]


def given_up() -> list[Finding]:
    failed = OutboxRow.objects.filter(outcome="failed")
    n_failed = failed.count()
    if n_failed == 0:
        return []
    last_error = failed.order_by("-id").values_list("last_error", flat=True)[0].splitlines()[:1]
    text = Text(
        f"有 {n_failed} 条软件事件多次投递失败,已放弃;修复后重启 wangge worker 会再试。最近一次:{''.join(last_error)}",
        f"{n_failed} software events failed again and again and were given up; mend the cause and restart `wangge worker`. "
        f"The last one: {''.join(last_error)}",
    )
    return [Finding("error", "outbox_failed", text)]


def failed_jobs() -> list[Finding]:
    n_failed = n_failed_jobs()
    if n_failed == 0:
        return []
    text = Text(
        f"有 {n_failed} 个后台任务失败,已放弃。", f"{n_failed} background jobs failed and were given up."
    )
    return [Finding("error", "jobs_failed", text)]
