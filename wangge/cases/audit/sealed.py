"""The seals: their own chain and signatures, what an exported file says, and what they prove about the cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from wangge.cases.audit.chains import EntryRow
from wangge.cases.audit.findings import Finding, Verified
from wangge.cases.seals import Head, Newest, Seal, heads_of, wrong_with

Pair = tuple[Seal | None, Seal | None]


@dataclass
class Sealed:
    """What the sound seals say. An exported seal counts more than the stored one of the same number."""

    newest: Newest = field(default_factory=Newest)
    n_seals: int = 0
    findings: list[Finding] = field(default_factory=list)


def read_seals(stored: Iterable[Seal], exported: Iterable[Seal], keys: frozenset[str]) -> Sealed:
    """Check both rows of seals, number by number, and learn the newest sealed entry of every case."""
    sealed, expected = Sealed(), 1
    previous: str | None = ""
    for ours, theirs in pairs(iter(stored), iter(exported)):
        seal = theirs or ours
        assert seal is not None
        if expected < seal.seq:
            sealed.findings.append(Finding("", 0, "seal_missing", expected))
            previous = None
        if ours is None:
            sealed.findings.append(Finding("", 0, "seal_missing", seal.seq))
        elif theirs is not None and ours != theirs:
            sealed.findings.append(Finding("", 0, "seal_differs", seal.seq))
        wrong = wrong_with(seal, previous, keys)
        if wrong:
            sealed.findings.append(Finding("", 0, wrong, seal.seq))
        else:
            sealed.newest.learn(seal)
        sealed.n_seals, previous, expected = sealed.n_seals + 1, seal.hash, seal.seq + 1
    return sealed


def pairs(stored: Iterator[Seal], exported: Iterator[Seal]) -> Iterator[Pair]:
    """Stored and exported seals side by side, by their number."""
    ours, theirs = next(stored, None), next(exported, None)
    while ours is not None or theirs is not None:
        if theirs is None or (ours is not None and ours.seq < theirs.seq):
            yield ours, None
            ours = next(stored, None)
        elif ours is None or theirs.seq < ours.seq:
            yield None, theirs
            theirs = next(exported, None)
        else:
            yield ours, theirs
            ours, theirs = next(stored, None), next(exported, None)


def check_sealed(number: str, entries: Sequence[EntryRow], newest: Newest, found: Verified) -> None:
    """One chain against its newest sealed entry; what is younger counts as unsealed."""
    case_id = entries[0].case_id
    n_sealed, digest = newest.of(case_id)
    if n_sealed > len(entries):
        found.findings.append(Finding(number, len(entries) + 1, "sealed_entry_missing"))
    elif n_sealed and entries[n_sealed - 1].hash != digest:
        found.findings.append(Finding(number, n_sealed, "sealed_entry_differs"))
    young = entries[n_sealed:]
    if young:
        oldest = min(entry.recorded_at for entry in young)
        found.unsealed += len(young)
        found.oldest_unsealed_at = min(found.oldest_unsealed_at or oldest, oldest)


def lines_of(seals: Iterable[Seal], case_ids: set[int]) -> Iterator[Head]:
    """Everything that sound seals say of some cases; read only when something is wrong with them."""
    for seal in seals:
        yield from (head for head in heads_of(seal) if head.case_id in case_ids)
