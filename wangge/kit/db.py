"""Rows by plain SQL, for the hot paths: building an ORM query for a wide row costs more than running it.

Column names and conversions come from the models, so that a new column needs nothing here.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model

Row = TypeVar("Row", bound=Model)


@cache
def fields_of(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    """The columns of a model without its key."""
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


@cache
def field_named(model: type[Model], name: str) -> Field[Any, Any]:
    """The column behind an attribute such as ``lead_unit`` or ``lead_unit_id``."""
    for field in model._meta.concrete_fields:
        if name in (field.name, field.attname):
            return field
    raise AssertionError(f"{model.__name__} has no column {name}")


def as_stored(field: Field[Any, Any], value: Any) -> Any:
    """A column's value as the database takes it."""
    return field.get_db_prep_save(value, connection)


def columns_of(row: Model, *without: str) -> tuple[list[str], list[Any]]:
    """Column names and database values of an unsaved row, without its key and the named columns."""
    wanted = [field for field in fields_of(type(row)) if field.column not in without]
    return [str(f.column) for f in wanted], [as_stored(f, getattr(row, f.attname)) for f in wanted]


def marks(n: int) -> str:
    """``n`` parameter marks: ``%s, %s, %s``."""
    return ", ".join(["%s"] * n)


def insert(row: Model) -> None:
    """Insert an unsaved row and give it its key."""
    columns, values = columns_of(row)
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(len(values))}) RETURNING id", values
        )
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


def assignments(row: Model, names: list[str]) -> tuple[str, list[Any]]:
    """``a = %s, b = %s`` with the values, for an UPDATE of these attributes."""
    fields = [field_named(type(row), name) for name in names]
    values = [as_stored(field, getattr(row, field.attname)) for field in fields]
    return ", ".join(f"{field.column} = %s" for field in fields), values


def update(row: Model, names: list[str]) -> None:
    """Write these attributes of a row."""
    said, values = assignments(row, names)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {said} WHERE id = %s", [*values, row.pk])


def select(model: type[Row], rest: str, values: list[Any]) -> list[Row]:
    """Rows of a model by ``WHERE …`` (and what may follow it)."""
    return list(model._base_manager.raw(f"SELECT * FROM {model._meta.db_table} {rest}", values))
