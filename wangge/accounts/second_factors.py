"""The sealed secrets of second factors, for the change of keys."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections import Counter
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from wangge.accounts.adapter import SEALED_FOR
from wangge.kit.crypto import KeyRing

SECRETS = ("secret", "seed", "migrated_codes")


class SecondFactors:
    """Secrets inside ``mfa_authenticator.data``, sealed by ``SecondFactorAdapter``; a few for each person."""

    name = "mfa_authenticator.data"

    def count(self) -> Counter[int]:
        rows = Authenticator.objects.values_list("data", flat=True)
        return Counter(blob[0] for data in rows for blob in sealed_in(data).values())

    def reseal(self, ring: KeyRing, after: int) -> tuple[int, int]:
        n_done = 0
        with transaction.atomic():
            for row in Authenticator.objects.select_for_update().order_by("pk"):
                old = {name: blob for name, blob in sealed_in(row.data).items() if blob[0] != ring.newest}
                for name, blob in old.items():
                    text = ring.unseal(blob, SEALED_FOR)
                    row.data[name] = b64encode(ring.seal(text, SEALED_FOR)).decode()
                if old:
                    row.save(update_fields=["data"])
                n_done += len(old)
        return n_done, 0


def sealed_in(data: dict[str, Any]) -> dict[str, bytes]:
    """The sealed values by their name."""
    found = {}
    for name in SECRETS:
        value = data.get(name)
        if isinstance(value, str):
            try:
                blob = b64decode(value, validate=True)
            except NotBase64:
                continue
            if blob:
                found[name] = blob
    return found
