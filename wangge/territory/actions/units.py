"""Units: departments, stations, offices, partners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from wangge.kit.errors import Conflict, Invalid, NotFound
from wangge.territory.actions.put import (
    BATCH,
    Put,
    assign,
    check_texts,
    differs,
    keep_revisions,
    only_known,
    taken,
    unknown_code,
)
from wangge.territory.changes import changed
from wangge.territory.models import Area, AreaLevel, Unit

COLUMNS = (
    "code", "kind", "level", "name_zh", "name_en", "parent_code", "area_code", "phone", "is_partner", "is_active",
)  # fmt: skip
TEXTS = {
    "code": ("单位代码", "code", 40), "kind": ("单位类型", "kind", 40), "name_zh": ("单位名称", "name", 100),
    "name_en": ("英文名称", "English name", 120),
}  # fmt: skip


def create_unit(*, by: str, at: datetime, **values: Any) -> Unit:
    """Add one unit; ``values`` as for :func:`put_units` (``code``, ``kind``, ``name_zh`` at least)."""
    held = Unit.objects.filter(code=values.get("code")).first()
    if held is not None:
        raise taken(held.code, held.name_zh)
    return put_units([values], by=by, at=at).new[0]


def update_unit(unit_id: int, *, by: str, at: datetime, **values: Any) -> Unit:
    """Change a unit; ``is_active=False`` ends it (cases that it handled keep it). The code stays."""
    code = Unit.objects.filter(pk=unit_id).values_list("code", flat=True).first()
    if code is None:
        raise NotFound()
    put_units([values | {"code": code}], by=by, at=at)
    return Unit.objects.get(pk=unit_id)


@transaction.atomic
def put_units(rows: Iterable[Mapping[str, Any]], *, by: str, at: datetime) -> Put[Unit]:
    """Add or change many units, found by ``code``; parents may stand in the same rows.

    Keys: ``code``, ``kind`` (a code of the unit kinds), ``name_zh`` (needed for a new one), ``name_en``, ``level``,
    ``parent_code``, ``area_code`` ("" for none), ``phone`` (the duty number, never a private one), ``is_partner``,
    ``is_active``. A key that is left out stays as it is.
    """
    changed("units")
    given = [dict(row) for row in rows]
    for row in given:
        only_known(row, COLUMNS)
        check_texts(row, TEXTS)
        if row.get("level", AreaLevel.COUNTY) not in AreaLevel.values:
            raise Invalid("level", f"层级“{row['level']}”不认识。", f"Unknown level “{row['level']}”.")
    held = {unit.code: unit for unit in Unit.objects.select_for_update().order_by("pk")}
    areas = _area_ids(given)
    result: Put[Unit] = Put()
    _add_and_change(given, held, areas, result)
    _set_parents(given, held, result)
    keep_revisions(result.new, "created", by=by, at=at)
    keep_revisions(result.changed, "changed", by=by, at=at)
    return result


def _add_and_change(
    given: list[dict[str, Any]], held: dict[str, Unit], areas: Mapping[str, int], result: Put[Unit]
) -> None:
    for row in given:
        columns = {name: value for name, value in row.items() if name not in ("parent_code", "area_code")}
        if "area_code" in row:
            columns["area_id"] = areas[row["area_code"]] if row["area_code"] else None
        unit = held.get(row["code"])
        if unit is None:
            for needed in ("kind", "name_zh"):
                check_texts({needed: columns.get(needed, "")}, TEXTS)
            held[row["code"]] = Unit(**columns)
            result.new.append(held[row["code"]])
        elif differs(unit, columns):
            assign(unit, columns)
            result.changed.append(unit)
        else:
            result.same.append(unit)
    Unit.objects.bulk_create(result.new, batch_size=BATCH)
    if result.changed:
        names = [field.name for field in Unit._meta.concrete_fields if field.name != "id"]
        Unit.objects.bulk_update(result.changed, names, batch_size=BATCH)


def _set_parents(given: list[dict[str, Any]], held: Mapping[str, Unit], result: Put[Unit]) -> None:
    moved: list[Unit] = []
    for row in given:
        if "parent_code" not in row:
            continue
        unit, code = held[row["code"]], row["parent_code"]
        if code and code not in held:
            raise unknown_code("parent_code", "上级单位", code)
        parent_id = held[code].pk if code else None
        if unit.parent_id != parent_id:
            unit.parent_id = parent_id
            moved.append(unit)
            if unit in result.same:
                result.same.remove(unit)
                result.changed.append(unit)
    by_id = {unit.pk: unit for unit in held.values()}
    for unit in moved:
        _refuse_loop(unit, by_id)
    Unit.objects.bulk_update(moved, ["parent"], batch_size=BATCH)


def _refuse_loop(unit: Unit, by_id: Mapping[int, Unit]) -> None:
    seen, up = {unit.pk}, unit.parent_id
    while up is not None:
        if up in seen:
            raise Conflict(
                "unit_loop",
                f"“{unit.name_zh}”不能放在自己的下级之下。请核对上级单位。",
                f"Unit “{unit.code}” cannot stand below itself. Check the parent.",
            )
        seen.add(up)
        up = by_id[up].parent_id


def _area_ids(given: list[dict[str, Any]]) -> dict[str, int]:
    codes = {row["area_code"] for row in given if row.get("area_code")}
    found = dict(Area.objects.filter(code__in=codes, valid_to_on=None).values_list("code", "pk"))
    for code in codes - found.keys():
        raise unknown_code("area_code", "区域", code)
    return found
