"""How often one person may take lists out of the office: enough for a day's work, too little to carry the town away."""

from __future__ import annotations

from wangge.kit.ratelimit import check
from wangge.territory.scope import Actor

EXPORTS_OF_A_PERSON, HOUR_S = 30, 3600


def check_export(actor: Actor) -> None:
    """Count one export of this person; 429 when it is one too many."""
    check(f"export:{actor.caller}", EXPORTS_OF_A_PERSON, HOUR_S, actor.now())
