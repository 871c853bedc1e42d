"""台账封签: what a seal says and how it is checked. Pure; format in docs/reference/ledger.md.

A seal names the newest entry of every case that moved since the seal before, is chained to it by hash, and is signed
with a key that the database's user cannot read. Whoever rewrites history would have to sign again.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from wangge.cases.ledger import FIRST, stamp
from wangge.kit.crypto import is_signed

FORMAT = 1


@dataclass(frozen=True)
class Head:
    """Entries ``first`` … ``last`` of a case are new in this seal; ``hash`` is the last one's."""

    case_id: int
    number: str
    first: int
    last: int
    hash: str

    @property
    def n_entries(self) -> int:
        return self.last - self.first + 1

    def as_json(self) -> list[Any]:
        return [self.case_id, self.number, self.first, self.last, self.hash]


@dataclass(frozen=True)
class Seal:
    """One seal as it is stored and exported: the text, its hash and the signature of the text."""

    seq: int
    body: str
    hash: str
    signature: bytes

    def said(self) -> dict[str, Any]:
        """The body's content. Raises ValueError when it is no JSON."""
        said: dict[str, Any] = orjson.loads(self.body)
        return said


def body_of(seq: int, previous: str, made_at: datetime, key: str, heads: Sequence[Head]) -> str:
    """The text that is hashed and signed: JSON with sorted keys and no spaces."""
    whole = {
        "v": FORMAT, "seq": seq, "prev": previous or FIRST, "made_at": stamp(made_at), "key": key,
        "n_entries": sum(head.n_entries for head in heads), "heads": [head.as_json() for head in heads],
    }  # fmt: skip
    return orjson.dumps(whole, option=orjson.OPT_SORT_KEYS).decode()


def wrong_with(seal: Seal, previous: str | None, keys: frozenset[str]) -> str:
    """What is wrong with a seal: its hash, its link to the one before, its signature; empty when it is sound.

    ``previous``: hash of the seal before, empty for the first, None when that one is missing. ``keys``: the public
    keys that are trusted.
    """
    content = seal.body.encode()
    if hashlib.sha256(content).hexdigest() != seal.hash:
        return "seal_differs"
    try:
        said = seal.said()
        if said["seq"] != seal.seq:
            return "seal_differs"
        if previous is not None and said["prev"] != (previous or FIRST):
            return "seal_chain_broken"
        key = str(said["key"])
    except (ValueError, KeyError, TypeError):
        return "seal_unreadable"
    if key not in keys:
        return "seal_key_unknown"
    return "" if is_signed(content, seal.signature, key) else "seal_signature_wrong"


def heads_of(seal: Seal) -> Iterator[Head]:
    """The heads that a seal names. Raises ValueError when its body cannot be read."""
    yield from (Head(*line) for line in seal.said()["heads"])


class Newest:
    """The newest sealed entry of every case, 40 bytes a case: ids of cases are small and dense."""

    def __init__(self) -> None:
        self._last = array("q")
        self._hashes = bytearray()

    def __len__(self) -> int:
        """One more than the greatest id of a sealed case."""
        return len(self._last)

    def learn(self, seal: Seal) -> None:
        """Take over the heads of a seal; older ones than are known change nothing."""
        for head in heads_of(seal):
            self._grow(head.case_id + 1)
            if head.last >= self._last[head.case_id]:
                self._last[head.case_id] = head.last
                self._hashes[32 * head.case_id : 32 * head.case_id + 32] = bytes.fromhex(head.hash)

    def of(self, case_id: int) -> tuple[int, str]:
        """Number and hash of the newest sealed entry; 0 and nothing when none is sealed."""
        if case_id >= len(self._last) or not self._last[case_id]:
            return 0, ""
        return self._last[case_id], self._hashes[32 * case_id : 32 * case_id + 32].hex()

    def sealed_between(self, low: int, high: int) -> set[int]:
        """Ids of sealed cases from ``low`` to below ``high``."""
        return {case_id for case_id in range(low, min(high, len(self._last))) if self._last[case_id]}

    def _grow(self, size: int) -> None:
        if size > len(self._last):
            more = max(size, len(self._last) * 2) - len(self._last)
            self._last.extend(array("q", bytes(8 * more)))
            self._hashes.extend(bytes(32 * more))
