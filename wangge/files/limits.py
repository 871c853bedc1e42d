"""How often the staff and machines may upload: far more than a day's work needs, far less than a full disk."""

from __future__ import annotations

from datetime import datetime

from wangge.kit.ratelimit import check

UPLOADS_OF_A_CALLER, HOUR_S = 1_200, 3600


def check_upload(caller: str, at: datetime) -> None:
    """Count one upload of this person or machine (``user:12``); 429 when it is one too many."""
    check(f"upload:{caller}", UPLOADS_OF_A_CALLER, HOUR_S, at)
