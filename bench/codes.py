"""The residents' codes of the large town: anybody who measures can work them out. Pure."""

from __future__ import annotations

import hashlib

from wangge.kit.ids import ALPHABET, CODE_LENGTH


def code_of(reporter_id: int) -> str:
    """The code by which this reporter follows the case."""
    digest = hashlib.sha256(f"bench:{reporter_id}".encode()).digest()
    return "".join(ALPHABET[byte & 31] for byte in digest[:CODE_LENGTH])
