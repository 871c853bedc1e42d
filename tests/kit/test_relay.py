"""The outbox relay on the real database: in order, at least once, and nothing lost when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from django.db import IntegrityError, connection, connections

from wangge.kit import outbox_doctor, relay
from wangge.kit.events import REGISTRY, Event, cancel_published, publish
from wangge.kit.models import IdempotencyRow, OutboxRow

NOW = datetime.now(UTC) + timedelta(hours=1)  # everything said in a test is due


@dataclass(frozen=True)
class Happened(Event):
    kind: ClassVar[str] = "test_happened"
    case_id: int
    n: int
    seq: int = 1


@pytest.fixture(autouse=True)
def known_event() -> Iterator[None]:
    REGISTRY[Happened.kind] = Happened
    yield
    REGISTRY.pop(Happened.kind)


class Heard:
    """A listener that writes down what it heard, in the database, and may be told to fail."""

    __module__, __qualname__ = __name__, "heard"

    def __init__(self, name: str = "heard") -> None:
        self.__qualname__ = name
        self.fails_on: set[int] = set()
        self.heard: list[int] = []

    def __call__(self, event: Event) -> None:
        assert isinstance(event, Happened)
        self.heard.append(event.n)
        IdempotencyRow.objects.create(
            caller=self.__qualname__,
            key=f"{event.n}-{len(self.heard)}",
            body_digest=b"",
            status=200,
            answer=b"",
            created_at=NOW,
        )
        if event.n in self.fails_on:
            raise ValueError(f"cannot hear {event.n}\nDETAIL: secret value")

    def rows(self) -> list[int]:
        found = IdempotencyRow.objects.filter(caller=self.__qualname__).order_by("id")
        return [int(key.split("-")[0]) for key in found.values_list("key", flat=True)]


def listeners(*heard: Heard) -> relay.Listeners:
    return {Happened.kind: heard}


def say(*numbers: int, case: int = 1, **more: object) -> None:
    publish(*(Happened(case, n) for n in numbers), **more)


@pytest.mark.django_db
def test_in_order_and_once() -> None:
    heard, other = Heard(), Heard("other")
    say(1, 2)
    say(3, case=2)
    say(4)

    batch = relay.deliver_batch(listeners(heard, other), now=NOW)

    assert (batch.n_delivered, batch.is_last) == (4, True)
    assert heard.rows() == other.rows() == [1, 2, 3, 4]
    assert set(OutboxRow.objects.values_list("outcome", flat=True)) == {"delivered"}
    assert relay.deliver_batch(listeners(heard), now=NOW).n_due == 0
    assert heard.rows() == [1, 2, 3, 4]


@pytest.mark.django_db
def test_nobody_listens_and_the_event_is_settled() -> None:
    say(1)
    assert relay.deliver_batch({}, now=NOW).n_delivered == 1


@pytest.mark.django_db
def test_events_of_a_clock_that_was_set_back_do_not_wait_for_it() -> None:
    """Published while the machine's clock was a day ahead; a retry that is due in fifteen minutes does wait."""
    heard = Heard()
    say(1, not_before=NOW + timedelta(days=1))
    say(2, case=2, not_before=NOW + relay.LONGEST_DELAY)

    relay.deliver_batch(listeners(heard), now=NOW)
    assert heard.rows() == [1]


@pytest.mark.django_db
def test_waits_until_it_may_and_an_undone_verb_says_nothing() -> None:
    heard = Heard()
    say(1, not_before=NOW + timedelta(seconds=10))
    say(2, case=2, not_before=NOW + timedelta(seconds=10))

    assert relay.deliver_batch(listeners(heard), now=NOW).n_due == 0
    assert cancel_published(2, 1, [Happened.kind]) == 1
    relay.deliver_batch(listeners(heard), now=NOW + timedelta(seconds=11))
    assert heard.rows() == [1]
    assert OutboxRow.objects.get(payload__case_id=2).outcome == "cancelled"


