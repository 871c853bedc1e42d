"""Which channel is the real one here, which is off, and which fails for a drill."""

from __future__ import annotations

from django.conf import settings

from wangge.notify.channels.channel import Channel
from wangge.notify.channels.inbox import InboxChannel
from wangge.notify.channels.mail import MailChannel
from wangge.notify.channels.twins import FailingChannel, NullChannel
from wangge.notify.channels.webhook import WebhookChannel

INBOX, MAIL, WEBHOOK = "inbox", "mail", "webhook"
NAMES = (INBOX, MAIL, WEBHOOK)


def channel(name: str) -> Channel:
    """The twin of a channel that this installation uses."""
    twin = settings.CHANNEL_TWINS.get(name)
    if twin == "failing":
        return FailingChannel(name)
    if twin == "null" or (name == MAIL and not settings.EMAIL_HOST):
        return NullChannel(name)
    real: dict[str, type[Channel]] = {INBOX: InboxChannel, MAIL: MailChannel, WEBHOOK: WebhookChannel}
    return real[name]()


def is_real(name: str) -> bool:
    """Whether it is neither switched off nor made to fail."""
    return not isinstance(channel(name), NullChannel | FailingChannel)


def is_on(name: str) -> bool:
    """Whether messages of this channel are worth making."""
    return not isinstance(channel(name), NullChannel)
