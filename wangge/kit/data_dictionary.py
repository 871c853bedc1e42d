"""The data dictionary: what each table and column means, its unit, how private it is and how long it is kept.

It is said once, beside the models, in two tables of each feature's folder that a spreadsheet opens:

``columns.csv``    table,column,zh,en,unit,class,retention. A row without a column tells what the table is for and
                   how its rows are kept; ``catalog_*`` speaks for every table of that name. A column without a
                   retention of its own is kept as its table is. Tables of libraries need only the row without a column.
``retention.csv``  code,zh,en,after,sweep. ``after`` names the constant (``module:NAME``) whose value fills
                   ``{after}``, ``sweep`` the periodic work of ``wangge/wiring.py`` that deletes.

The columns themselves, their types and stored values come from the models. ``faults`` names what does not agree.
"""

from __future__ import annotations

import csv
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeAlias

from django.apps import apps
from django.db import connection, models

from wangge.kit.words import Text

COLUMNS = "columns.csv"
RETENTION = "retention.csv"
COLUMN_TITLES = ["table", "column", "zh", "en", "unit", "class", "retention"]
RETENTION_TITLES = ["code", "zh", "en", "after", "sweep"]

# 参照 · after: GB/T 43697-2024 附录 H(一般数据分级参考)、个人信息保护法第四条和第二十八条、GB/T 35273-2020
CLASSES: dict[str, Text] = {
    "L1": Text("公开:可以对社会公布", "public: may be published"),
    "L2": Text("内部:工作数据,不指向自然人", "internal: of the work, not about a natural person"),
    "L3": Text(
        "个人信息:能识别自然人,或记录其言行和位置",
        "personal information: tells who somebody is, what they said or did, or where",
    ),
    "L4": Text(
        "敏感:泄露会直接伤害个人或使人冒用身份",
        "sensitive: known to the wrong person it harms somebody, or lets another act in their name",
    ),
}
AnyField: TypeAlias = "models.Field[Any, Any]"
NUMBERS = (models.IntegerField, models.FloatField, models.DecimalField)
ID = Text("内部编号", "internal number")


@dataclass(frozen=True)
class Retention:
    """How long, from when, by which sweep; ``sweep`` is empty when nothing is deleted by itself."""

    code: str
    told: Text
    sweep: str


@dataclass(frozen=True)
class Written:
    """One row of a ``columns.csv``."""

    file: str
    table: str
    column: str
    told: Text
    unit: str
    privacy: str
    retention: str


class Told:
    """Rows by table and column; the row of exactly this table goes before one with a star."""

    def __init__(self, rows: list[Written]) -> None:
        self.exact = {(row.table, row.column): row for row in rows}
        self.starred = [row for row in rows if "*" in row.table]

    def row(self, table: str, column: str) -> Written | None:
        fitting = (r for r in self.starred if r.column == column and fnmatchcase(table, r.table))
        return self.exact.get((table, column)) or next(fitting, None)


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    is_null: bool
    values: tuple[str, ...]
    told: Text
    unit: str
    privacy: str
    retention: str


@dataclass(frozen=True)
class Table:
    """``columns`` is empty for a table of a library."""

    name: str
    told: Text
    privacy: str
    retention: str
    columns: tuple[Column, ...]


def tables() -> list[Table]:
    """Every table of the database, our own first. Raises LookupError when ``faults`` would name something."""
    rows = written()
    found = faults(rows)
    if found:
        raise LookupError("\n".join(found))
    told = Told(rows)
    return [table_of(model, told) for model in [*own_models(), *library_models()]]


def retentions() -> dict[str, Retention]:
    """The periods by their code."""
    found = {}
    for folder in folders():
        for row in read(folder / RETENTION, RETENTION_TITLES):
            after = spoken_period(row["after"]) if row["after"] else Text("", "")
            told = Text(row["zh"].replace("{after}", after.zh), row["en"].replace("{after}", after.en))
            found[row["code"]] = Retention(row["code"], told, row["sweep"])
    return found


def faults(rows: list[Written]) -> list[str]:
    """What is missing, gone or unclear in these rows, each with the file and the line to write."""
    periods, told = retentions(), Told(rows)
    found = [fault for row in rows for fault in faults_of(row, periods)]
    used = set()
    for model in [*own_models(), *library_models()]:
        name, file = model._meta.db_table, place_of(model)
        for field in [None, *described_fields(model)]:
            column = str(field.column) if field else ""
            row = told.row(name, column)
            if row is None:
                what = f"{name}.{column}" if column else f"{name} (the table itself)"
                found.append(
                    f"{what} is not described: add `{name},{column},<中文>,<English>,<unit>,<class>,` to {file}"
                )
                continue
            used.add(row)
            if field and isinstance(field, NUMBERS) and field.remote_field is None and not row.unit:
                found.append(f"{row.file}: {name}.{column}: a number needs its unit")
    return found + [
        f"{r.file}: {r.table}.{r.column} is no longer there: take it out" for r in rows if r not in used
    ]