@pytest.mark.django_db
def test_a_failing_listener_leaves_no_trace_and_is_called_again_alone() -> None:
    heard, deaf = Heard(), Heard("deaf")
    deaf.fails_on = {1}
    say(1)

    batch = relay.deliver_batch(listeners(heard, deaf), now=NOW)

    row = OutboxRow.objects.get()
    assert [failed.pk for failed in batch.failed] == [row.pk]
    assert (row.n_attempts, row.delivered_at, row.outcome) == (1, None, "")
    assert row.not_before_at == NOW + timedelta(seconds=5)
    assert row.last_error.endswith("deaf: ValueError: cannot hear 1")
    assert "secret" not in row.last_error
    assert deaf.rows() == []
    assert heard.rows() == [1]

    deaf.fails_on = set()
    relay.deliver_batch(listeners(heard, deaf), now=NOW + timedelta(seconds=6))
    assert heard.rows() == deaf.rows() == [1]
    assert OutboxRow.objects.get().outcome == "delivered"


@pytest.mark.django_db
def test_later_events_of_the_case_wait_others_do_not() -> None:
    deaf = Heard("deaf")
    deaf.fails_on = {2}
    say(1, 2, 3)
    say(4, case=2)

    relay.deliver_batch(listeners(deaf), now=NOW)
    assert deaf.rows() == [1, 4]
    say(5)
    say(6, case=2)
    later = relay.deliver_batch(listeners(deaf), now=NOW + timedelta(seconds=1))
    assert deaf.rows() == [1, 4, 6]
    assert len(later.held) == 1

    deaf.fails_on = set()
    relay.deliver_batch(listeners(deaf), now=NOW + timedelta(seconds=6))
    assert deaf.rows() == [1, 4, 6, 2, 3, 5]


@pytest.mark.django_db
def test_given_up_after_twenty_minutes_and_the_rest_goes_on() -> None:
    deaf = Heard("deaf")
    deaf.fails_on = {1}
    say(1, 2)
    now = NOW
    for _ in range(relay.MOST_ATTEMPTS):
        relay.deliver_batch(listeners(deaf), now=now)
        now += relay.LONGEST_DELAY
    failed = OutboxRow.objects.get(outcome="failed")
    assert (failed.payload["n"], failed.n_attempts) == (1, relay.MOST_ATTEMPTS)
    assert sum((relay.delay(n) for n in range(1, relay.MOST_ATTEMPTS)), timedelta()) < timedelta(minutes=25)

    relay.deliver_batch(listeners(deaf), now=now)
    assert deaf.rows() == [2]

    deaf.fails_on = set()
    assert relay.retry_failed(now) == 1
    relay.deliver_batch(listeners(deaf), now=now)
    assert deaf.rows() == [2, 1]


@pytest.mark.django_db
def test_an_event_that_this_version_does_not_know() -> None:
    heard = Heard()
    say(1)
    OutboxRow.objects.update(payload={"case_id": 1, "other": True})
    assert len(relay.deliver_batch(listeners(heard), now=NOW).failed) == 1
    OutboxRow.objects.update(payload=["nonsense"])
    assert len(relay.deliver_batch(listeners(heard), now=NOW + timedelta(minutes=1)).failed) == 1


@pytest.mark.django_db(transaction=True)
def test_a_broken_foreign_key_spoils_only_its_own_event() -> None:
    """Foreign keys are checked at commit; here they must be checked at the listener, or the batch would never end."""

    def orphan(event: Event) -> None:
        if isinstance(event, Happened) and event.n == 1:
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO notify_message (user_id, channel, topic, subject_zh, subject_en, body_zh, body_en, link,"
                    " about, state, once_key, n_attempts, last_error, created_at, next_attempt_at)"
                    " VALUES (-1,'inbox','','','','','','','','waiting','x',0,'',now(),now())"
                )

    heard = Heard()
    say(1)
    say(2, case=2)
    batch = relay.deliver_batch({Happened.kind: (orphan, heard)}, now=NOW)
    assert [row.payload["n"] for row in batch.failed] == [1]
    assert IntegrityError.__name__ in OutboxRow.objects.get(payload__n=1).last_error
    assert heard.rows() == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_relay_that_dies_in_the_middle_loses_nothing_and_doubles_nothing() -> None:
    class Dying(Heard):
        def __call__(self, event: Event) -> None:
            super().__call__(event)
            if event == Happened(1, 2):
                raise KeyboardInterrupt  # what nobody catches, as a process that ends

    dying = Dying("heard")
    say(1, 2, 3)
    with pytest.raises(KeyboardInterrupt):
        relay.deliver_batch(listeners(dying), now=NOW)
    assert not IdempotencyRow.objects.exists()
    assert OutboxRow.objects.filter(delivered_at=None).count() == 3

    heard = Heard()
    relay.deliver_batch(listeners(heard), now=NOW)
    assert heard.rows() == [1, 2, 3]


