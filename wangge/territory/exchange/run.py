"""One import from beginning to end: read, judge, do it, and keep it only when nothing is wrong."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from wangge.kit.errors import DomainError
from wangge.territory.changes import forget_everything
from wangge.territory.exchange.columns import Exchange, Problem, Problems
from wangge.territory.exchange.reading import read_lines, read_table


@dataclass(frozen=True)
class Report:
    """What an import did, or would do: ``is_done`` tells which. Counts are rows."""

    kind: str
    is_done: bool
    n_rows: int
    n_new: int = 0
    n_changed: int = 0
    n_same: int = 0
    n_errors: int = 0
    n_warnings: int = 0
    problems: list[Problem] = field(default_factory=list)  # errors first; at most a thousand

    @property
    def is_sound(self) -> bool:
        """Whether it may be done: no error, and at least one row."""
        return not self.n_errors and self.n_rows > 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def bring_in(
    exchange: Exchange,
    content: bytes,
    name: str,
    *,
    by: str,
    at: datetime,
    is_dry_run: bool,
    map_content: bytes | None = None,
) -> Report:
    """Import a file: everything in one transaction, or nothing when a single row is wrong.

    A dry run does the same and takes it back, so that its counts are the true ones. ``map_content``: GeoJSON with
    boundaries (areas). Raises Invalid (422) when the file itself cannot be read.
    """
    problems = Problems()
    lines = read_lines(read_table(content, name), exchange.columns, problems)
    if not lines and not problems.n_errors:
        problems.error(
            0, "", "文件里没有数据行。请按模板填写。", "The file has no rows. Fill in the template."
        )
    if map_content is not None:
        exchange.take_map(lines, map_content, problems)
    exchange.judge(lines, problems)
    if problems.n_errors:
        return _report(exchange, len(lines), problems)
    try:
        with transaction.atomic():
            counted = exchange.put(lines, by=by, at=at)
            if is_dry_run:
                transaction.set_rollback(True)
    except DomainError as error:
        problems.error(0, str(error.details.get("field", "")), error.zh, error.en)
        return _report(exchange, len(lines), problems)
    finally:
        if is_dry_run:
            forget_everything()
    return _report(exchange, len(lines), problems, is_done=not is_dry_run, **asdict(counted))


def _report(
    exchange: Exchange, n_rows: int, problems: Problems, *, is_done: bool = False, **counts: int
) -> Report:
    return Report(
        exchange.name,
        is_done,
        n_rows,
        n_errors=problems.n_errors,
        n_warnings=problems.n_warnings,
        problems=problems.in_order(),
        **counts,
    )
