"""Rows as plain columns, for the few hot paths that write several tables in one SQL statement."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Model


def columns_of(row: Model, *without: str) -> tuple[list[str], list[Any]]:
    """Column names and database values of an unsaved row, without its key and the named columns."""
    names, values = [], []
    for field in row._meta.concrete_fields:
        if field.primary_key or field.column in without:
            continue
        names.append(field.column)
        values.append(field.get_db_prep_save(getattr(row, field.attname), connection))
    return names, values


def marks(n: int) -> str:
    """``n`` parameter marks: ``%s, %s, %s``."""
    return ", ".join(["%s"] * n)
