"""The sealer: chains and signs the newest entries of all cases, in the order in which they were committed.

An entry that commits late belongs to an older transaction than entries which are there already. So a round seals the
entries of transactions before the oldest one that still runs (``pg_snapshot_xmin``): no more can join them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import connection, transaction

from wangge.cases.models import LedgerSeal
from wangge.cases.move import keys
from wangge.cases.seals import Head, Newest, Seal, body_of
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.loops import alone_in_transaction

NAME = "seal the ledger"
CASES_A_SEAL = 10_000
PAGE = 20  # seals read at once; a full one is about a megabyte
NOW = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, (SELECT system_identifier::text FROM pg_control_system())
"""
HEADS = """
SELECT e.case_id, c.number, min(e.seq), max(e.seq), encode((array_agg(e.hash ORDER BY e.seq DESC))[1], 'hex')
FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
WHERE {entries} GROUP BY e.case_id, c.number ORDER BY e.case_id
"""
SINCE_THE_LAST = "e.xact >= %s AND e.xact < %s"
# Another server counts transactions anew, so the numbers of rows that were brought in say nothing here; those rows are
# complete, and known by a system column that disagrees with the number they carry.
ANYTHING_COMPLETE = "e.xact < %s OR e.xmin::text::bigint <> e.xact %% 4294967296"


def seal_entries() -> int:
    """One round; returns the number of new seals. Nothing is done while another sealer works or nothing is new."""
    with transaction.atomic():
        if not alone_in_transaction(NAME):
            return 0
        last = LedgerSeal.objects.order_by("-seq").first()
        with connection.cursor() as cursor:
            cursor.execute(NOW)
            to_xact, server = cursor.fetchone()
        if last is not None and last.server == server:
            heads = found(HEADS.format(entries=SINCE_THE_LAST), last.to_xact, to_xact)
        else:
            heads = not_yet_sealed(found(HEADS.format(entries=ANYTHING_COMPLETE), to_xact))
        return write(last, heads, to_xact, server)


def found(statement: str, *values: int) -> Iterator[Head]:
    """Heads through a cursor on the server: the first round over an old ledger is long."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(CASES_A_SEAL):
            yield from (Head(*row) for row in rows)


def not_yet_sealed(heads: Iterable[Head]) -> Iterator[Head]:
    """What the seals do not cover yet: on the first round, and after a backup was restored on another server."""
    newest = Newest()
    for seal in stored_seals():
        newest.learn(seal)
    for head in heads:
        n_sealed, _ = newest.of(head.case_id)
        if head.last > n_sealed:
            yield Head(head.case_id, head.number, max(head.first, n_sealed + 1), head.last, head.hash)


def write(last: LedgerSeal | None, heads: Iterable[Head], to_xact: int, server: str) -> int:
    """Seals of at most ``CASES_A_SEAL`` cases each, chained to the last one."""
    ring, n_seals = keys(), 0
    seq, previous = (last.seq, last.hash) if last else (0, "")
    rest = iter(heads)
    while part := list(islice(rest, CASES_A_SEAL)):
        seq, n_seals, made_at = seq + 1, n_seals + 1, REAL_CLOCK.now()
        body = body_of(seq, previous, made_at, ring.ledger_key, part)
        previous = hashlib.sha256(body.encode()).hexdigest()
        LedgerSeal.objects.create(
            seq=seq, made_at=made_at, n_entries=sum(head.n_entries for head in part), body=body, hash=previous,
            signature=ring.sign(body.encode()), to_xact=to_xact, server=server,
        )  # fmt: skip
    return n_seals


def stored_seals(after: int = 0) -> Iterator[Seal]:
    """All seals after number ``after``, in order, a few at a time."""
    columns = ("seq", "body", "hash", "signature")
    while rows := list(LedgerSeal.objects.filter(seq__gt=after).order_by("seq").values_list(*columns)[:PAGE]):
        for seq, body, digest, signature in rows:
            yield Seal(seq, body, digest, bytes(signature))
        after = rows[-1][0]
