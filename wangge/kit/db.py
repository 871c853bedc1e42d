"""Rows by plain SQL, for the hot paths: building an ORM query for a wide row costs more than running it.

Column names and conversions come from the models, so that a new column needs nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Field, Model
from django.db.models.base import ModelState
from psycopg.sql import Literal
from psycopg.types.json import Json

from wangge.kit.database.base import DatabaseWrapper

Row = TypeVar("Row", bound=Model)


# --- unsaved rows ------------------------------------------------------------------------------------------


@cache
def blank_of(model: type[Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """The defaults of all columns by attribute, in the model's order; and those that are made for each row."""
    fields = model._meta.concrete_fields
    made = [(f.attname, f.default) for f in fields if f.has_default() and callable(f.default)]
    return {f.attname: f.get_default() for f in fields}, made


def fresh(model: type[Row], **given: Any) -> Row:
    """``model(**given)`` at a tenth of the cost; by attribute (``area_id``, never ``area``), without init signals."""
    blank, made = blank_of(model)
    row = model.__new__(model)
    row._state = ModelState()
    values = row.__dict__
    values.update(blank)
    for name, make in made:
        values[name] = make()
    n_values = len(values)
    values.update(given)
    if len(values) != n_values:
        raise TypeError(f"{model.__name__} has no {', '.join(given.keys() - blank.keys())}")
    return row


# --- statements that are planned once ----------------------------------------------------------------------
# A statement whose text never changes is planned once for each connection (docs/benchmarks.md says what that saves).
# So a row comes as one parameter, a JSON object by column; orjson writes it faster than fifty parameters are bound.


