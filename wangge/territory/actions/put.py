"""What all actions of territory share: comparing, keeping revisions, refusing in two languages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model

from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Conflict, Invalid
from wangge.territory.models import Area, Building, Post, TerritoryRevision, Unit

Row = TypeVar("Row", bound=Model)
BATCH = 1000


@dataclass
class Put(Generic[Row]):
    """What happened to the rows that were put."""

    new: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    same: list[Row] = field(default_factory=list)

    @property
    def n_new(self) -> int:
        return len(self.new)

    @property
    def n_changed(self) -> int:
        return len(self.changed)

    @property
    def n_same(self) -> int:
        return len(self.same)


def day_of(at: datetime) -> date:
    """The day in Shanghai on which a moment lies."""
    return at.astimezone(SHANGHAI).date()


def differs(row: Model, values: Mapping[str, Any]) -> bool:
    """Whether any column would change."""
    return any(_plain(getattr(row, name)) != _plain(value) for name, value in values.items())


def assign(row: Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def only_known(values: Mapping[str, Any], columns: Iterable[str]) -> None:
    """Programmers' check: a misspelt column is a bug, not a user's mistake."""
    if unknown := set(values) - set(columns):
        raise TypeError(f"unknown columns: {', '.join(sorted(unknown))}")


def keep_revisions(rows: Sequence[Model], verb: str, *, by: str, at: datetime) -> None:
    """Append what the rows are now, in the caller's transaction."""
    TerritoryRevision.objects.bulk_create(
        [
            TerritoryRevision(
                kind=row._meta.model_name or "", object_id=row.pk, code=_code_of(row), verb=verb,
                content=_content_of(row), changed_by=by, changed_at=at,
            )
            for row in rows
        ],
        batch_size=BATCH,
    )  # fmt: skip


def check_texts(values: Mapping[str, Any], names: Mapping[str, tuple[str, str, int]]) -> None:
    """Refuse (422) a required text that is missing, or one that is too long."""
    for name, (zh, en, longest) in names.items():
        text = values.get(name)
        if text is None:
            continue
        if not str(text).strip() and not name.endswith("_en"):
            raise Invalid(name, f"请填写{zh}。", f"Give the {en}.")
        if len(str(text)) > longest:
            raise Invalid(
                name, f"{zh}超过 {longest} 个字。请缩短。", f"The {en} is longer than {longest}. Shorten it."
            )


def taken(code: str, name: str) -> Conflict:
    return Conflict(
        "code_taken",
        f"代码“{code}”已被“{name}”使用。请换一个代码,或修改那一条。",
        f"Code “{code}” is already used. Choose another, or edit the existing one.",
        value=code,
    )


def unknown_code(field_name: str, zh: str, code: str) -> Invalid:
    return Invalid(
        field_name,
        f"{zh}“{code}”不存在或已失效。请先添加,或改正代码。",
        f"There is no {field_name.replace('_', ' ')} “{code}” in force. Add it first, or correct the code.",
        value=code,
    )


def _code_of(row: Model) -> str:
    if isinstance(row, Area | Unit | Building):
        return row.code
    return f"{row.user_id}/{row.role}" if isinstance(row, Post) else ""


def _content_of(row: Model) -> dict[str, Any]:
    return {field.attname: _json(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def _json(value: Any) -> Any:
    if isinstance(value, bytes | memoryview | bytearray):
        return f"sha256:{hashlib.sha256(bytes(value)).hexdigest()}"
    return value.isoformat() if isinstance(value, date) else value


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview | bytearray) else value
