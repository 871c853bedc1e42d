"""The ledger of the cases and its seals: rows that are appended, never changed."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import orjson
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Cast

# the number of the transaction that writes a row: 64 bits, rising, never used again (PostgreSQL's xid8)
OWN_TRANSACTION = Cast(
    Cast(Func(function="pg_current_xact_id"), output_field=models.TextField()), models.BigIntegerField()
)


class Entry(models.Model):
    """One line of a case's ledger: appended in the verb's transaction, never changed, chained by hash.

    ``body`` holds the hashed bytes as text (documented in docs/reference/ledger.md), ``hash`` their SHA-256; the other
    columns repeat what queries need. Personal data never stands here: what was given holds salted digests of it. ``xact``
    tells the sealer which entries can no longer be joined by older ones that commit late.
    """

    UNREAD = ("hash", "xact")

    case = models.ForeignKey("Case", on_delete=models.PROTECT, related_name="entries", db_index=False)
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=30)
    from_state = models.CharField(max_length=20, default="")
    to_state = models.CharField(max_length=20)
    user_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    role = models.CharField(max_length=30)
    post_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()
    occurred_at = models.DateTimeField()
    body = models.TextField()
    hash = models.BinaryField(max_length=32)
    xact = models.BigIntegerField(db_default=OWN_TRANSACTION, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="entry_once")]
        indexes = [
            BrinIndex(fields=["recorded_at"], name="entry_recorded", pages_per_range=32, autosummarize=True),
            BrinIndex(fields=["xact"], name="entry_xact", pages_per_range=32, autosummarize=True),
            models.Index(
                fields=["user_id", "-occurred_at"], name="entry_user", condition=Q(user_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq} {self.verb}"

    @cached_property
    def told(self) -> dict[str, Any]:
        """The body, read."""
        told: dict[str, Any] = orjson.loads(self.body)
        return told

    @property
    def given(self) -> dict[str, Any]:
        """What was given to the verb; private words only as salted digests."""
        given: dict[str, Any] = self.told["given"]
        return given


class LedgerSeal(models.Model):
    """台账封签: newest entries of the cases that moved since the last seal, chained and signed; appended by one sealer.

    ``body`` holds the hashed and signed bytes as text (docs/reference/ledger.md). ``to_xact``: entries of earlier
    transactions are sealed; it counts in the server that ``server`` names (its system identifier).
    """

    seq = models.BigIntegerField(primary_key=True)
    made_at = models.DateTimeField()
    n_entries = models.PositiveIntegerField()
    body = models.TextField()
    hash = models.CharField(max_length=64)
    signature = models.BinaryField(max_length=64)
    to_xact = models.BigIntegerField()
    server = models.CharField(max_length=20)

    class Meta:
        verbose_name = "台账封签 Ledger seal"
        verbose_name_plural = "台账封签 Ledger seals"

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:16]}"
