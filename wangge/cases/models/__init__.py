"""The case, everything that hangs on it, and its ledger."""

from wangge.cases.models.case import (
    NOBODY_RECUSED,
    OPEN_SAMPLE,
    OPEN_STATES,
    Ask,
    Assist,
    Case,
    CaseClock,
    Dispatch,
    ErasureRow,
    Evidence,
    Inspection,
    PrivateWords,
    Rating,
    Reporter,
    RevealRow,
    Stage,
)
from wangge.cases.models.ledger import Entry, LedgerSeal

__all__ = [
    "NOBODY_RECUSED",
    "OPEN_SAMPLE",
    "OPEN_STATES",
    "Ask",
    "Assist",
    "Case",
    "CaseClock",
    "Dispatch",
    "Entry",
    "ErasureRow",
    "Evidence",
    "Inspection",
    "LedgerSeal",
    "PrivateWords",
    "Rating",
    "Reporter",
    "RevealRow",
    "Stage",
]
