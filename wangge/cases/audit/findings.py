"""What an audit of the ledger says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, order=True)
class Finding:
    """Something wrong: in which case, at which entry (0: the case itself), of which kind; or in which seal."""

    case: str
    entry: int
    kind: str
    seal: int = 0

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"case": self.case, "entry": self.entry, "kind": self.kind}
        return told | ({"seal": self.seal} if self.seal else {})


@dataclass
class Verified:
    """How much was read and what was found. ``unsealed``: entries too young for a seal, so not proven by one."""

    entries: int = 0
    cases: int = 0
    seals: int = 0
    unsealed: int = 0
    oldest_unsealed_at: datetime | None = None
    key: str = ""
    findings: list[Finding] = field(default_factory=list)

    def add(self, part: Verified) -> None:
        """Take over what was found in another part of the cases."""
        self.entries += part.entries
        self.cases += part.cases
        self.unsealed += part.unsealed
        self.findings += part.findings
        if part.oldest_unsealed_at is not None:
            oldest = self.oldest_unsealed_at or part.oldest_unsealed_at
            self.oldest_unsealed_at = min(oldest, part.oldest_unsealed_at)

    def as_json(self) -> dict[str, Any]:
        oldest = self.oldest_unsealed_at
        return {
            "entries": self.entries, "cases": self.cases, "seals": self.seals, "unsealed": self.unsealed,
            "oldest_unsealed_at": oldest.isoformat() if oldest else None, "key": self.key,
            "findings": [finding.as_json() for finding in self.findings],
        }  # fmt: skip
