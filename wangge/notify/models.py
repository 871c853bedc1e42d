"""Messages to people, one row a recipient and channel."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class MessageState(models.TextChoices):
    WAITING = "waiting", "待发送 Waiting"
    DELIVERED = "delivered", "已送达 Delivered"
    FAILED = "failed", "未送达 Failed"
    CANCELLED = "cancelled", "已取消 Cancelled"


class Message(models.Model):
    """Something said to a person: in the inbox, by mail, or to a webhook. Nowhere to go counts as failed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="messages"
    )
    channel = models.CharField(max_length=20)  # inbox | mail | webhook
    address_sealed = models.BinaryField(null=True)  # a mail address outside the staff, encrypted
    endpoint = models.ForeignKey("WebhookEndpoint", null=True, on_delete=models.CASCADE)
    topic = models.CharField(max_length=60)
    subject_zh = models.CharField(max_length=200)
    subject_en = models.CharField(max_length=250, default="")
    body_zh = models.TextField(default="")
    body_en = models.TextField(default="")
    link = models.CharField(max_length=200, default="")
    about = models.CharField(max_length=60, default="")  # the case number
    state = models.CharField(max_length=20, choices=MessageState, default=MessageState.WAITING)
    once_key = models.CharField(max_length=120, unique=True)  # the same event makes the same message once
    n_attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, default="")
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["channel", "next_attempt_at"], name="message_waiting", condition=Q(state="waiting")
            ),
            models.Index(fields=["user", "-created_at"], name="message_inbox", condition=Q(channel="inbox")),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.topic}"


class WebhookEndpoint(models.Model):
    """An outside address that is told of events, each delivery signed with HMAC-SHA-256."""

    name = models.CharField("名称 Name", max_length=80)
    url = models.URLField("地址 Address", max_length=300)
    secret_sealed = models.BinaryField()
    topics = models.JSONField("主题 Topics", default=list, blank=True)
    is_active = models.BooleanField("启用 Active", default=True)

    class Meta:
        verbose_name = "外部通知地址 Webhook endpoint"
        verbose_name_plural = "外部通知地址 Webhook endpoints"

    def __str__(self) -> str:
        return self.name
