"""The table of units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from wangge.kit.words import Text
from wangge.territory.actions import put_units
from wangge.territory.exchange.columns import (
    Choices,
    Column,
    Counted,
    Exchange,
    Line,
    Problems,
    choices_of,
    flag_cell,
    text_cell,
)
from wangge.territory.exchange.judging import columns_of, need_code, need_known, need_values
from wangge.territory.models import Area, AreaLevel, Unit

TEXTS = ("code", "kind", "name_zh", "name_en", "phone", "parent_code", "area_code")
OTHERS = ("level", "is_partner", "is_active")
DEFAULTS = {"level": AreaLevel.COUNTY.value, "is_partner": False, "is_active": True}


class UnitsExchange(Exchange):
    """Units by code; ``unit_kinds`` are the kinds that the catalogue knows."""

    name = "units"
    title = Text("单位", "Units")

    def __init__(self, unit_kinds: Callable[[], Choices]) -> None:
        self.columns = _columns(unit_kinds)

    def judge(self, lines: Sequence[Line], problems: Problems) -> None:
        held = set(Unit.objects.values_list("code", flat=True))
        need_code(lines, self.column("code"), problems)
        is_new = {line.number: line.get("code") not in held for line in lines}
        need_values(lines, self.columns[1:], is_new, problems)
        known = held | {line.get("code") for line in lines}
        need_known(lines, self.column("parent_code"), known, ("上级单位", "parent unit"), problems)
        areas = set(Area.objects.filter(valid_to_on=None).values_list("code", flat=True))
        need_known(lines, self.column("area_code"), areas, ("区域", "area"), problems)

    def put(self, lines: Sequence[Line], *, by: str, at: datetime) -> Counted:
        rows = []
        for line in lines:
            row = columns_of(line, TEXTS, OTHERS)
            rows.append(row | {n: v for n, v in DEFAULTS.items() if n in row and row[n] is None})
        put = put_units(rows, by=by, at=at)
        return Counted(put.n_new, put.n_changed, put.n_same)

    def export(self) -> Iterable[dict[str, Any]]:
        for unit in Unit.objects.select_related("parent", "area").defer("area__boundary").order_by("code"):
            row = {column.name: getattr(unit, column.name, None) for column in self.columns}
            yield row | {
                "parent_code": unit.parent.code if unit.parent else "",
                "area_code": unit.area.code if unit.area else "",
            }


def _columns(unit_kinds: Callable[[], Choices]) -> tuple[Column, ...]:
    return (
        Column("code", "单位代码", "code", text_cell(40), is_required=True, is_code=True, width=18,
               note=Text("自定,不重复;确定后不再改。", "Your own, once each; it stays."),
               examples=("wh-centre", "wh-cg")),
        Column("kind", "单位类型", "kind", is_required=True, choices=unit_kinds, width=28,
               note=Text("职责清单按类型找单位。", "The responsibility list finds units by their kind."),
               examples=("command_centre", "urban_management")),
        Column("level", "层级", "level", choices=lambda: choices_of(AreaLevel.choices), examples=("street", "county")),
        Column("name_zh", "单位名称", "name", text_cell(100), is_required=True, width=30,
               examples=("望海街道联动指挥中心", "望海县综合行政执法局")),
        Column("name_en", "英文名称", "English name", text_cell(120), width=30),
        Column("parent_code", "上级单位代码", "parent", text_cell(40), is_code=True, width=18),
        Column("area_code", "服务区域代码", "area", text_cell(30), is_code=True, width=18, examples=("370999001", "370999"),
               note=Text("它服务的区域;离得最近的同类单位先接单。", "The area it serves; the nearest unit of a kind comes first.")),
        Column("phone", "值班电话", "duty phone", text_cell(40), is_code=True, width=18, examples=("0532-86000000", ""),
               note=Text("值班电话,不填私人号码。", "The duty number, never a private one.")),
        Column("is_partner", "协作单位", "partner", flag_cell, examples=("否", "否"),
               note=Text("物业、业委会、志愿队等填“是”。", "Yes for property companies, volunteers and the like.")),
        Column("is_active", "启用", "in use", flag_cell, examples=("是", "是")),
    )  # fmt: skip
