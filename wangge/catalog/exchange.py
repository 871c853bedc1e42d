"""Tables of the catalogue: categories and the responsibility list, through the catalogue's actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wangge.catalog import queries
from wangge.catalog.actions import add_row, edit_row
from wangge.catalog.models import CaseKind, Category, Duty, ResponsibilityRow, Sensitivity, Tier, Urgency
from wangge.kit.words import Text
from wangge.territory.exchange.columns import (
    Choices,
    Column,
    Counted,
    Exchange,
    Line,
    Problems,
    choices_of,
    flag_cell,
    list_cell,
    text_cell,
)
from wangge.territory.exchange.judging import columns_of, need_code, need_known, need_values
from wangge.territory.models import Area, AreaLevel, Unit


def unit_kind_choices() -> Choices:
    """Unit kinds in use, for drop-down lists."""
    return {
        code: Text(kind.name_zh, kind.name_en or kind.name_zh) for code, kind in queries.unit_kinds().items()
    }


def category_choices() -> Choices:
    """All categories in use."""
    found = Category.objects.filter(is_active=True).order_by("code")
    return {row.code: Text(row.name_zh, row.name_en or row.name_zh) for row in found}


def _flag(name: str, zh: str, en: str, note: Text | None = None) -> Column:
    return Column(name, zh, en, flag_cell, note=note or Text("是或否。", "Yes or no."))


def _chosen(name: str, zh: str, en: str, choices: Callable[[], Choices]) -> Column:
    return Column(
        name, zh, en, choices=choices, note=Text("从列表中选择。", "Choose from the list."), width=16
    )


CATEGORY_COLUMNS = (
    Column("code", "类别代码", "code", text_cell(40), is_required=True, is_code=True, width=12, examples=("2150",),
           note=Text("城市管理为 2 + 2 位数字;本地新增用 21 开头。", "City management: 2 + 2 digits; local ones begin with 21.")),
    Column("parent_code", "上级代码", "parent", text_cell(40), is_code=True, width=12, examples=("21",),
           note=Text("八个根类别留空。", "Empty for the eight roots.")),
    Column("name_zh", "名称", "name", text_cell(200), is_required=True, width=26, examples=("海藻堆积",)),
    Column("name_en", "英文名称", "English name", text_cell(250), width=26, examples=("Seaweed on the beach",)),
    _chosen("default_tier", "层级", "tier", lambda: choices_of(Tier.choices)),
    _flag("may_self_close", "可自办自结", "may self-close"),
    _flag("needs_photo_after", "结案需照片", "needs a photo after"),
    Column("closing_standard_zh", "结案标准", "closing standard", text_cell(2000), width=40),
    Column("closing_standard_en", "结案标准英文", "closing standard in English", text_cell(2000), width=40),
    _chosen("urgency", "紧急程度", "urgency", lambda: choices_of(Urgency.choices)),
    _chosen("sensitivity", "敏感程度", "sensitivity", lambda: choices_of(Sensitivity.choices)),
    _chosen("case_kind", "案件性质", "kind of case", lambda: choices_of(CaseKind.choices)),
    _flag("is_must_attend", "必到", "must attend"),
    Column("legal_basis", "依据", "basis", text_cell(2000), width=30),
    Column("source", "来源", "source", text_cell(200), width=20),
    _flag("is_active", "启用", "in use", Text("停用填“否”;旧案件仍保留它。", "No retires it; old cases keep it.")),
)  # fmt: skip


class CategoriesExchange(Exchange):
    """Categories by code; every change is an edit with a version."""

    name = "categories"
    title = Text("案件类别", "Categories")
    columns = CATEGORY_COLUMNS
    texts = ("name_zh", "name_en", "closing_standard_zh", "closing_standard_en", "legal_basis", "source")

    def judge(self, lines: Sequence[Line], problems: Problems) -> None:
        held = set(Category.objects.values_list("code", flat=True))
        need_code(lines, self.column("code"), problems)
        is_new = {line.number: line.get("code") not in held for line in lines}
        need_values(lines, self.columns[1:], is_new, problems)
        known = held | {line.get("code") for line in lines}
        need_known(lines, self.column("parent_code"), known, ("上级类别", "parent category"), problems)
        by_code = {line.get("code"): line for line in lines}
        for line in lines:
            if _is_loop(line, by_code):
                problems.error(
                    line.number, "parent_code", "类别不能放在自己的下级之下。请改正上级。",
                    "A category cannot stand below itself. Correct the parent.",
                )  # fmt: skip

    def put(self, lines: Sequence[Line], *, by: str, at: datetime) -> Counted:
        held = {row.code: row for row in Category.objects.select_related("parent")}
        counts = [0, 0, 0]
        for line in _parents_first(lines):
            values = columns_of(line, self.texts, ("default_tier", "urgency", "sensitivity", "case_kind"))
            values |= line.given("may_self_close", "needs_photo_after", "is_must_attend", "is_active")
            values = {name: value for name, value in values.items() if value is not None}
            if "parent_code" in line.values:
                values["parent"] = held[line.get("parent_code")] if line.get("parent_code") else None
            row = held.get(line.get("code"))
            if row is None:
                held[line.get("code")] = add_row(Category, values | {"code": line.get("code")}, by=by, at=at)
                counts[0] += 1
            elif any(getattr(row, name) != value for name, value in values.items()):
                held[row.code] = edit_row(row, values, by=by, at=at)
                counts[1] += 1
            else:
                counts[2] += 1
        return Counted(*counts)

    def export(self) -> Iterable[dict[str, Any]]:
        rows = Category.objects.select_related("parent")
        for row in sorted(rows, key=lambda r: (len(queries.ancestors(r.pk)), r.code)):
            values = {column.name: getattr(row, column.name, None) for column in self.columns}
            yield values | {"parent_code": row.parent.code if row.parent else ""}


RESPONSIBILITY_COLUMNS = (
    Column("category_code", "类别代码", "category", text_cell(40), is_required=True, is_code=True, width=12,
           examples=("0102",)),
    Column("area_code", "适用区域代码", "area", text_cell(30), is_code=True, width=18,
           note=Text("只在某个区域适用时填写。", "Only when it holds in one area.")),
    Column("level", "层级", "level", is_required=True, choices=lambda: choices_of(AreaLevel.choices),
           examples=("street",)),
    Column("lead_kind", "牵头单位类型", "kind of lead unit", choices=unit_kind_choices, width=26,
           note=Text("与“牵头单位代码”至少填一项;按类型找最近的单位。",
                     "Give this or the lead unit; the nearest unit of the kind leads."),
           examples=("sanitation",)),
    Column("lead_unit_code", "牵头单位代码", "lead unit", text_cell(40), is_code=True, width=18),
    Column("assist_kinds", "协办单位类型", "kinds of assisting units", list_cell, width=30,
           note=Text("填类型代码,多个用分号隔开。", "Codes of unit kinds, separated by semicolons."),
           examples=("property_company",)),
    Column("duty", "事项类型", "duty", choices=lambda: choices_of(Duty.choices), examples=("basic",)),
    Column("legal_basis", "依据", "basis", text_cell(2000), width=40),
    Column("note", "备注", "note", text_cell(2000), width=30),
    Column("source", "来源", "source", text_cell(200), width=20),
    _flag("is_active", "启用", "in use"),
)  # fmt: skip


class ResponsibilityExchange(Exchange):
    """The responsibility list; a row is the same when category, area, level, lead and duty are."""

    name = "responsibility"
    title = Text("职责清单", "Responsibility list")
    columns = RESPONSIBILITY_COLUMNS

    def judge(self, lines: Sequence[Line], problems: Problems) -> None:
        self._categories = {row.code: row for row in Category.objects.all()}
        self._areas = {area.code: area for area in Area.objects.filter(valid_to_on=None).defer("boundary")}
        self._units = {unit.code: unit for unit in Unit.objects.filter(is_active=True)}
        need_values(lines, self.columns, {}, problems)
        active = {code for code, row in self._categories.items() if row.is_active}
        need_known(lines, self.column("category_code"), active, ("类别", "category"), problems)
        need_known(lines, self.column("area_code"), self._areas.keys(), ("区域", "area"), problems)
        need_known(lines, self.column("lead_unit_code"), self._units.keys(), ("单位", "unit"), problems)
        kinds = queries.unit_kinds().keys()
        seen: dict[tuple[Any, ...], int] = {}
        for line in lines:
            self._judge_kinds(line, kinds, problems)
            key = _line_key(line)
            if seen.setdefault(key, line.number) != line.number:
                problems.error(
                    line.number, "", f"与第 {seen[key]} 行是同一条职责。请删去一行。",
                    f"The same responsibility as row {seen[key]}. Remove one of them.",
                )  # fmt: skip

    def put(self, lines: Sequence[Line], *, by: str, at: datetime) -> Counted:
        listed = ResponsibilityRow.objects.filter(is_proposed=False).order_by("-pk")
        held = {_row_key(row): row for row in listed.select_related("category", "area", "lead_unit")}
        counts = [0, 0, 0]
        for line in lines:
            key = _line_key(line)
            values = columns_of(line, ("legal_basis", "note", "source"), ("assist_kinds", "is_active"))
            values = {n: ([] if n == "assist_kinds" else True) if v is None else v for n, v in values.items()}
            row = held.get(key)
            if row is None:
                held[key] = add_row(ResponsibilityRow, values | self._identity(line), by=by, at=at)
                counts[0] += 1
            elif any(getattr(row, name) != value for name, value in values.items()):
                held[key] = edit_row(row, values, by=by, at=at)
                counts[1] += 1
            else:
                counts[2] += 1
        return Counted(*counts)

    def export(self) -> Iterable[dict[str, Any]]:
        rows = ResponsibilityRow.objects.filter(is_proposed=False, category__is_active=True)
        found = rows.select_related("category", "area", "lead_unit").defer("area__boundary")
        for row in found.order_by("category__code", "level", "pk"):
            values = {column.name: getattr(row, column.name, None) for column in self.columns}
            yield values | {
                "category_code": row.category.code,
                "area_code": row.area.code if row.area else "",
                "lead_unit_code": row.lead_unit.code if row.lead_unit else "",
            }

    def _identity(self, line: Line) -> dict[str, Any]:
        return {
            "category": self._categories[line.get("category_code")],
            "area": self._areas.get(line.get("area_code")),
            "lead_unit": self._units.get(line.get("lead_unit_code")),
            "level": line.get("level"),
            "lead_kind": line.get("lead_kind") or "",
            "duty": line.get("duty") or "basic",
        }

    def _judge_kinds(self, line: Line, kinds: Iterable[str], problems: Problems) -> None:
        known = set(kinds)
        if (
            line.get("lead_kind") is None
            and line.get("lead_unit_code") is None
            and "lead_kind" not in line.bad
        ):
            problems.error(
                line.number, "lead_kind", "牵头单位类型和牵头单位代码至少填一项。",
                "Give the kind of the lead unit, or the lead unit.",
            )  # fmt: skip
        for kind in line.get("assist_kinds") or []:
            if kind not in known:
                problems.error(
                    line.number, "assist_kinds", f"单位类型“{kind}”不存在。请改正,或先添加这个类型。",
                    f"There is no unit kind “{kind}”. Correct it, or add it first.",
                )  # fmt: skip


def _line_key(line: Line) -> tuple[Any, ...]:
    names = ("category_code", "area_code", "level", "lead_kind", "lead_unit_code")
    return (*(line.get(name) or "" for name in names), line.get("duty") or "basic")


def _row_key(row: ResponsibilityRow) -> tuple[Any, ...]:
    area = row.area.code if row.area else ""
    unit = row.lead_unit.code if row.lead_unit else ""
    return row.category.code, area, row.level, row.lead_kind, unit, row.duty


def _is_loop(line: Line, by_code: Mapping[str, Line]) -> bool:
    seen, here = {line.get("code")}, line
    while (up := here.get("parent_code")) in by_code and up is not None:
        if up in seen:
            return True
        seen.add(up)
        here = by_code[up]
    return False


def _parents_first(lines: Sequence[Line]) -> list[Line]:
    by_code = {line.get("code"): line for line in lines}

    def depth(line: Line) -> int:
        up = by_code.get(line.get("parent_code"))
        return 0 if up is None else 1 + depth(up)

    return sorted(lines, key=depth)
