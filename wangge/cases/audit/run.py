"""The whole audit: seals first, then all cases in ranges of their ids, on several processes when there are many."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby
from operator import attrgetter
from typing import Any

import django
import psycopg
from django.db import connection, connections, transaction

from wangge.cases.audit.chains import CASES, ENTRIES, CaseRow, EntryRow, check_case
from wangge.cases.audit.findings import Finding, Verified
from wangge.cases.audit.sealed import Sealed, check_sealed, lines_of, read_seals
from wangge.cases.move import keys as installation_keys
from wangge.cases.sealing import stored_seals
from wangge.cases.seals import Newest, Seal
from wangge.kit.processes.children import end_with

CASES_A_RANGE = 1_000
MANY = 50_000  # cases; fewer are read faster than further processes start
Progress = Callable[[int], object]


def verify(
    progress: Progress = lambda n: None, *, exported: Iterable[Seal] = (), keys: frozenset[str] | None = None,
    processes: int = 1,
) -> Verified:  # fmt: skip
    """Check every case of the database, younger verbs going on; ``progress`` is told the entries read so far.

    ``exported``: seals that were kept elsewhere, in order. ``keys``: trusted public keys; the installation's own.
    """
    kept = list(exported)
    trusted = keys if keys is not None else own_keys()
    sealed = read_seals(stored_seals(), kept, trusted)
    found = Verified(seals=sealed.n_seals, key=", ".join(sorted(trusted)), findings=list(sealed.findings))
    for part in parts(sealed.newest, processes):
        found.add(part)
        progress(found.entries)
    found.findings = sorted(named(found.findings, sealed, kept))
    return found


def parts(newest: Newest, processes: int) -> Iterator[Verified]:
    """The findings of range after range."""
    top = max(greatest_id() + 1, len(newest))
    ranges = [(low, min(low + CASES_A_RANGE, top)) for low in range(0, top, CASES_A_RANGE)]
    if processes < 2 or top < MANY:
        for low, high in ranges:
            yield check_range(newest, low, high)
        return
    connections.close_all()
    forked = multiprocessing.get_context("fork")  # the newest sealed entries are there without being copied
    with ProcessPoolExecutor(processes, forked, initializer=begin, initargs=(newest,)) as pool:
        yield from pool.map(check_range_here, ranges, chunksize=1)


HERE: list[Newest] = []


def begin(newest: Newest) -> None:
    """A process of its own: own connections; Ctrl-C is the parent's business, and its end is ours."""
    end_with(os.getppid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    HERE[:] = [newest]


def check_range_here(ids: tuple[int, int]) -> Verified:
    return check_range(HERE[0], *ids)


def check_range(newest: Newest, low: int, high: int) -> Verified:
    """All cases with ids from ``low`` to below ``high``, in one moment of the database."""
    cases, entries = read_range(low, high)
    found = Verified(cases=len(cases), entries=len(entries))
    rest = dict(cases)
    for case_id, group in groupby(entries, key=attrgetter("case_id")):
        lines, case = list(group), rest.pop(case_id, None)
        number = case.number if case else f"#{case_id}"
        if case is None:
            found.findings.append(Finding(number, 0, "case_missing"))
        else:
            found.findings += check_case(case, lines)
        check_sealed(number, lines, newest, found)
    for case in rest.values():
        found.findings += check_case(case, [])
    with_entries = {entry.case_id for entry in entries}
    gone = newest.sealed_between(low, high) - cases.keys() - with_entries
    found.findings += [Finding(f"#{case_id}", 0, "sealed_case_missing") for case_id in gone]
    return found


def read_range(low: int, high: int) -> tuple[dict[int, CaseRow], list[EntryRow]]:
    """Both from one snapshot, so that a verb done meanwhile is in both or in neither."""
    is_inside = connection.in_atomic_block  # then the caller's snapshot is what there is
    with transaction.atomic():
        if not is_inside:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cases = {row[0]: CaseRow(*row) for row in rows(CASES, low, high)}
        return cases, [EntryRow(*row) for row in rows(ENTRIES, low, high)]


def rows(statement: str, low: int, high: int) -> Sequence[tuple[Any, ...]]:
    """In the driver's binary form, which is read faster than text."""
    with psycopg.Cursor[tuple[Any, ...]](connection.connection) as cursor:
        return cursor.execute(statement, [low, high], binary=True).fetchall()


def greatest_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest((SELECT max(id) FROM cases_case), (SELECT max(case_id) FROM cases_entry), 0)"
        )
        (greatest,) = cursor.fetchone()
    return int(greatest)


def named(findings: list[Finding], sealed: Sealed, exported: Sequence[Seal]) -> Iterator[Finding]:
    """Findings about removed cases with the numbers that the seals know, one for each entry that differs.

    Reads the seals once more, and only when something is wrong.
    """
    wanted = [finding for finding in findings if finding.case.startswith("#")]
    yield from (finding for finding in findings if not finding.case.startswith("#"))
    if not wanted:
        return
    ids = {int(finding.case[1:]) for finding in wanted}
    numbers = {head.case_id: head.number for head in lines_of([*stored_seals(), *exported], ids)}
    for finding in wanted:
        number = numbers.get(int(finding.case[1:]), finding.case)
        yield Finding(number, finding.entry, finding.kind, finding.seal)


def own_keys() -> frozenset[str]:
    return frozenset({installation_keys().ledger_key})
