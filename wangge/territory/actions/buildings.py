"""Buildings, which carry the counts of households and people until the register exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from wangge.kit.errors import Conflict, Invalid
from wangge.kit.geo import check_lonlat
from wangge.territory.actions.put import (
    BATCH,
    Put,
    assign,
    check_texts,
    differs,
    keep_revisions,
    only_known,
    unknown_code,
)
from wangge.territory.models import Area, Building

COLUMNS = ("code", "name_zh", "address", "area_code", "lon", "lat", "outline", "n_households", "n_people")
TEXTS = {"code": ("楼栋编码", "code", 40), "address": ("地址", "address", 200)}


@transaction.atomic
def put_buildings(rows: Iterable[Mapping[str, Any]], *, by: str, at: datetime) -> Put[Building]:
    """Add or change many buildings, found by ``code``.

    Keys: ``code``, ``address``, ``area_code``, ``lon``, ``lat`` (WGS-84; needed for a new one), ``name_zh``,
    ``outline`` (WKB), ``n_households``, ``n_people``. A key that is left out stays as it is.
    """
    given = [dict(row) for row in rows]
    codes = [row["code"] for row in given]
    if len(set(codes)) < len(codes):
        raise Conflict(
            "code_twice", "楼栋编码重复。请去掉重复的行。", "A building code is given twice. Remove one."
        )
    areas = _area_ids(given)
    held = {
        building.code: building for building in Building.objects.select_for_update().filter(code__in=codes)
    }
    result: Put[Building] = Put()
    for row in given:
        columns = _columns(row, areas)
        building = held.get(row["code"])
        if building is None:
            _refuse_incomplete(columns)
            result.new.append(Building(**columns))
        elif differs(building, columns):
            assign(building, columns)
            result.changed.append(building)
        else:
            result.same.append(building)
    Building.objects.bulk_create(result.new, batch_size=BATCH)
    if result.changed:
        names = [field.name for field in Building._meta.concrete_fields if field.name != "id"]
        Building.objects.bulk_update(result.changed, names, batch_size=BATCH)
    keep_revisions(result.new, "created", by=by, at=at)
    keep_revisions(result.changed, "changed", by=by, at=at)
    return result


def _columns(row: Mapping[str, Any], areas: Mapping[str, int]) -> dict[str, Any]:
    only_known(row, COLUMNS)
    check_texts(row, TEXTS)
    columns = {name: value for name, value in row.items() if name != "area_code"}
    if "area_code" in row:
        columns["area_id"] = areas[row["area_code"]]
    if "lon" in row or "lat" in row:
        columns["lon"], columns["lat"] = check_lonlat(row.get("lon"), row.get("lat"))
    return columns


def _refuse_incomplete(columns: Mapping[str, Any]) -> None:
    for name, zh in (("address", "地址"), ("area_id", "所在区域"), ("lon", "经纬度")):
        if columns.get(name) in (None, ""):
            raise Invalid(name, f"新楼栋须有{zh}。", f"A new building needs its {name.removesuffix('_id')}.")


def _area_ids(given: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    codes = {str(row["area_code"] or "") for row in given if "area_code" in row}
    found = dict(Area.objects.filter(code__in=codes, valid_to_on=None).values_list("code", "pk"))
    for code in codes - found.keys():
        raise unknown_code("area_code", "区域", code)
    return found
