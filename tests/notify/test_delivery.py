"""Messages against real receivers: taken, refused, slow, absent."""

from __future__ import annotations

import threading
import time
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.conf import settings as django_settings
from django.db import connections
from pytest_django import Settings

from tests.notify.receivers import free_port, smtp_server, web_server
from wangge.accounts.models import User
from wangge.kit.crypto import key_ring
from wangge.kit.errors import DomainError
from wangge.kit.words import Text
from wangge.notify import actions, delivery, doctor
from wangge.notify.channels.table import channel
from wangge.notify.channels.webhook import signature
from wangge.notify.models import Message, MessageState, WebhookEndpoint

WORDS = Text("新派案件,请签收:370211001-20260301-ABC123", "A new case to take: 370211001-20260301-ABC123")
BODY = Text("派遣。路灯不亮", "Dispatch. A street lamp is out")


@pytest.fixture(autouse=True)
def quiet(settings: Settings) -> None:
    settings.CHANNEL_TWINS = {}
    settings.EMAIL_HOST = ""
    settings.EMAIL_TIMEOUT = 2
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    settings.WEBHOOK_TIMEOUT_SECONDS = 0.5
    settings.PUBLIC_URL = "https://wangge.example.org"


@pytest.fixture
def smtp(settings: Settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with smtp_server(settings.EMAIL_PORT) as mailbox:
        yield mailbox


@pytest.fixture
def hook():
    with web_server() as found:
        yield found


def user(name: str = "li", email: str = "") -> User:
    return User.objects.create_user(name, display_name=name, email=email)


def say(*users: User, once: str = "case:1:2", **more: object) -> int:
    given = {
        "topic": "case.dispatch",
        "subject": WORDS,
        "body": BODY,
        "link": "/office/cases/1/",
        "about": "1",
    } | more
    return actions.tell(users=[one.pk for one in users], once_key=once, **given)


def later(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def states(name: str) -> list[tuple[str, int]]:
    rows = Message.objects.filter(channel=name).order_by("id")
    return [(row.state, row.n_attempts) for row in rows]


@pytest.mark.django_db
def test_inbox_always_mail_only_with_address_and_server(settings: Settings) -> None:
    li, wang = user("li", "li@example.org"), user("wang")
    assert say(li, wang) == 2
    assert states("inbox") == [("delivered", 0), ("delivered", 0)]
    settings.EMAIL_HOST = "127.0.0.1"
    assert say(li, wang, once="case:1:3") == 3
    assert Message.objects.get(channel="mail").user == li


@pytest.mark.django_db
def test_told_twice_is_one_message() -> None:
    li = user()
    assert say(li) == 1
    assert say(li, li) == 0
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_nobody_to_tell_counts_as_failed_and_doctor_says_so() -> None:
    say()
    assert states("inbox") == [("failed", 0)]
    found = {finding.code: finding for finding in doctor.findings()}
    assert found["messages_failed_inbox"].level == "warning"
    assert "nobody holds the post" in found["messages_failed_inbox"].text.en


@pytest.mark.django_db
def test_an_inbox_message_of_a_verb_that_can_be_undone_waits() -> None:
    li = user()
    say(li, not_before=later(1))
    assert states("inbox") == [("waiting", 0)]
    assert actions.cancel("1", "case.other") == 0
    assert actions.cancel("1") == 1
    assert delivery.deliver_due("inbox", now=later(2)) == 0

    say(li, once="case:1:3", not_before=later(1))
    assert delivery.deliver_due("inbox", now=later(2)) == 1
    assert states("inbox") == [("cancelled", 0), ("delivered", 1)]


@pytest.mark.django_db
def test_mail_arrives_in_both_languages(smtp) -> None:
    li = user("li", "li@example.org")
    say(li)
    assert delivery.deliver_due("mail", now=later(0.01)) == 1
    assert states("mail") == [("delivered", 1)]
    (mail,) = smtp.mails
    text = mail.get_body().get_content()
    assert mail["Subject"].strip() == WORDS.zh
    assert mail["To"] == "li@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    for part in (BODY.zh, WORDS.en, BODY.en, "https://wangge.example.org/office/cases/1/"):
        assert part in text
    assert delivery.deliver_due("mail", now=later(1)) == 0


@pytest.mark.django_db
def test_mail_about_a_restricted_case_says_only_that_there_is_something(smtp, hook) -> None:
    actions.register_endpoint(name="other", url=hook.url, topics=["*"])
    li = user("li", "li@example.org")
    say(li, is_restricted=True)
    assert not Message.objects.filter(channel="webhook").exists()
    delivery.deliver_due("mail", now=later(0.01))
    (mail,) = smtp.mails
    content = mail.as_string() + mail.get_body().get_content()
    for part in ("ABC123", "路灯", "lamp", "cases/1"):
        assert part not in content
    assert Message.objects.get(channel="inbox").body_zh == BODY.zh


@pytest.mark.django_db
def test_a_heading_cannot_smuggle_in_a_header(smtp) -> None:
    say(user("li", "li@example.org"), subject=Text("一\r\nBcc: evil@example.org", "x"))
    delivery.deliver_due("mail", now=later(0.01))
    (mail,) = smtp.mails
    assert mail["Bcc"] is None
    assert mail["X-To"] == "li@example.org"


@pytest.mark.django_db
def test_one_refused_address_does_not_stop_the_others(smtp) -> None:
    smtp.answers = {"gone@example.org": "550 no such user", "busy@example.org": "450 try later"}
    gone, busy, li = user("a", "gone@example.org"), user("b", "busy@example.org"), user("c", "li@example.org")
    say(gone, busy, li)
    delivery.deliver_due("mail", now=later(0.01))
    assert states("mail") == [("failed", 1), ("waiting", 1), ("delivered", 1)]

    smtp.answers = {}
    delivery.deliver_due("mail", now=later(1))
    assert states("mail") == [("failed", 1), ("delivered", 2), ("delivered", 1)]
    assert delivery.retry_failed() == 1
    delivery.deliver_due("mail", now=later(1))
    assert states("mail")[0] == ("delivered", 1)


@pytest.mark.django_db
def test_a_mail_server_that_is_not_there(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    say(user("li", "li@example.org"))
    now = later(0.01)
    waits = []
    for _ in range(len(delivery.WAITS)):
        delivery.deliver_due("mail", now=now)
        message = Message.objects.get(channel="mail")
        waits.append(message.next_attempt_at - now)
        now = message.next_attempt_at
    assert waits == list(delivery.WAITS)
    delivery.deliver_due("mail", now=now)
    assert states("mail") == [("failed", len(delivery.WAITS) + 1)]
    assert channel("mail").check().level == "error"
    assert "ConnectionRefused" in Message.objects.get(channel="mail").last_error


@pytest.mark.django_db
def test_a_resident_without_account_is_mailed_and_the_address_is_sealed(smtp) -> None:
    actions.tell_address("resident@example.org", topic="case.closed", subject=WORDS, once_key="case:1:9")
    stored = Message.objects.get()
    assert b"resident" not in bytes(stored.address_sealed)
    delivery.deliver_due("mail", now=later(0.01))
    assert smtp.mails[0]["To"] == "resident@example.org"


@pytest.mark.django_db
def test_without_a_mail_server_a_mail_outside_counts_as_failed() -> None:
    actions.tell_address("resident@example.org", topic="case.closed", subject=WORDS, once_key="case:1:9")
    delivery.deliver_due("mail", now=later(0.01))
    assert states("mail") == [("failed", 1)]
    assert "messages_failed_mail" in {finding.code for finding in doctor.findings()}


@pytest.mark.django_db
def test_a_webhook_is_signed_and_says_no_more_than_it_must(hook) -> None:
    endpoint, secret = actions.register_endpoint(name="other", url=hook.url, topics=["case.*"])
    assert secret.startswith("whsec_")
    assert b"whsec" not in bytes(endpoint.secret_sealed)
    actions.register_endpoint(name="deaf", url=hook.url, topics=["area.*"])
    say(user())
    assert delivery.deliver_due("webhook", now=later(0.01)) == 1

    (received,) = hook.received
    headers = received.headers
    assert received.path == "/hook?from=wangge"
    assert headers["host"] == hook.url.split("/")[2]
    expected = signature(secret, headers["webhook-id"], headers["webhook-timestamp"], received.body)
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    told = orjson.loads(received.body)
    assert (told["type"], told["data"]["about"]) == ("case.dispatch", "1")
    assert told["data"]["link"] == "https://wangge.example.org/office/cases/1/"
    assert "路灯".encode() not in received.body, "the text may speak of people"
    assert states("webhook") == [("delivered", 1)]


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the Standard Webhooks specification."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    assert len(b64decode(secret.removeprefix("whsec_"))) == 24
    assert (
        signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
        == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.django_db
def test_a_webhook_that_answers_with_an_error_is_tried_again_one_by_one(hook) -> None:
    actions.register_endpoint(name="other", url=hook.url, topics=["*"])
    li = user()
    hook.statuses_by_subject = {"poison": 500}
    say(li, once="a", subject=Text("poison", "poison"))
    say(li, once="b")
    delivery.deliver_due("webhook", now=later(0.01))
    assert states("webhook") == [("waiting", 1), ("delivered", 1)]
    assert Message.objects.filter(channel="webhook").first().last_error == "HTTP 500"
    hook.statuses_by_subject = {"poison": 410}
    delivery.deliver_due("webhook", now=later(1))
    assert states("webhook")[0] == ("failed", 2)
    assert hook.received[0].headers["webhook-id"] == hook.received[2].headers["webhook-id"]


@pytest.mark.django_db
def test_a_slow_endpoint_is_left_alone_and_keeps_nobody_else_waiting(hook) -> None:
    actions.register_endpoint(name="slow", url=hook.url, topics=["*"])
    hook.wait_seconds = 3
    li = user()
    for n in range(8):
        say(li, once=f"n{n}")
    with web_server() as other:
        actions.register_endpoint(name="other", url=other.url, topics=["*"])
        say(li, once="last")
        started = time.monotonic()
        delivery.deliver_due("webhook", now=later(0.01))
        assert time.monotonic() - started < 2.5, "one time-out, not nine"
        assert len(other.received) == 1
    assert states("webhook").count(("waiting", 1)) == 1
    assert states("webhook").count(("waiting", 0)) == 8
    assert Message.objects.filter(channel="webhook").first().last_error == "ReadTimeout"


@pytest.mark.django_db
def test_a_webhook_to_nobody(hook) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    endpoint, _ = actions.register_endpoint(name="gone", url=url, topics=["case.dispatch"])
    say(user())
    delivery.deliver_due("webhook", now=later(0.01))
    assert Message.objects.get(channel="webhook").last_error == "ConnectError"
    endpoint.is_active = False
    endpoint.save()
    delivery.deliver_due("webhook", now=later(1))
    assert states("webhook") == [("failed", 2)]


@pytest.mark.django_db
def test_redirects_are_not_followed(hook) -> None:
    actions.register_endpoint(name="other", url=hook.url, topics=["*"])
    hook.status, hook.location = 307, "http://127.0.0.1:1/inside"
    say(user())
    delivery.deliver_due("webhook", now=later(0.01))
    assert Message.objects.get(channel="webhook").last_error == "HTTP 307"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://10.1.2.3/",
        "https://192.168.1.1/", "https://169.254.169.254/latest", "https://0.0.0.0/", "https://100.64.0.1/", "https://224.0.0.1/",
        "https://2130706433/", "https://0x7f.1/", "http://93.184.216.34/", "ftp://93.184.216.34/", "file:///etc/passwd",
        "https://user:pw@93.184.216.34/", "https://", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_addresses_inside_are_refused(url: str, settings: Settings) -> None:
    settings.WEBHOOK_NETWORKS = []
    with pytest.raises(DomainError) as refused:
        actions.register_endpoint(name="inside", url=url, topics=["*"])
    assert (refused.value.status, refused.value.details["field"]) == (422, "url")


@pytest.mark.django_db
def test_an_endpoint_that_moved_inside_is_refused_at_delivery(hook, settings: Settings) -> None:
    actions.register_endpoint(name="other", url=hook.url, topics=["*"])
    settings.WEBHOOK_NETWORKS = []
    say(user())
    delivery.deliver_due("webhook", now=later(0.01))
    assert hook.received == []
    assert states("webhook") == [("failed", 1)]


@pytest.mark.django_db
def test_own_networks_may_be_named(settings: Settings) -> None:
    settings.WEBHOOK_NETWORKS = ["10.0.0.0/8"]
    assert actions.register_endpoint(name="inside", url="http://10.1.2.3/", topics=["*"])
    with pytest.raises(DomainError):
        actions.register_endpoint(name="inside", url="http://11.1.2.3/", topics=["*"])


@pytest.mark.django_db
def test_a_renewed_secret_replaces_the_old_one(hook) -> None:
    endpoint, old = actions.register_endpoint(name="other", url=hook.url, topics=["*"])
    new = actions.renew_secret(endpoint)
    say(user())
    delivery.deliver_due("webhook", now=later(0.01))
    headers, body = hook.received[0].headers, hook.received[0].body
    signed = [signature(key, headers["webhook-id"], headers["webhook-timestamp"], body) for key in (new, old)]
    assert headers["webhook-signature"] == f"v1,{signed[0]}" != f"v1,{signed[1]}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["inbox", "mail", "webhook"])
def test_the_null_and_the_failing_twin_of_every_channel(name: str, settings: Settings, hook) -> None:
    settings.EMAIL_HOST = "127.0.0.1"
    li = user("li", "li@example.org")
    actions.register_endpoint(name="other", url=hook.url, topics=["*"])
    say(li, not_before=later(0.001))
    settings.CHANNEL_TWINS = {name: "failing"}
    delivery.deliver_due(name, now=later(0.01))
    assert states(name) == [("waiting", 1)]
    assert channel(name).check().level == "error"
    settings.CHANNEL_TWINS = {name: "null"}
    delivery.deliver_due(name, now=later(1))
    assert states(name) == [("failed", 2)]
    assert channel(name).check().level == "fine"
    assert hook.received == []


@pytest.mark.django_db
def test_a_worker_that_died_while_sending_sends_again(smtp) -> None:
    say(user("li", "li@example.org"))
    delivery.claim("mail", later(0.01), 10)
    assert delivery.deliver_due("mail", now=later(0.02)) == 0, "another worker leaves it alone"
    assert delivery.deliver_due("mail", now=later(1)) == 1
    assert states("mail") == [("delivered", 2)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_message_once(smtp) -> None:
    for n in range(30):
        say(user(f"u{n}", f"u{n}@example.org"), once=f"n{n}")
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        while delivery.deliver_due("mail", now=later(0.01)):
            pass
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mail["To"] for mail in smtp.mails) == sorted(f"u{n}@example.org" for n in range(30))


@pytest.mark.django_db
def test_messages_that_nobody_sends_are_found_by_doctor() -> None:
    say(user("li"), not_before=later(0.0001))
    Message.objects.update(next_attempt_at=later(-1))
    found = {finding.code: finding.level for finding in doctor.findings()}
    assert found["messages_waiting"] == "error"


@pytest.mark.django_db
def test_old_messages_are_forgotten() -> None:
    say(user("li"))
    assert delivery.sweep() == 0
    Message.objects.update(created_at=later(-24 * 181))
    assert delivery.sweep() == 1


def test_nothing_secret_is_told_by_the_models() -> None:
    assert str(WebhookEndpoint(name="x")) == "x"
    assert str(Message(channel="mail", topic="t", subject_zh="路灯")) == "mail t"
    assert MessageState.FAILED == "failed"
    assert key_ring(django_settings.KEYS_FOLDER)
