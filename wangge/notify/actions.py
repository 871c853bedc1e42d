"""Telling people and programs. Called by listeners in the relay's transaction; nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings

from wangge.accounts.models import User
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.crypto import key_ring
from wangge.kit.errors import Invalid, NotFound
from wangge.kit.words import Text
from wangge.notify.channels.addresses import target_of
from wangge.notify.channels.channel import NotDelivered
from wangge.notify.channels.mail import ADDRESS_PURPOSE
from wangge.notify.channels.table import INBOX, MAIL, WEBHOOK, is_on, is_real
from wangge.notify.channels.webhook import SECRET_PURPOSE, new_secret
from wangge.notify.models import Message, MessageState, WebhookEndpoint
from wangge.territory.roles import Role
from wangge.territory.staff import users_over

EVERY_TOPIC = "*"
LONGEST_ONCE_KEY = 80
SUBJECT_LENGTHS = (200, 250)
RESTRICTED = Text(
    "您有一条限定事项的消息,请登录后查看",
    "You have a message about a restricted matter; please sign in to read it",
)
NOBODY = "nobody holds the post"


def tell(
    *, users: Iterable[int], topic: str, subject: Text, once_key: str, body: Text | None = None, link: str = "",
    about: str = "", not_before: datetime | None = None, is_restricted: bool = False,
) -> int:  # fmt: skip
    """Tell these users (ids), and the webhooks of the topic; returns how many messages are new.

    Each user gets it in the inbox, and by mail when mail is set up and the user has an address. ``once_key`` (80
    characters) makes the same event the same message, however often it is told. ``not_before``: not sent earlier.
    ``is_restricted``: mail says only that there is something to read, webhooks nothing. With no user at all the
    message counts as failed, and ``doctor`` says so.
    """
    if len(once_key) > LONGEST_ONCE_KEY:
        raise ValueError(f"once_key is longer than {LONGEST_ONCE_KEY} characters: {once_key}")
    now = REAL_CLOCK.now()
    base = MessageMaker(topic, subject, body, link, about, now, not_before)
    wanted = sorted(set(users))
    rows = [base(INBOX, f"{once_key}:inbox:{user}", user_id=user) for user in wanted]
    if not wanted:
        rows.append(base(INBOX, f"{once_key}:nobody", state=MessageState.FAILED, last_error=NOBODY))
    if wanted and is_on(MAIL):
        with_mail = User.objects.filter(pk__in=wanted, is_active=True).exclude(email="").order_by("pk")
        mailed = MessageMaker(topic, RESTRICTED, None, "", about, now, not_before) if is_restricted else base
        rows += [
            mailed(MAIL, f"{once_key}:mail:{pk}", user_id=pk) for pk in with_mail.values_list("pk", flat=True)
        ]
    if not is_restricted and is_on(WEBHOOK):
        rows += [base(WEBHOOK, f"{once_key}:webhook:{one.pk}", endpoint=one) for one in endpoints_for(topic)]
    return _added(rows)


def tell_roles(roles: Iterable[Role], *, path: str, at: datetime | None = None, **words: object) -> int:
    """Tell everybody whose post of one of the roles covers the area path at that moment; the rest as in ``tell``."""
    users = users_over(path, roles, at or REAL_CLOCK.now())
    return tell(users=users, **words)  # type: ignore[arg-type]


def tell_address(
    address: str, *, topic: str, subject: Text, once_key: str, body: Text | None = None, link: str = "", about: str = "",
    not_before: datetime | None = None,
) -> int:  # fmt: skip
    """Mail somebody who is no user (a resident who left an address); the address is stored encrypted.

    When mail is not set up the message is kept and counts as failed.
    """
    sealed = key_ring(settings.KEYS_FOLDER).seal(address, ADDRESS_PURPOSE)
    base = MessageMaker(topic, subject, body, link, about, REAL_CLOCK.now(), not_before)
    return _added([base(MAIL, f"{once_key}:address", address_sealed=sealed)])


def cancel(about: str, topic: str = "") -> int:
    """Take back what is still waiting about a case (of one topic, or of any); returns how many."""
    waiting = Message.objects.filter(about=about, state=MessageState.WAITING)
    if topic:
        waiting = waiting.filter(topic=topic)
    return waiting.update(state=MessageState.CANCELLED)


def mark_read(message_id: int, *, user: User) -> Message:
    """One has read a message of one's own inbox; raises NotFound for any other."""
    message = Message.objects.filter(pk=message_id, user=user, channel=INBOX).first()
    if message is None:
        raise NotFound()
    if message.read_at is None:
        message.read_at = REAL_CLOCK.now()
        message.save(update_fields=["read_at"])
    return message


