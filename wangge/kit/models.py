"""Rows of the kit: outbox, idempotency keys, rate limits. No domain word."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class OutboxRow(models.Model):
    """An event waiting for the relay; written in the transaction of the verb that caused it.

    ``delivered_at`` is set when the row is settled, whatever the ``outcome``. ``listeners_left`` names the
    listeners that failed and are called again; empty means all of them.
    """

    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    not_before_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, default="")  # delivered | cancelled | failed
    n_attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(default="")
    listeners_left = models.JSONField(default=list)

    class Meta:
        indexes = [
            # in id order, so that the relay never sorts
            models.Index(
                fields=["id", "not_before_at"], name="outbox_waiting", condition=Q(delivered_at=None)
            ),
            models.Index(
                fields=["id"], name="outbox_stuck", condition=Q(delivered_at=None, n_attempts__gt=0)
            ),
            models.Index(
                fields=["delivered_at"], name="outbox_settled", condition=Q(delivered_at__isnull=False)
            ),
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
