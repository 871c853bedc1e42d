"""The table of buildings with their counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from wangge.kit.errors import Invalid
from wangge.kit.words import Text
from wangge.territory.actions import put_buildings
from wangge.territory.exchange.columns import (
    Column,
    Counted,
    Exchange,
    Line,
    Problems,
    choices_of,
    number_cell,
    text_cell,
    whole_cell,
)
from wangge.territory.exchange.judging import columns_of, need_code, need_known, need_values
from wangge.territory.locator import area_by_id, locate
from wangge.territory.models import Area, Building, Datum
from wangge.territory.position import Position

COLUMNS = (
    Column("code", "楼栋编码", "code", text_cell(40), is_required=True, is_code=True, width=18, examples=("WH-0001",)),
    Column("name_zh", "名称", "name", text_cell(100), examples=("望海花园 1 号楼",), width=24),
    Column("address", "地址", "address", text_cell(200), is_required=True, examples=("长江路 12 号",), width=30),
    Column("area_code", "区域代码", "area", text_cell(30), is_code=True, width=20,
           note=Text("所在网格或微网格;不填则按经纬度判定。", "The grid or micro-grid; empty: found by the position.")),
    Column("lon", "经度", "longitude", number_cell, is_required=True, examples=("120.105",)),
    Column("lat", "纬度", "latitude", number_cell, is_required=True, examples=("35.905",)),
    Column("datum", "坐标系", "datum", choices=lambda: choices_of(Datum.choices),
           note=Text("不填为 WGS-84。高德、腾讯为 GCJ-02,百度为 BD-09。",
                     "Empty: WGS-84. AMap and Tencent use GCJ-02, Baidu BD-09.")),
    Column("n_households", "户数", "households", whole_cell(), examples=("36",)),
    Column("n_people", "人数", "people", whole_cell(), examples=("95",)),
)  # fmt: skip


class BuildingsExchange(Exchange):
    """Buildings by code; without an area the position says which."""

    name = "buildings"
    title = Text("楼栋", "Buildings")
    columns = COLUMNS

    def judge(self, lines: Sequence[Line], problems: Problems) -> None:
        held = set(Building.objects.values_list("code", flat=True))
        need_code(lines, self.column("code"), problems)
        is_new = {line.number: line.get("code") not in held for line in lines}
        need_values(lines, COLUMNS[1:], is_new, problems)
        areas = set(Area.objects.filter(valid_to_on=None).values_list("code", flat=True))
        need_known(lines, self.column("area_code"), areas, ("区域", "area"), problems)
        for line in lines:
            if line.get("lon") is not None and line.get("lat") is not None:
                self._place(line, is_new[line.number], problems)

    def put(self, lines: Sequence[Line], *, by: str, at: datetime) -> Counted:
        rows = []
        for line in lines:
            row = columns_of(line, ("code", "name_zh", "address", "area_code"), ("lon", "lat"))
            row |= {n: line.get(n) or 0 for n in ("n_households", "n_people") if n in line.values}
            rows.append(row)
        put = put_buildings(rows, by=by, at=at)
        return Counted(put.n_new, put.n_changed, put.n_same)

    def export(self) -> Iterable[dict[str, Any]]:
        for building in (
            Building.objects.select_related("area").defer("area__boundary", "outline").order_by("code")
        ):
            row = {column.name: getattr(building, column.name, None) for column in COLUMNS}
            yield row | {"area_code": building.area.code, "datum": None}

    def _place(self, line: Line, is_new: bool, problems: Problems) -> None:
        try:
            place = Position.given(
                line.get("lon"), line.get("lat"), line.get("datum") or "wgs84", source="import"
            )
        except Invalid as error:
            problems.error(line.number, str(error.details.get("field", "")), error.zh, error.en)
            return
        line.values |= {"lon": place.lon, "lat": place.lat}
        is_asked = is_new or "area_code" in line.values
        if is_asked and line.get("area_code") is None and "area_code" not in line.bad:
            found = locate(place.lon, place.lat)
            if found.area_id is None:
                problems.error(
                    line.number,
                    "area_code",
                    "这个位置不在任何区域内。请核对经纬度和坐标系,或填写区域代码。",
                    "This position lies in no area. Check position and datum, or give the area's code.",
                )
            else:
                line.values["area_code"] = area_by_id(found.area_id).code