def planned(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement of a fixed text that returns rows."""
    with cast(DatabaseWrapper, connection).planned_cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def as_json(value: Any) -> bytes:
    """JSON as the database's columns read it: moments as ISO 8601, bytes as hexadecimal."""
    return orjson.dumps(value, default=_hexadecimal)


def _hexadecimal(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"\\x{bytes(value).hex()}"
    raise TypeError(f"{type(value).__name__} is no column's value")


class Told:
    """Inserting rows of a model: ``told`` names the columns that come as JSON, all others have their default."""

    def __init__(self, model: type[Model], *told: str) -> None:
        self.model = model
        self.told = told
        self._untold = {name: value for name, value in blank_of(model)[0].items() if name not in told}

    def insert_one(self, source: str = "", **said: str) -> str:
        """``INSERT INTO … SELECT …`` for :meth:`row`; ``said``: columns as SQL over ``source``."""
        return self._insert(f"{source} json_to_record(%s)", said)

    def insert_many(self, source: str = "", **said: str) -> str:
        """The same for :meth:`rows`."""
        return self._insert(f"{source} json_to_recordset(%s)", said)

    def row(self, row: Model) -> Json:
        """The parameter for an unsaved row. Raises when it holds something in a column that is not told."""
        return Json(self._values(row), dumps=as_json)

    def rows(self, *rows: Model) -> Json:
        """The parameter for several."""
        return Json([self._values(row) for row in rows], dumps=as_json)

    def _insert(self, source: str, said: dict[str, str]) -> str:
        columns: dict[str, str] = {}
        for field in fields_of(self.model):
            name = str(field.column)
            if name in said:
                columns[name] = said[name]
            elif name in self.told:
                columns[name] = name
            elif field.has_db_default():
                continue
            elif (default := field.get_db_prep_save(field.get_default(), connection)) is not None:
                columns[name] = Literal(default).as_string()
        types = {str(field.column): field.db_type(connection) for field in fields_of(self.model)}
        shape = ", ".join(f"{name} {types[name]}" for name in self.told)
        return (
            f"INSERT INTO {self.model._meta.db_table} ({', '.join(columns)}) "
            f"SELECT {', '.join(columns.values())} FROM {source} AS told({shape})"
        )

    def _values(self, row: Model) -> dict[str, Any]:
        values = row.__dict__
        for name, default in self._untold.items():
            if values[name] != default:
                raise AssertionError(f"{self.model.__name__}.{name} is not told")
        return {name: values[name] for name in self.told}


class Changing:
    """Changing rows of a model, in any of its columns but the ``fixed`` ones, by one statement."""

    def __init__(self, model: type[Model], *fixed: str) -> None:
        self.names = {str(field.column) for field in fields_of(model)} - set(fixed)
        columns = ", ".join(sorted(self.names))
        table = model._meta.db_table
        self.update = f"UPDATE {table} SET ({columns}) = (SELECT {columns} FROM json_populate_record({table}, %s) AS told) WHERE id = %s"

    def values(self, row: Model, names: Iterable[str]) -> list[Any]:
        """The parameters of ``update`` for these attributes of a row."""
        changed = {name: row.__dict__[name] for name in names}
        if not changed.keys() <= self.names:
            raise AssertionError(f"{type(row).__name__}: {changed.keys() - self.names} never change")
        return [Json(changed, dumps=as_json), row.pk]


# --- rows --------------------------------------------------------------------------------------------------


@cache
def fields_of(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    """The columns of a model without its key."""
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


@cache
def told_whole(model: type[Model]) -> tuple[Told, str]:
    """All columns of a model, and the statement that inserts a row."""
    told = Told(model, *(str(field.column) for field in fields_of(model) if not field.has_db_default()))
    return told, f"{told.insert_one()} RETURNING id"


@cache
def changing(model: type[Model]) -> Changing:
    return Changing(model)


@cache
def read_fields(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    """The columns that are read here: all but those in the model's ``UNREAD``, which only queries use."""
    unread = getattr(model, "UNREAD", ())
    return tuple(field for field in model._meta.concrete_fields if field.name not in unread)


@cache
def reading(model: type[Model]) -> tuple[str, list[str], list[tuple[str, Callable[..., Any]]]]:
    """The columns to select, their attributes, and those that Django converts (JSON)."""
    fields = read_fields(model)
    converted = [(f.attname, f.from_db_value) for f in fields if hasattr(f, "from_db_value")]
    return ", ".join(str(f.column) for f in fields), [f.attname for f in fields], converted


def insert(row: Model) -> None:
    """Insert an unsaved row and give it its key."""
    told, statement = told_whole(type(row))
    ((row.pk,),) = planned(statement, [told.row(row)])
    row._state.adding, row._state.db = False, connection.alias


def update(row: Model, names: Iterable[str]) -> None:
    """Write these attributes (``unit_id``, never ``unit``) of a row."""
    change = changing(type(row))
    planned(f"{change.update} RETURNING id", change.values(row, names))


def select(model: type[Row], rest: str, values: Sequence[Any]) -> list[Row]:
    """Rows of a model by ``WHERE …`` (and what may follow it)."""
    columns, names, converted = reading(model)
    rows = []
    for found in planned(f"SELECT {columns} FROM {model._meta.db_table} {rest}", values):
        row = read_row(model, zip(names, found, strict=True))
        held = row.__dict__
        for name, convert in converted:
            held[name] = convert(held[name], None, connection)
        rows.append(row)
    return rows


def read_row(model: type[Row], values: Iterable[tuple[str, Any]]) -> Row:
    """A row of these values by attribute, as if the ORM had read it."""
    row = model.__new__(model)
    row._state = ModelState()
    row._state.adding, row._state.db = False, connection.alias
    row.__dict__.update(values)
    return row


# --- rows of several tables at once ------------------------------------------------------------------------

Wanted = tuple[type[Model], str]
AS_IN_JSON = frozenset(
    {"BigAutoField", "BigIntegerField", "BooleanField", "CharField", "IntegerField", "JSONField", "PositiveBigIntegerField",
     "PositiveIntegerField", "PositiveSmallIntegerField", "SmallIntegerField", "TextField"}
)  # fmt: skip
FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "DateTimeField": datetime.fromisoformat, "DateField": date.fromisoformat, "UUIDField": UUID, "FloatField": float,
    "BinaryField": lambda value: bytes.fromhex(value.removeprefix("\\x")),
}  # fmt: skip


@cache
def from_json(model: type[Model]) -> tuple[list[str], list[tuple[int, Callable[[Any], Any]]]]:
    """The attributes of a row that comes as a JSON array, and how its values are made of what JSON knows.

    Raises KeyError for a kind of column that was never read this way.
    """
    kinds = [getattr(field, "target_field", field).get_internal_type() for field in read_fields(model)]
    makers = [(n, FROM_JSON[kind]) for n, kind in enumerate(kinds) if kind not in AS_IN_JSON]
    return [field.attname for field in read_fields(model)], makers


@cache
def together_statement(wanted: tuple[Wanted, ...]) -> str:
    parts = [
        f"(SELECT json_agg(json_build_array({reading(model)[0]})) FROM (SELECT * FROM {model._meta.db_table} {rest}) AS r)::text"
        for model, rest in wanted
    ]
    return f"SELECT {', '.join(parts)}"


def together(wanted: tuple[Wanted, ...], values: Sequence[Any]) -> list[list[Any]]:
    """Rows of several models, each by its ``WHERE …`` as in :func:`select`, in one round trip and one plan.

    ``values``: those of all conditions, in their order. Five tables cost what two cost by themselves.
    """
    (found,) = planned(together_statement(wanted), values)
    return [
        rows_of_json(model, orjson.loads(text)) if text else []
        for (model, _), text in zip(wanted, found, strict=True)
    ]


def rows_of_json(model: type[Row], found: Iterable[list[Any]]) -> list[Row]:
    names, makers = from_json(model)
    rows = []
    for values in found:
        for n, make in makers:
            if values[n] is not None:
                values[n] = make(values[n])
        rows.append(read_row(model, zip(names, values, strict=True)))
    return rows
