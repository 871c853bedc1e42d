"""The whole worker: what is published is delivered, what is due is done, and it ends when told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from wangge import wiring
from wangge.accounts.models import User
from wangge.cases.events import CaseMoved
from wangge.kit.errors import DomainError
from wangge.kit.events import REGISTRY, publish
from wangge.kit.models import OutboxRow, RateRow
from wangge.kit.relay import name_of
from wangge.kit.words import Text
from wangge.notify.actions import tell
from wangge.notify.models import Message


def wait_for(is_true: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_its_work_and_ends() -> None:
    now = datetime.now(UTC)
    user = User.objects.create_user("li", display_name="李")
    RateRow.objects.create(bucket="old", window_started_at=now - timedelta(days=3), n_requests=1)
    publish(CaseMoved(1, "370211001-20260301-ABC123", 1, "report", "", "reported", None, True))
    tell(
        users=[user.pk], topic="test", subject=Text("请查看", "Please look"), once_key="t1",
        not_before=now + timedelta(seconds=1.5),
    )  # fmt: skip
    stop = threading.Event()

    def work() -> None:
        wiring.run_worker(stop)
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        wait_for(lambda: OutboxRow.objects.filter(outcome="delivered").count() == 1)
        wait_for(lambda: Message.objects.filter(state="delivered", delivered_at__gt=now).count() == 1)
        wait_for(lambda: not RateRow.objects.filter(bucket="old").exists())
    finally:
        stop.set()
        worker.join(20)
    assert not worker.is_alive()


@pytest.mark.django_db
def test_doctor_asks_everybody() -> None:
    findings = [finding for check in wiring.DOCTOR_CHECKS for finding in check()]
    assert {"outbox", "channel_inbox", "channel_mail_off", "channel_webhook"} <= {f.code for f in findings}
    assert {f.level for f in findings if f.code.startswith(("outbox", "channel"))} == {"fine"}


@pytest.mark.django_db
def test_nothing_is_served_to_others_while_demo_accounts_exist() -> None:
    wiring.may_serve_on("0.0.0.0")
    User.objects.create_user("demo", is_demo=True)
    with pytest.raises(DomainError) as refused:
        wiring.may_serve_on("0.0.0.0")
    assert refused.value.code == "demo_accounts"


def test_tables_name_what_exists_and_each_once() -> None:
    assert set(wiring.LISTENERS) <= set(REGISTRY)
    for listeners in wiring.LISTENERS.values():
        names = [name_of(listener) for listener in listeners]
        assert len(set(names)) == len(names)
    names = [job.name for job in wiring.PERIODIC]
    assert len(set(names)) == len(names)
    for kind, exchange in wiring.IMPORT_KINDS.items():
        assert exchange().name == kind
