"""What a sender called a file: told back in a sentence about it, used for nothing else. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 30
UNNAMED = "?"


def shown_name(name: str | None) -> str:
    """The last part of a name, without signs that cannot be seen or turn the direction, at most 30 characters."""
    last = re.split(r"[\\/]", name or "")[-1]
    seen = "".join(
        sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
    )
    if len(seen) > LONGEST:
        seen = seen[:14] + "…" + seen[-12:]
    return seen or UNNAMED
