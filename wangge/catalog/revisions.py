"""What a catalogue row was at each version: the form in which it is kept, and under which name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Model

from wangge.catalog.models import (
    AssetKind,
    CatalogRevision,
    Category,
    Channel,
    CloseType,
    Ground,
    KeywordRow,
    KnowledgeEntry,
    PolicyRow,
    PolicyVersion,
    Reason,
    ResponsibilityRow,
    UnitKind,
)

KIND_NAMES: dict[type[Model], str] = {
    AssetKind: "asset_kind",
    Category: "category",
    Channel: "channel",
    CloseType: "close_type",
    Ground: "ground",
    KeywordRow: "keyword",
    KnowledgeEntry: "knowledge",
    PolicyRow: "policy_row",
    PolicyVersion: "policy",
    Reason: "reason",
    ResponsibilityRow: "responsibility",
    UnitKind: "unit_kind",
}


def kind_of(row: Model) -> str:
    """The name under which revisions of such a row are kept."""
    return KIND_NAMES[type(row)]


def key_of(row: Model) -> str:
    """What identifies the row among its kind, for people: its code, or what stands in its place."""
    if isinstance(row, Ground):
        return f"{row.kind}/{row.code}"
    if isinstance(row, KeywordRow):
        return f"{row.word}/{row.category_id}"
    if isinstance(row, PolicyVersion):
        return str(row.number)
    return str(getattr(row, "code", "") or row.pk)


def content_of(row: Model) -> dict[str, Any]:
    """Every column of the row in JSON values."""
    return {field.attname: _plain(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def append_revisions(
    rows: Iterable[Model],
    *,
    by: str,
    at: datetime,
    is_shipped: bool = False,
    more: dict[str, Any] | None = None,
) -> list[CatalogRevision]:
    """Keep what these rows are now, in the caller's transaction; one statement for all of them.

    ``more``: what belongs to the row and stands in other tables (the rows of a policy).
    """
    revisions = [
        CatalogRevision(
            kind=kind_of(row),
            code=key_of(row)[:80],
            version=int(getattr(row, "version", 0) or getattr(row, "number", 1)),
            content=content_of(row) | (more or {}),
            is_shipped=is_shipped,
            changed_by=by,
            changed_at=at,
        )
        for row in rows
    ]
    return CatalogRevision.objects.bulk_create(revisions, batch_size=2000)


def keep_first_forms(rows: Sequence[Model], *, at: datetime) -> None:
    """Before the first edit of shipped rows: keep what they were when they were loaded, as their version 1."""
    if not rows:
        return
    keys = [key_of(row)[:80] for row in rows]
    kept = CatalogRevision.objects.filter(kind=kind_of(rows[0]), code__in=keys).values_list("code", flat=True)
    known = set(kept)
    first = [row for row, key in zip(rows, keys, strict=True) if key not in known]
    append_revisions(first, by="随产品附带 shipped", at=at, is_shipped=True)
