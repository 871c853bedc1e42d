"""Mail by SMTP, both languages in one mail, one connection for a batch."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from wangge.kit.crypto import key_ring
from wangge.kit.findings import Finding
from wangge.kit.words import Text
from wangge.notify.channels.channel import NotDelivered, Outcome
from wangge.notify.models import Message

ADDRESS_PURPOSE = "notify.address"
TROUBLE = (smtplib.SMTPException, OSError, ValueError)


class MailChannel:
    """Real SMTP, as ``WANGGE_SMTP_HOST`` and its companions say."""

    def deliver(self, messages: Sequence[Message]) -> Iterator[Outcome]:
        connection = self.connection()
        try:
            connection.open()
        except TROUBLE as error:
            for message in messages:
                yield message, NotDelivered(told(error))
            return
        try:
            for message in messages:
                yield message, self.sent(connection, message)
        finally:
            connection.close()

    def check(self) -> Finding:
        connection = self.connection()
        try:
            connection.open()
            connection.close()
        except TROUBLE as error:
            zh = f"邮件服务器 {settings.EMAIL_HOST}:{settings.EMAIL_PORT} 连不上({told(error)})。请检查 WANGGE_SMTP_*。"
            en = f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} does not answer ({told(error)}). See WANGGE_SMTP_*."
            return Finding("error", "channel_mail", Text(zh, en))
        return Finding("fine", "channel_mail", Text("邮件服务器可用。", "The mail server answers."))

    def connection(self) -> EmailBackend:
        return EmailBackend(timeout=settings.EMAIL_TIMEOUT)

    def sent(self, connection: EmailBackend, message: Message) -> NotDelivered | None:
        address = address_of(message)
        if not address:
            return NotDelivered("no address", is_final=True)
        try:
            if connection.connection is None:  # the server hung up on the last one
                connection.open()
            connection.send_messages([as_mail(message, address)])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            return NotDelivered(f"address refused ({codes})", is_final=all(code >= 500 for code in codes))
        except TROUBLE as error:
            connection.connection = None
            return NotDelivered(
                told(error), is_final=isinstance(error, ValueError) and not isinstance(error, OSError)
            )
        return None


def address_of(message: Message) -> str:
    """The sealed address of somebody outside, or that of the user."""
    if message.address_sealed is not None:
        return key_ring(settings.KEYS_FOLDER).unseal(bytes(message.address_sealed), ADDRESS_PURPOSE)
    return message.user.email if message.user and message.user.is_active else ""


def as_mail(message: Message, address: str) -> EmailMessage:
    link = f"{settings.PUBLIC_URL}{message.link}" if message.link and settings.PUBLIC_URL else ""
    parts = [message.subject_zh, message.body_zh, message.subject_en, message.body_en, link]
    return EmailMessage(
        subject=" ".join(message.subject_zh.split()),
        body="\n\n".join(part for part in parts if part),
        to=[address],
        # the same message sent again (we died before we wrote down that it had arrived) is known by its name
        headers={
            "Message-ID": f"<{message.pk}.{message.once_key}@wangge>",
            "Auto-Submitted": "auto-generated",
        },
    )


def told(error: Exception) -> str:
    """The error in a few words, without addresses."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return f"{type(error).__name__} {getattr(error, 'strerror', None) or ''}".strip()
