"""The hashed bytes of an entry: canonical JSON text, chained by SHA-256. Pure. Format: docs/reference/ledger.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FORMAT = 1
FIRST = "0" * 64


def stamp(at: datetime) -> str:
    """A moment in UTC with microseconds: 2026-11-21T07:30:00.000000Z."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def body_of(previous: str, content: Mapping[str, Any]) -> str:
    """The text that is hashed: JSON (RFC 8259) with sorted keys, no spaces, characters not escaped."""
    whole = {"v": FORMAT, "prev": previous or FIRST, **content}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(body: str) -> str:
    """SHA-256 of the body's UTF-8 bytes, hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()