KILLED = """
import os, sys, django
django.setup()
from django.db import connections
for alias in ("default", "owner"):
    connections[alias].settings_dict["NAME"] = sys.argv[1]
from wangge.kit import outbox_doctor, relay
from tests.kit.test_relay import Happened, Heard
heard = Heard()
def slow(event):
    heard(event)
    print(event.n, flush=True)
    import time; time.sleep(0.02)
relay.deliver_batch({Happened.kind: (slow,)})
"""


@pytest.mark.django_db(transaction=True)
def test_killed_with_signal_9() -> None:
    say(*range(40))
    time.sleep(0.01)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "wangge.settings", "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, connection.settings_dict["NAME"]],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for _ in range(5):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    heard = Heard()
    until = time.monotonic() + 10
    while len(heard.rows()) < 40 and time.monotonic() < until:  # the server notices the death a moment later
        relay.deliver_batch(listeners(heard), now=NOW + timedelta(minutes=1))
    assert heard.rows() == list(range(40))


@pytest.mark.django_db(transaction=True)
def test_only_one_relay_at_a_time() -> None:
    say(1)
    inside, release = threading.Event(), threading.Event()

    def slow(_event: Event) -> None:
        inside.set()
        release.wait(20)

    def first() -> None:
        relay.deliver_batch({Happened.kind: (slow,)}, now=NOW)
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(20)
    say(2, case=2)
    assert relay.deliver_batch(listeners(Heard()), now=NOW).n_due == 0
    release.set()
    thread.join()
    assert relay.deliver_batch(listeners(Heard()), now=NOW).n_delivered == 1


@pytest.mark.django_db
def test_what_is_settled_is_forgotten_failures_last() -> None:
    say(1, 2, 3)
    OutboxRow.objects.filter(payload__n=1).update(delivered_at=NOW - timedelta(days=4), outcome="delivered")
    OutboxRow.objects.filter(payload__n=2).update(delivered_at=NOW - timedelta(days=4), outcome="failed")
    assert relay.sweep(NOW) == 1
    assert sorted(row.payload["n"] for row in OutboxRow.objects.all()) == [2, 3]
    assert relay.sweep(NOW + timedelta(days=100)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_thousand_events_a_second() -> None:
    """Two listeners that each write a row. Measured in our own processor time, halved: the machine may be busy."""
    for first in range(0, 4000, 1000):
        publish(*(Happened(n % 700, n) for n in range(first, first + 1000)))

    def writes(event: Event) -> None:
        assert isinstance(event, Happened)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE kit_raterow SET n_requests = n_requests + 1 WHERE bucket = %s", (f"b{event.case_id}",)
            )

    started = time.process_time()
    n_delivered = 0
    while n_delivered < 4000:
        n_delivered += relay.deliver_batch({Happened.kind: (writes, writes)}, now=NOW).n_delivered
    assert 4000 / (time.process_time() - started) > 1000


@pytest.mark.django_db
def test_doctor_tells_what_waits_and_what_was_given_up() -> None:
    assert [finding.code for finding in outbox_doctor.findings()] == ["outbox"]
    say(1, not_before=NOW - timedelta(hours=2))
    say(2, case=2)
    OutboxRow.objects.filter(payload__n=2).update(
        delivered_at=NOW, outcome="failed", last_error="heard: ValueError: no\nother: KeyError: 'x'"
    )
    found = {finding.code: finding for finding in outbox_doctor.findings()}
    assert {code: finding.level for code, finding in found.items()} == {
        "outbox_waiting": "error",
        "outbox_failed": "error",
    }
    assert "heard: ValueError: no" in found["outbox_failed"].text.zh
    assert "KeyError" not in found["outbox_failed"].text.zh
