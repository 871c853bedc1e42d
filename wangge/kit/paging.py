"""Keyset paging: the next page begins after the last row seen, however many rows came or went meanwhile.

    page(Case.objects.visible_to(actor), key=("due_at", "id"), after=request.GET.get("after"))

A ``-`` before a column means downwards. Empty values count as later than all others, as PostgreSQL sorts them.
The last column must be unique. The cursor is opaque to callers but no secret: it holds only sort values of a row
that this caller has seen, and the queryset decides what may be seen.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import OrderBy

from wangge.kit.errors import Invalid

DEFAULT_SIZE, LARGEST_SIZE = 50, 200

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """``next_cursor`` is empty on the last page."""

    items: list[M]
    next_cursor: str


@dataclass(frozen=True)
class Column:
    name: str
    is_downwards: bool

    @property
    def order(self) -> OrderBy:
        return F(self.name).desc() if self.is_downwards else F(self.name).asc()

    def beyond(self, value: Any) -> Q:
        """Rows that come after ``value`` in this column; None sorts as the greatest value."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if self.is_downwards else Q(pk__in=[])
        if self.is_downwards:
            return Q(**{f"{self.name}__lt": value})
        return Q(**{f"{self.name}__gt": value}) | Q(**{f"{self.name}__isnull": True})

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


def page(
    queryset: QuerySet[M], *, key: Sequence[str], after: str | None = None, size: int | None = None
) -> Page[M]:
    """One page of a queryset in the order of ``key``, beginning after the cursor of the page before.

    ``size`` is 1 to 200, 50 when not given. Raises Invalid (422) for a cursor of another list and for a wrong size.
    """
    n_rows = DEFAULT_SIZE if size is None else size
    if not 1 <= n_rows <= LARGEST_SIZE:
        raise Invalid(
            "size",
            f"每页条数须为 1 至 {LARGEST_SIZE}。",
            f"The page size must be 1 to {LARGEST_SIZE}.",
        )
    columns = [Column(name.lstrip("-"), name.startswith("-")) for name in key]
    rows = queryset.order_by(*(column.order for column in columns))
    parts = [rows]
    if after:
        values = values_of(after, columns, key, queryset.model)
        parts = [rows.filter(wanted) for wanted in parts_after(columns, values)]
    items: list[M] = []
    for part in parts:
        if len(items) <= n_rows:
            items += part[: n_rows + 1 - len(items)]
    is_last = len(items) <= n_rows
    items = items[:n_rows]
    return Page(items, "" if is_last else cursor_of(items[-1], columns, key))


def parts_after(columns: list[Column], values: list[Any]) -> list[Q]:
    """What comes after ``values``, as one or two conditions in order, each of which an index can answer.

    First the rows on the same side of "empty or not" of the first column, then (if there is one) the other side.
    """
    first, value = columns[0], values[0]
    is_empty = Q(**{f"{first.name}__isnull": True})
    if value is None:
        here = is_empty & rows_after(columns[1:], values[1:])
        return [here, ~is_empty] if first.is_downwards else [here]
    bound = Q(**{f"{first.name}__{'lte' if first.is_downwards else 'gte'}": value})
    moved = Q(**{f"{first.name}__{'lt' if first.is_downwards else 'gt'}": value})
    here = bound & (moved | (first.same(value) & rows_after(columns[1:], values[1:])))
    return [here] if first.is_downwards else [here, is_empty]


def rows_after(columns: list[Column], values: list[Any]) -> Q:
    """Lexicographic: beyond in the first column, or the same there and beyond in the next, and so on."""
    wanted, same = Q(pk__in=[]), Q()
    for column, value in zip(columns, values, strict=True):
        wanted |= same & column.beyond(value)
        same &= column.same(value)
    return wanted


def cursor_of(row: Model, columns: list[Column], key: Sequence[str]) -> str:
    """The cursor that begins after ``row``."""
    values = [getattr(row, column.name) for column in columns]
    return urlsafe_b64encode(orjson.dumps([list(key), values], default=str)).decode().rstrip("=")


def values_of(cursor: str, columns: list[Column], key: Sequence[str], model: type[Model]) -> list[Any]:
    try:
        given_key, values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if given_key != list(key) or len(values) != len(columns):
            raise ValueError("a cursor of another list")
        return [parsed(model, column.name, value) for column, value in zip(columns, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError) as error:
        raise Invalid(
            "after",
            "翻页位置无效。请从第一页重新开始。",
            "This page position is not valid. Begin again with the first page.",
        ) from error


def parsed(model: type[Model], name: str, value: Any) -> Any:
    """A value of the cursor as the column's type."""
    if isinstance(value, dict | list) or (isinstance(value, str) and "\0" in value):
        raise ValueError("no value of a column")
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return value  # an annotation
    if value is None or not isinstance(field, Field):
        return value
    return field.to_python(value)