def mark_all_read(*, user: User) -> int:
    """All messages of one's own inbox are read; returns how many were not."""
    now = REAL_CLOCK.now()
    unread = Message.objects.filter(user=user, channel=INBOX, read_at=None, next_attempt_at__lte=now)
    return unread.update(read_at=now)


def register_endpoint(*, name: str, url: str, topics: Sequence[str]) -> tuple[WebhookEndpoint, str]:
    """An outside address to be told of ``topics`` (``case.report``, ``case.*``, ``*``); the secret is shown this once.

    Raises Invalid (422) for an address that webhooks may not go to.
    """
    check_endpoint_address(url)
    secret = new_secret()
    sealed = key_ring(settings.KEYS_FOLDER).seal(secret, SECRET_PURPOSE)
    return WebhookEndpoint.objects.create(
        name=name, url=url, topics=list(topics), secret_sealed=sealed
    ), secret


def renew_secret(endpoint: WebhookEndpoint) -> str:
    """A new secret in place of the old one, which is worth nothing from now on."""
    secret = new_secret()
    endpoint.secret_sealed = key_ring(settings.KEYS_FOLDER).seal(secret, SECRET_PURPOSE)
    endpoint.save(update_fields=["secret_sealed"])
    return secret


def check_endpoint_address(url: str) -> None:
    """Raises Invalid (422) when a webhook may not go there (a name that is not known yet is no fault)."""
    try:
        target_of(url, settings.WEBHOOK_NETWORKS)
    except NotDelivered as refused:
        if refused.is_final:
            raise Invalid(
                "url",
                "此地址不能用作 webhook:须为公网 https 地址,或 WANGGE_WEBHOOK_NETWORKS 中列出的网段。",
                "Webhooks cannot go there: it must be a public https address, or in WANGGE_WEBHOOK_NETWORKS.",
            ) from refused


def endpoints_for(topic: str) -> list[WebhookEndpoint]:
    """Active endpoints that want to be told of the topic."""
    active = WebhookEndpoint.objects.filter(is_active=True).order_by("pk")
    return [one for one in active if any(wants(entry, topic) for entry in one.topics)]


def wants(entry: str, topic: str) -> bool:
    return topic.startswith(entry[:-1]) if entry.endswith(EVERY_TOPIC) else entry == topic


class MessageMaker:
    """Makes the rows of one message, which differ only in channel and recipient."""

    def __init__(
        self,
        topic: str,
        subject: Text,
        body: Text | None,
        link: str,
        about: str,
        now: datetime,
        not_before: datetime | None,
    ) -> None:
        self.now, self.due = now, max(now, not_before or now)
        self.words = {
            "topic": topic, "subject_zh": subject.zh[: SUBJECT_LENGTHS[0]], "subject_en": subject.en[: SUBJECT_LENGTHS[1]],
            "body_zh": body.zh if body else "", "body_en": body.en if body else "", "link": link, "about": about,
        }  # fmt: skip

    def __call__(self, channel: str, once_key: str, **more: object) -> Message:
        message = Message(
            channel=channel,
            once_key=once_key,
            created_at=self.now,
            next_attempt_at=self.due,
            **self.words,
            **more,
        )
        if (
            channel == INBOX
            and message.state == MessageState.WAITING
            and self.due <= self.now
            and is_real(INBOX)
        ):
            message.state, message.delivered_at = MessageState.DELIVERED, self.now
        return message


def _added(rows: list[Message]) -> int:
    before = set(
        Message.objects.filter(once_key__in=[row.once_key for row in rows]).values_list("once_key", flat=True)
    )
    fresh = [row for row in rows if row.once_key not in before]
    Message.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)
