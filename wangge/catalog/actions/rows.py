"""Rows of the catalogue: added, edited, retired; never deleted, because old cases point at them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils import translation

from wangge.catalog.actions.references import check_references, check_still_needed
from wangge.catalog.models import (
    AssetKind,
    Category,
    Channel,
    CloseType,
    Ground,
    KeywordRow,
    KnowledgeEntry,
    Reason,
    ResponsibilityRow,
    UnitKind,
)
from wangge.catalog.revisions import append_revisions, keep_first_forms
from wangge.kit.errors import Conflict, Invalid, NotFound
from wangge.territory.changes import changed
from wangge.territory.models import Area, AreaLevel, Unit

EDITABLE: tuple[type[models.Model], ...] = (
    AssetKind, Category, Channel, CloseType, Ground, KeywordRow, KnowledgeEntry, Reason, ResponsibilityRow, UnitKind,
)  # fmt: skip
FIXED = {"id", "version"}
IDENTITY = {"code", "kind"}  # what a row means never changes; a new meaning is a new row

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def add_row(model: type[Row], values: Mapping[str, Any], *, by: str, at: datetime) -> Row:
    """Add a row of the catalogue; raises Invalid (422) for a bad value, Conflict (409) for a dangling reference."""
    row = model()
    _set(row, values)
    _check(row)
    row.save(force_insert=True)
    _keep(row, by, at)
    return row


@transaction.atomic
def edit_row(
    row: Row, changes: Mapping[str, Any], *, by: str, at: datetime, version: int | None = None
) -> Row:
    """Change columns of a row: its version rises by one and the new form is kept under it.

    ``version``: the version that the editor saw; Conflict (409) when somebody else was faster. An edit that
    changes nothing raises no version. ``code`` never changes.
    """
    model = type(row)
    locked = model._default_manager.select_for_update().filter(pk=row.pk).first()
    if locked is None:
        raise NotFound()
    held: int = locked.version  # type: ignore[attr-defined]
    if version is not None and version != held:
        raise Conflict(
            "version",
            f"别人刚刚改过这一行(现在是第 {held} 版)。请刷新后再改。",
            f"Somebody else has just changed this row (it is version {held} now). Refresh and edit again.",
            version=held,
        )
    before = {name: getattr(locked, name) for name in changes if hasattr(locked, name)}
    _refuse_new_identity(locked, changes)
    original = copy(locked)
    _set(locked, changes)
    if before and all(getattr(locked, name) == value for name, value in before.items()):
        return locked
    _check(locked)
    if before.get("is_active") and not locked.is_active:  # type: ignore[attr-defined]
        check_still_needed(locked)
    keep_first_forms([original], at=at)
    locked.version = held + 1  # type: ignore[attr-defined]
    locked.save()
    _keep(locked, by, at)
    return locked


def retire_row(row: Row, *, by: str, at: datetime) -> Row:
    """Take a row out of use; cases that point at it keep it."""
    return edit_row(row, {"is_active": False}, by=by, at=at)


def propose_responsibility(
    *,
    category: Category,
    lead_unit: Unit,
    by: str,
    at: datetime,
    area: Area | None = None,
    level: str = AreaLevel.STREET,
    legal_basis: str = "",
    note: str = "",
) -> ResponsibilityRow:
    """A ruling on disputed responsibility becomes a proposed row; it counts once somebody adopts it."""
    values = {
        "category": category, "area": area, "lead_unit": lead_unit, "lead_kind": lead_unit.kind, "level": level,
        "legal_basis": legal_basis, "note": note, "source": "裁定 ruling", "is_proposed": True,
    }  # fmt: skip
    return add_row(ResponsibilityRow, values, by=by, at=at)


def adopt_responsibility(row: ResponsibilityRow, *, by: str, at: datetime) -> ResponsibilityRow:
    """A proposed row of the responsibility list becomes valid."""
    return edit_row(row, {"is_proposed": False}, by=by, at=at)


def _refuse_new_identity(row: models.Model, changes: Mapping[str, Any]) -> None:
    for name in IDENTITY & changes.keys():
        if hasattr(row, name) and getattr(row, name) != changes[name]:
            raise Conflict(
                "identity",
                f"代码“{getattr(row, name)}”不能改:旧案件按它查找。请停用此行,另建新行。",
                f"The code “{getattr(row, name)}” cannot change: old cases refer to it. Retire this row and add another.",
                field=name,
            )


def _set(row: models.Model, values: Mapping[str, Any]) -> None:
    if not isinstance(row, EDITABLE):
        raise TypeError(f"{type(row).__name__} is not an editable catalogue row")
    names = {field.name for field in row._meta.concrete_fields}
    names |= {field.attname for field in row._meta.concrete_fields}
    for name, value in values.items():
        if name not in names or name in FIXED:
            raise Invalid(
                name, f"没有“{name}”这一栏,或不能修改。", f"There is no column {name} that can be edited."
            )
        setattr(row, name, value)


def _check(row: models.Model) -> None:
    check_fields(row)
    check_references(row)


def check_fields(row: models.Model) -> None:
    """Django's own checks of a row (required, choices, lengths, unique), as a refusal in two languages."""
    try:
        unset = {f.name for f in row._meta.concrete_fields if f.null and getattr(row, f.attname) is None}
        row.full_clean(exclude=unset)
    except ValidationError as error:
        field = next(iter(error.message_dict))
        with translation.override("zh-hans"):
            zh = "".join(str(m) for m in error.message_dict[field])
        with translation.override("en"):
            en = " ".join(str(m) for m in error.message_dict[field])
        label = "" if field == NON_FIELD_ERRORS else _label(row, field)
        raise Invalid(
            "" if field == NON_FIELD_ERRORS else field,
            f"“{label}”填写有误:{zh}请改正后再保存。" if label else f"{zh}请改正后再保存。",
            f"{field}: {en} Correct it and save again." if label else f"{en} Correct it and save again.",
        ) from error


def _label(row: models.Model, field: str) -> str:
    return str(getattr(row._meta.get_field(field), "verbose_name", field))


def _keep(row: models.Model, by: str, at: datetime) -> None:
    append_revisions([row], by=by, at=at)
    changed("keywords" if isinstance(row, KeywordRow) else "catalog")
    if isinstance(row, Category):
        changed("keywords")
