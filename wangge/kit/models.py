"""Rows of the kit: outbox, idempotency keys, rate limits. No domain word."""

from __future__ import annotations

from django.db import models


class OutboxRow(models.Model):
    """An event waiting for the relay; written in the transaction of the verb that caused it."""

    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    not_before_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, default="")  # delivered | cancelled | failed
    n_attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["not_before_at"], name="outbox_waiting", condition=models.Q(delivered_at=None)),
        ]


class IdempotencyRow(models.Model):
    """The answer given to a request that carried an Idempotency-Key; kept 48 hours.

    ``caller`` is the actor (``user:12``, ``token:3``) or an anonymous visit (``visit:…``).
    """

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    body_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    answer = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]


class RateRow(models.Model):
    """Requests counted in one window of one bucket (``report:visit:…``, ``signin:network:…``)."""

    bucket = models.CharField(max_length=160, primary_key=True)
    window_started_at = models.DateTimeField()
    n_requests = models.PositiveIntegerField()
