"""What will happen to a message in the simulation: drawn once, by seed and number. Pure.

The shares are ours, chosen so that every turn of the workflow is taken; they claim nothing about a real town.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SHARES = {
    "declined": 0.025, "void": 0.006, "transferred": 0.012, "emergency": 0.003, "verified": 0.08, "self_closed": 0.30,
    "answered": 0.70, "one_desk": 0.20, "claimed": 0.03, "recalled": 0.01, "handed_back": 0.06, "settled": 0.12,
    "designated": 0.5, "refused_hand_back": 0.25, "assisted": 0.10, "assigned": 0.15, "contacted": 0.35, "arrived": 0.30,
    "extended": 0.04, "refused_extension": 0.2, "parked": 0.015, "unparked": 0.3, "late": 0.08, "check_failed": 0.07,
    "seen": 0.15, "dissatisfied": 0.07, "policy": 0.12, "manners": 0.06, "excepted": 0.6, "unreached": 0.015, "called": 0.30,
    "reopened": 0.02, "urged": 0.04, "supplemented": 0.03, "noted": 0.05, "contested": 0.2, "triaged": 0.5,
    "escalated": 0.01, "instructed": 0.4,
}  # fmt: skip


@dataclass
class Plan:
    """The draws for one message: ``plan.will("parked")``, ``plan.hours(8)``."""

    random: Random

    @classmethod
    def of(cls, seed: int, number: str) -> Plan:
        """The same seed and number give the same plan, whatever else is replayed."""
        return cls(Random(f"{seed}:{number}"))  # noqa: S311  a simulation

    def will(self, what: str) -> bool:
        """Whether this turn is taken."""
        return self.random.random() < SHARES[what]

    def hours(self, usual: float) -> float:
        """A duration around the usual one: mostly shorter, sometimes much longer."""
        return max(usual * min(self.random.lognormvariate(-0.35, 0.6), 4.0), 0.02)
