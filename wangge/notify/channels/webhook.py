"""Signed webhooks, in the form of the Standard Webhooks specification, which has libraries in most languages.

webhook-id: the same for every attempt    webhook-timestamp: seconds since 1970
webhook-signature: v1,<base64 of HMAC-SHA-256 over "id.timestamp.body">
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence

import httpx
import orjson
from django.conf import settings

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.crypto import key_ring
from wangge.kit.findings import Finding
from wangge.kit.words import Text
from wangge.notify.channels.addresses import target_of
from wangge.notify.channels.channel import NotDelivered, Outcome
from wangge.notify.models import Message, WebhookEndpoint

SECRET_PURPOSE = "notify.webhook"  # noqa: S105  not a secret, its label
SECRET_PREFIX = "whsec_"  # noqa: S105


class WebhookChannel:
    """POSTs to each endpoint. One that does not answer is left alone for the rest of the batch."""

    def deliver(self, messages: Sequence[Message]) -> Iterator[Outcome]:
        silent: dict[int | None, str] = {}
        with httpx.Client(
            timeout=settings.WEBHOOK_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False
        ) as client:
            for message in messages:
                if message.endpoint_id in silent:
                    yield message, NotDelivered(silent[message.endpoint_id], was_tried=False)
                    continue
                try:
                    self.send(client, message)
                except NotDelivered as refused:
                    yield message, refused
                except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                    silent[message.endpoint_id] = type(error).__name__
                    yield message, NotDelivered(type(error).__name__)
                else:
                    yield message, None

    def check(self) -> Finding:
        n_endpoints = WebhookEndpoint.objects.filter(is_active=True).count()
        text = Text(f"启用的 webhook 地址:{n_endpoints} 个。", f"Webhook endpoints in use: {n_endpoints}.")
        return Finding("fine", "channel_webhook", text)

    def send(self, client: httpx.Client, message: Message) -> None:
        """One POST; raises NotDelivered when it was refused. The answer's body is not read."""
        endpoint = message.endpoint
        if endpoint is None or not endpoint.is_active:
            raise NotDelivered("the endpoint is switched off", is_final=True)
        target = target_of(endpoint.url, settings.WEBHOOK_NETWORKS)
        body = body_of(message)
        headers = signed_headers(secret_of(endpoint), f"msg_{message.pk}", body) | {
            "host": target.host_header
        }
        extensions = {"sni_hostname": target.host}
        with client.stream(
            "POST", target.url, content=body, headers=headers, extensions=extensions
        ) as answer:
            if not answer.is_success:
                is_gone = answer.status_code == httpx.codes.GONE
                raise NotDelivered(f"HTTP {answer.status_code}", is_final=is_gone)


def body_of(message: Message) -> bytes:
    """What the endpoint is told: topic, number and headings; never the text, which may speak of people."""
    return orjson.dumps(
        {
            "type": message.topic,
            "timestamp": message.created_at.isoformat(),
            "data": {
                "about": message.about,
                "link": f"{settings.PUBLIC_URL}{message.link}" if message.link else "",
                "subject": {"zh": message.subject_zh, "en": message.subject_en},
            },
        }
    )


def signed_headers(secret: str, message_id: str, body: bytes) -> dict[str, str]:
    timestamp = str(int(REAL_CLOCK.now().timestamp()))
    return {
        "content-type": "application/json",
        "user-agent": "Wangge",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature(secret, message_id, timestamp, body)}",
    }


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Base64 of HMAC-SHA-256 over ``id.timestamp.body``."""
    key = b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.digest(key, b".".join((message_id.encode(), timestamp.encode(), body)), hashlib.sha256)
    return b64encode(digest).decode()


def new_secret() -> str:
    return SECRET_PREFIX + b64encode(secrets.token_bytes(32)).decode()


def secret_of(endpoint: WebhookEndpoint) -> str:
    return key_ring(settings.KEYS_FOLDER).unseal(bytes(endpoint.secret_sealed), SECRET_PURPOSE)
