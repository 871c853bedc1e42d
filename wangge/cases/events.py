"""What the cases tell the rest of the house, through the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wangge.kit.events import Event


@dataclass(frozen=True)
class CaseMoved(Event):
    """A verb was done on a case; entry ``seq`` of its ledger says everything else."""

    kind: ClassVar[str] = "case_moved"
    case_id: int
    number: str
    seq: int
    verb: str
    from_state: str
    to_state: str
    user_id: int | None
    is_simulated: bool
