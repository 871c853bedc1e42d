"""What was acknowledged against what is there: the database, the files on the disk, the ledger, the outbox."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from drill.stories import Written
from drill.town import Folder

OUTBOX_SECONDS = 90.0
WAITING = "SELECT count(*) FROM kit_outboxrow WHERE delivered_at IS NULL"
FAILED = "SELECT count(*) FROM kit_outboxrow WHERE outcome = 'failed'"
MARKS = "SELECT substring(text from 'D[A-Za-z0-9_-]{16}$'), number FROM cases_case WHERE text LIKE %s"
VERBS = (
    "SELECT c.number, e.verb, count(*) FROM cases_entry e JOIN cases_case c ON c.id = e.case_id GROUP BY 1, 2"
)
FILES = "SELECT key::text, sha256 FROM files_storedfile"


def compare(folder: Folder, written: Written) -> list[str]:
    """Every difference as one sentence; empty when nothing was lost and nothing doubled."""
    return [
        *reports(folder, written), *verbs(folder, written), *uploads(folder, written), *ledger(folder), *outbox(folder),
        *written.problems,
    ]  # fmt: skip


def reports(folder: Folder, written: Written) -> list[str]:
    found: dict[str, list[str]] = {}
    for mark, number in folder.rows(MARKS, "路面破损 D%"):
        found.setdefault(mark, []).append(number)
    problems = [f"case doubled: {mark} {numbers}" for mark, numbers in found.items() if len(numbers) > 1]
    for act in written.acts:
        if act.kind == "report" and found.get(act.mark) != [act.number]:
            problems.append(f"acknowledged report not there: {act.mark} {act.number} {found.get(act.mark)}")
    strange = found.keys() - set(written.begun)
    return problems + [f"case nobody sent: {mark}" for mark in strange]


def verbs(folder: Folder, written: Written) -> list[str]:
    """A verb of ours is done once for each case; ``one_desk`` leaves one entry of each of its three verbs."""
    there: Counter[tuple[str, str]] = Counter()
    for number, verb, n in folder.rows(VERBS):
        there[number, verb] = n
    problems = []
    for act in written.acts:
        wanted = (
            ["accept", "docket", "dispatch"] if act.verb == "one_desk" else [act.verb] if act.verb else []
        )
        problems += [
            f"{verb} of {act.number}: {there[act.number, verb]} times"
            for verb in wanted
            if there[act.number, verb] != 1
        ]
    return problems


def uploads(folder: Folder, written: Written) -> list[str]:
    """Each acknowledged upload: its row, and its bytes on the disk with the digest that was answered."""
    rows = dict(folder.rows(FILES))
    problems = []
    for act in written.acts:
        if act.kind != "upload":
            continue
        path = folder.root / "files" / act.sha256[:2] / act.sha256[2:4] / act.sha256
        if rows.get(act.mark) != act.sha256:
            problems.append(f"acknowledged upload has no row: {act.mark}")
        elif not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != act.sha256:
            problems.append(f"acknowledged upload is not on the disk: {act.mark}")
    return problems


def outbox(folder: Folder) -> list[str]:
    """All events delivered by themselves, none given up."""
    until = time.monotonic() + OUTBOX_SECONDS
    n_waiting = -1
    while time.monotonic() < until:
        with suppress(psycopg.Error):
            n_waiting = folder.number(WAITING)
        if n_waiting == 0:
            break
        time.sleep(0.2)
    problems = [f"{n_waiting} events not delivered"] if n_waiting else []
    n_failed = folder.number(FAILED)
    return problems + ([f"{n_failed} events given up"] if n_failed else [])


def ledger(folder: Folder) -> list[str]:
    done = folder.run("verify-ledger", "--json")
    told = told_by(done.stdout)
    if done.returncode == 0 and told.get("findings") == []:
        return []
    return [f"verify-ledger: {done.returncode} {str(told.get('findings'))[:500]} {done.stderr[-300:]}"]


def told_by(text: str) -> dict[str, Any]:
    """The JSON that a command printed last."""
    try:
        told: dict[str, Any] = json.loads(text.splitlines()[-1])
    except (IndexError, ValueError):
        return {}
    return told


def heads(folder: Folder) -> dict[str, str]:
    """The head of each case's chain."""
    return dict(folder.rows("SELECT number, head_hash FROM cases_case"))


def counts(folder: Folder) -> dict[str, int]:
    """Rows of every table."""
    tables = folder.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
    )
    return {name: folder.number(f'SELECT count(*) FROM "{name}"') for (name,) in tables}


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