def faults_of(row: Written, periods: dict[str, Retention]) -> Iterator[str]:
    where = f"{row.file}: {row.table}.{row.column or '(table)'}"
    if not row.told.zh or not row.told.en:
        yield f"{where}: the meaning is needed in Chinese and in English"
    if row.privacy not in CLASSES and (row.column or row.privacy):
        yield f"{where}: class is one of {', '.join(CLASSES)}, not {row.privacy!r}"
    if row.retention not in periods and (row.retention or not row.column):
        yield f"{where}: retention is one of {', '.join(periods)} (or a new row of a {RETENTION}), not {row.retention!r}"


def table_of(model: type[models.Model], told: Told) -> Table:
    name = model._meta.db_table
    row = told.row(name, "")
    assert row is not None
    columns = tuple(column_of(field, name, row.retention, told) for field in own_fields(model))
    privacy = row.privacy or max((column.privacy for column in columns), default="L2")
    return Table(name, row.told, privacy, row.retention, columns)


def column_of(field: AnyField, table: str, kept: str, told: Told) -> Column:
    column = str(field.column)
    kind = str(field.db_type(connection))
    values = tuple(str(value) for value, _ in field.flatchoices if value != "")
    if is_plain_id(field):
        return Column(column, kind, False, (), ID, "", "L2", kept)
    row = told.row(table, column)
    assert row is not None
    unit = row.unit or own_unit(field)
    return Column(column, kind, field.null, values, row.told, unit, row.privacy, row.retention or kept)


def own_unit(field: AnyField) -> str:
    """What the type itself says."""
    if field.remote_field is not None:
        return f"→ {field.related_model._meta.db_table}"  # type: ignore[union-attr]
    if isinstance(field, models.DateTimeField):
        return "UTC"
    return "日 day" if isinstance(field, models.DateField) else ""


def own_models() -> list[type[models.Model]]:
    return [model for model in all_models() if model.__module__.startswith("wangge.")]


def library_models() -> list[type[models.Model]]:
    return [model for model in all_models() if not model.__module__.startswith("wangge.")]


def all_models() -> list[type[models.Model]]:
    return list(apps.get_models(include_auto_created=True))


def own_fields(model: type[models.Model]) -> list[AnyField]:
    return list(model._meta.local_fields) if model.__module__.startswith("wangge.") else []


def described_fields(model: type[models.Model]) -> list[AnyField]:
    """The columns that need a row: all but plain numbers of rows."""
    return [field for field in own_fields(model) if not is_plain_id(field)]


def is_plain_id(field: AnyField) -> bool:
    return isinstance(field, models.AutoField | models.BigAutoField) and field.primary_key


def folders() -> list[Path]:
    """The folders of our features, the kit first."""
    configs = [config for config in apps.get_app_configs() if config.name.startswith("wangge.")]
    return [folder for config in configs if (folder := Path(config.path)).joinpath(COLUMNS).exists()]


def place_of(model: type[models.Model]) -> str:
    feature = model._meta.app_label if model.__module__.startswith("wangge.") else "accounts"
    return f"wangge/{feature}/{COLUMNS}"


def written() -> list[Written]:
    return [
        Written(
            f"wangge/{folder.name}/{COLUMNS}", row["table"], row["column"], Text(row["zh"], row["en"]),
            row["unit"], row["class"], row["retention"],
        )
        for folder in folders()
        for row in read(folder / COLUMNS, COLUMN_TITLES)
    ]  # fmt: skip


def read(path: Path, titles: list[str]) -> list[dict[str, str]]:
    """Raises LookupError when a file has other columns or a row has too few."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    if reader.fieldnames != titles:
        raise LookupError(f"{path}: the first line must be {','.join(titles)}")
    for row in rows:
        if None in row or None in row.values():
            raise LookupError(f"{path}: {list(row.values())} does not have {len(titles)} cells")
    return rows


def spoken_period(constant: str) -> Text:
    """``wangge.kit.idempotency:KEPT`` → 48 小时 · 48 hours; whole numbers are days."""
    module, _, name = constant.partition(":")
    value = getattr(importlib.import_module(module), name)
    period = value if isinstance(value, timedelta) else timedelta(days=value)
    hours = period // timedelta(hours=1)
    if hours % 24 or hours <= 48:
        return Text(f"{hours} 小时", f"{hours} hours")
    return Text(f"{hours // 24} 天", f"{hours // 24} days")
