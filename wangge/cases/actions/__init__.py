"""All verbs. One verb = one function = one transaction; importing this package fills ``ACTIONS``."""

from wangge.cases.actions import (
    closing,
    delay,
    desk,
    handback,
    intake,
    linking,
    notes,
    refusal,
    resident,
    unit,
)
from wangge.cases.actions.registry import ACTIONS, Action, perform
from wangge.cases.actions.report import Reported, report

__all__ = [
    "ACTIONS",
    "Action",
    "Reported",
    "closing",
    "delay",
    "desk",
    "handback",
    "intake",
    "linking",
    "notes",
    "perform",
    "refusal",
    "report",
    "resident",
    "unit",
]
