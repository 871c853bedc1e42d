"""Names for things: time-ordered UUIDs, case numbers and the resident's secret code."""

from __future__ import annotations

import secrets
import time
import uuid
from datetime import date

# Crockford's alphabet without I, L, O, U: can be read aloud and typed by hand without doubt.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 14  # 14 × 5 = 70 bits


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, version 7): 48 bits of milliseconds, then randomness."""
    value = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return uuid.UUID(int=value)


def random_letters(n: int) -> str:
    """``n`` random characters of the unambiguous alphabet, 5 bits each."""
    return "".join(ALPHABET[byte & 31] for byte in secrets.token_bytes(n))


def case_number(area_code: str, day: date) -> str:
    """Number of a case: county and street (9 digits), date, six random characters (30 bits).

    No counter row, so no lock and no gap is promised; uniqueness is the database's.
    """
    return f"{(area_code + '000000000')[:9]}-{day:%Y%m%d}-{random_letters(6)}"


def resident_code() -> str:
    """The code by which a resident follows a case: 70 random bits, written in groups as ABCD-EFGH-JKMNPQ."""
    letters = random_letters(CODE_LENGTH)
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def normal_code(typed: str) -> str:
    """What was typed by hand, as stored: upper case, without separators, look-alike letters mended."""
    letters = "".join(c for c in typed.upper() if c.isalnum())
    return letters.translate(str.maketrans("ILOU", "110V"))
