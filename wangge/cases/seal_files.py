"""Seals as files: one a day, a line a seal, to be kept where nobody who runs the database can change them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from wangge.cases.sealing import stored_seals
from wangge.cases.seals import Seal
from wangge.kit.clock import REAL_CLOCK, SHANGHAI
from wangge.kit.errors import DomainError

NAME = "ledger-seals-{day}.jsonl"
PATTERN = "ledger-seals-*.jsonl"
READ_BYTES = 1 << 20


def export_seals() -> int:
    """Append the seals that no file has yet to the file of the day on which each was made; returns how many."""
    folder: Path = settings.SEALS_FOLDER
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    n_written = 0
    for seal in stored_seals(after=last_exported(folder)):
        append(folder / NAME.format(day=day_of(seal).isoformat()), line_of(seal))
        n_written += 1
    return n_written


def day_of(seal: Seal) -> date:
    """The day on which a seal says it was made; today for one that cannot be read, so that it is exported too."""
    try:
        made_at = datetime.fromisoformat(seal.said()["made_at"])
    except (ValueError, KeyError, TypeError):
        made_at = REAL_CLOCK.now()
    return made_at.astimezone(SHANGHAI).date()


def last_exported(folder: Path) -> int:
    """The number of the newest seal in the files; 0 when there is none.

    Every file is looked at: after the clock was set back, the newest seal is not in the file of the latest day.
    """
    return max((last_in(file) for file in folder.glob(PATTERN)), default=0)


def last_in(file: Path) -> int:
    """The number of the last whole seal of a file, read from its end; 0 when there is none."""
    with file.open("rb") as opened:
        left, rest = opened.seek(0, os.SEEK_END), b""
        while left > 0:
            step = min(left, READ_BYTES)
            left -= step
            opened.seek(left)
            lines = (opened.read(step) + rest).split(b"\n")
            rest = lines[0]
            for line in reversed(lines[1:] if left else lines):
                if (seal := seal_in(line)) is not None:
                    return seal.seq
    return 0


def append(file: Path, line: str) -> None:
    """One more line; a line that was cut off by a crash is ended first and counts for nothing."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
    with open(descriptor, "rb+", buffering=0) as opened:
        size = opened.seek(0, os.SEEK_END)
        is_cut = size > 0 and (opened.seek(size - 1), opened.read(1))[1] != b"\n"
        opened.write((b"\n" if is_cut else b"") + line.encode() + b"\n")
        os.fsync(descriptor)


def line_of(seal: Seal) -> str:
    told = {"seq": seal.seq, "hash": seal.hash, "signature": seal.signature.hex(), "body": seal.body}
    return json.dumps(told, ensure_ascii=False)


def read_exported(paths: Iterable[Path]) -> list[Seal]:
    """The seals of files or folders, in order, each once. Raises DomainError ``seals_unreadable`` (400)."""
    found: dict[int, Seal] = {}
    for path in paths:
        files = sorted(path.glob(PATTERN)) if path.is_dir() else [path]
        for file in files:
            try:
                found.update((seal.seq, seal) for seal in readable(file))
            except (OSError, UnicodeDecodeError) as error:
                raise unreadable(file) from error
    if not found:
        raise unreadable(*paths)
    return [found[seq] for seq in sorted(found)]


def unreadable(*paths: Path) -> DomainError:
    names = ", ".join(map(str, paths))
    return DomainError(
        400,
        "seals_unreadable",
        f"{names} 里没有台账封签。请给出 ledger-seals-日期.jsonl 文件或存放它们的目录。",
        f"There are no ledger seals in {names}. Name a file ledger-seals-DATE.jsonl or the folder of such files.",
    )


def readable(file: Path) -> Iterator[Seal]:
    """The whole lines of a file; what was cut off is passed over (the seal is there again on the next line)."""
    with file.open(encoding="utf-8") as lines:
        yield from filter(None, map(seal_in, lines))


def seal_in(line: str | bytes) -> Seal | None:
    """The seal on a line; None when it was cut off."""
    try:
        told: dict[str, Any] = json.loads(line)
        return Seal(int(told["seq"]), told["body"], told["hash"], bytes.fromhex(told["signature"]))
    except (ValueError, KeyError, TypeError):
        return None
