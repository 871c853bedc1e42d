"""The table of areas, with boundaries in a column or in a GeoJSON file beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely

from wangge.kit.datum import Datum as DatumName
from wangge.kit.datum import to_wgs84_many
from wangge.kit.errors import Invalid
from wangge.kit.geo import geojson_to_wkb, geometry_of, wkb_to_geojson
from wangge.kit.words import Text
from wangge.territory.actions import put_areas
from wangge.territory.actions.areas import RANKS
from wangge.territory.codes import STATISTICAL_CODES, CodeRule
from wangge.territory.exchange.columns import (
    BadCell,
    Column,
    Counted,
    Exchange,
    Line,
    Problems,
    choices_of,
    day_cell,
    pairs_cell,
    text_cell,
    whole_cell,
)
from wangge.territory.exchange.judging import columns_of, need_code, need_known, need_values
from wangge.territory.exchange.writing import IN_MAP_FILE, LONGEST_CELL
from wangge.territory.models import Area, AreaKind, AreaLevel, Datum, Unit

OUTSIDE_SHARE = 0.005  # of a boundary that may lie outside its parent without a word
SINCE = date(2000, 1, 1)
TEXTS = ("name_zh", "name_en")
OTHERS = ("code", "level", "kind", "n_households", "n_people", "external_codes", "valid_from_on", "boundary")

EXAMPLE_BOUNDARY = json.dumps(wkb_to_geojson(shapely.box(120.1, 35.9, 120.11, 35.91)))

COLUMNS = (
    Column("code", "区域代码", "code", text_cell(30), is_required=True, is_code=True, width=20,
           note=Text("12 位统计用区划代码(区县 6、街道 9、社区 12 位,可补零);网格再加 3 位,微网格再加 2 位。",
                     "Statistical division code (county 6, street 9, community 12 digits); grids add 3, micro-grids 2."),
           examples=("370999", "370999001", "370999001001", "370999001001001")),
    Column("level", "层级", "level", is_required=True, choices=lambda: choices_of(AreaLevel.choices),
           examples=("county", "street", "community", "grid")),
    Column("kind", "类型", "kind", choices=lambda: choices_of(AreaKind.choices), examples=("base",) * 4,
           note=Text("专属网格选“专属”;警格选“叠加”。", "Dedicated grids: dedicated; police grids: overlay.")),
    Column("name_zh", "名称", "name", text_cell(100), is_required=True, width=24,
           examples=("望海县", "望海街道", "长江路社区", "长江路第一网格")),
    Column("name_en", "英文名称", "English name", text_cell(120), width=24),
    Column("parent_code", "上级代码", "parent", text_cell(30), is_code=True, width=20,
           note=Text("最高一级留空。上级可以在同一文件里。", "Empty for the top. The parent may stand in the same file."),
           examples=("", "370999", "370999001", "370999001001")),
    Column("supervising_unit_code", "业务主管部门代码", "supervising unit", text_cell(40), is_code=True, width=18,
           note=Text("专属网格的业务主管部门,填单位代码。", "Department that supervises a dedicated grid: its unit code.")),
    Column("n_households", "户数", "households", whole_cell(), examples=("", "", "", "320")),
    Column("n_people", "人数", "people", whole_cell(), examples=("", "", "", "900")),
    Column("valid_from_on", "生效日期", "valid from", day_cell,
           note=Text("不填为一直有效。", "Empty: it has always been there.")),
    Column("external_codes", "其他编码", "other codes", pairs_cell, width=20,
           note=Text("警格、省级等编码,写成 名称=值;名称=值。", "Police, provincial codes: name=value; name=value."),
           examples=("", "", "", "police=J2-07")),
    Column("boundary", "边界", "boundary", width=30,
           note=Text(f"GeoJSON 的 Polygon 或 MultiPolygon;太长时写 {IN_MAP_FILE},边界放在同名 .geojson 文件里。",
                     f"GeoJSON Polygon or MultiPolygon; when too long write {IN_MAP_FILE} and send a .geojson file."),
           examples=("", "", "", EXAMPLE_BOUNDARY)),
    Column("boundary_datum", "边界坐标系", "datum of the boundary", choices=lambda: choices_of(Datum.choices),
           note=Text("不填为 WGS-84。高德、腾讯为 GCJ-02,百度为 BD-09。",
                     "Empty: WGS-84. AMap and Tencent use GCJ-02, Baidu BD-09.")),
)  # fmt: skip


class AreasExchange(Exchange):
    """Areas by code; boundaries are checked and converted to WGS-84."""

    name = "areas"
    title = Text("区域", "Areas")
    columns = COLUMNS

    def __init__(self, code_rule: CodeRule = STATISTICAL_CODES) -> None:
        self.code_rule = code_rule

    def judge(self, lines: Sequence[Line], problems: Problems) -> None:
        held = self._held()
        need_code(lines, self.column("code"), problems)
        is_new = {line.number: line.get("code") not in held for line in lines}
        need_values(lines, [c for c in COLUMNS if c.name != "code"], is_new, problems)
        units = set(Unit.objects.filter(is_active=True).values_list("code", flat=True))
        need_known(lines, self.column("supervising_unit_code"), units, ("单位", "unit"), problems)
        known = held.keys() | {line.get("code") for line in lines}
        need_known(lines, self.column("parent_code"), known, ("上级区域", "parent area"), problems)
        for line in lines:
            self._take_boundary(line, problems)
        self._judge_places(lines, held, problems)

    def put(self, lines: Sequence[Line], *, by: str, at: datetime) -> Counted:
        rows = [self._row(line) for line in lines]
        put = put_areas(rows, by=by, at=at, code_rule=None)  # codes were judged, and only warned of
        return Counted(put.n_new, put.n_changed, put.n_same)

    def export(self) -> Iterable[dict[str, Any]]:
        areas = Area.objects.filter(valid_to_on=None).select_related("parent", "supervising_unit")
        for area in sorted(areas.defer("parent__boundary"), key=lambda a: (len(a.ancestor_ids()), a.code)):
            row = {column.name: getattr(area, column.name, None) for column in COLUMNS}
            unit = area.supervising_unit
            yield row | {
                "parent_code": area.parent.code if area.parent else "",
                "supervising_unit_code": unit.code if unit else "",
                "valid_from_on": None if area.valid_from_on == SINCE else area.valid_from_on,
                "boundary": _boundary_cell(area.boundary),
                "boundary_datum": None,
            }

    def export_map(self) -> dict[str, Any] | None:
        features = [
            {
                "type": "Feature",
                "properties": {"code": area.code, "name_zh": area.name_zh, "level": area.level},
                "geometry": wkb_to_geojson(bytes(area.boundary)),
            }
            for area in Area.objects.filter(valid_to_on=None).exclude(boundary=None).order_by("code")
            if area.boundary is not None
        ]
        return {"type": "FeatureCollection", "features": features} if features else None

    def take_map(self, lines: Sequence[Line], geojson: bytes, problems: Problems) -> None:
        """Boundaries from a FeatureCollection, found by ``properties.code``; they go before the cells."""
        by_code = {line.get("code"): line for line in lines}
        for index, feature in enumerate(_features(geojson, problems), 1):
            properties = feature.get("properties") if isinstance(feature, dict) else None
            code = str((properties or {}).get("code") or "")
            if code in by_code and code:
                by_code[code].values["boundary"] = json.dumps(feature.get("geometry"))
            else:
                problems.warn(
                    0,
                    "boundary",
                    f"边界文件第 {index} 个图形的代码“{code:.30}”不在表中,已忽略。",
                    f"Shape {index} of the boundary file has code “{code:.30}”, which is not in the table; ignored.",
                )

    def _held(self) -> dict[str, tuple[str, str]]:
        """Level and parent's code of every area in force."""
        found = Area.objects.filter(valid_to_on=None).values_list("code", "level", "parent__code")
        return {code: (level, up or "") for code, level, up in found}

    def _row(self, line: Line) -> dict[str, Any]:
        row = columns_of(line, TEXTS, OTHERS)
        for name in ("parent_code", "supervising_unit_code"):
            if name in line.values:
                row[name] = line.get(name) or ""
        defaults = {"kind": AreaKind.BASE.value, "external_codes": {}, "valid_from_on": SINCE}
        return row | {name: value for name, value in defaults.items() if name in row and row[name] is None}

    def _take_boundary(self, line: Line, problems: Problems) -> None:
        given = line.get("boundary")
        if given == IN_MAP_FILE:
            del line.values["boundary"]  # stays as it is
        elif isinstance(given, str):
            try:
                line.values["boundary"] = _wkb(given, line.get("boundary_datum"))
            except (Invalid, BadCell) as error:
                problems.error(line.number, "boundary", error.zh, error.en)
                line.values["boundary"] = None
                line.bad.add("boundary")

    def _judge_places(
        self, lines: Sequence[Line], held: Mapping[str, tuple[str, str]], problems: Problems
    ) -> None:
        tree = dict(held)
        for line in lines:
            level, up = held.get(line.get("code"), ("", ""))
            up = (line.get("parent_code") or "") if "parent_code" in line.values else up
            tree[line.get("code")] = (line.get("level") or level, up)
        shapes = _Shapes(lines)
        for line in lines:
            self._judge_place(line, tree, problems)
            share = shapes.share_outside(line, tree.get(line.get("code"), ("", ""))[1])
            if share > OUTSIDE_SHARE:
                problems.warn(
                    line.number,
                    "boundary",
                    f"边界有 {share:.1%} 在上级边界之外。请核对。",
                    f"{share:.1%} of the boundary lies outside its parent's. Please check.",
                )

    def _judge_place(self, line: Line, tree: Mapping[str, tuple[str, str]], problems: Problems) -> None:
        code = line.get("code")
        if code is None:
            return
        level, up = tree[code]
        above: dict[str, str] = {}
        here = level
        while up and up in tree and here in RANKS and tree[up][0] in RANKS:
            if RANKS[tree[up][0]] >= RANKS[here] or tree[up][0] == AreaLevel.POLICE_GRID:
                if here == level:
                    problems.error(
                        line.number,
                        "parent_code",
                        f"层级不对:{AreaLevel(here).label} 不能放在“{up}”({AreaLevel(tree[up][0]).label})之下。",
                        f"A {here} cannot stand below “{up}”, which is a {tree[up][0]}. Check level and parent.",
                    )
                return
            above[tree[up][0]] = up
            here, up = tree[up]
        if level in RANKS and (said := self.code_rule.problem(code, level, above)):
            problems.warn(line.number, "code", said.zh, said.en)


class _Shapes:
    """Boundaries of the file and, where a parent is not in it, of the database; read once each."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.in_file = {line.get("code"): line.get("boundary") for line in lines if line.get("boundary")}
        self.read: dict[str, Any] = {}

    def share_outside(self, line: Line, parent_code: str) -> float:
        """How much of the row's boundary lies outside its parent's (0 when one of them has none)."""
        if not parent_code or not isinstance(line.get("boundary"), bytes):
            return 0.0
        parent = self._shape(parent_code)
        own = geometry_of(line.get("boundary"))
        if parent is None or not own.area or parent.covers(own):
            return 0.0
        return float(own.difference(parent).area / own.area)

    def _shape(self, code: str) -> Any:
        if code not in self.read:
            wkb = self.in_file.get(code)
            if wkb is None:
                kept = Area.objects.filter(code=code, valid_to_on=None).values_list("boundary", flat=True)
                wkb = next(iter(kept), None)
            shape = geometry_of(bytes(wkb)) if wkb is not None else None
            if shape is not None:
                shapely.prepare(shape)
            self.read[code] = shape
        return self.read[code]


def _wkb(geojson: str, datum: str | None) -> bytes:
    wkb = geojson_to_wkb(geojson)
    if datum in (None, DatumName.WGS84, DatumName.CGCS2000):
        return wkb

    def convert(degrees: Any) -> Any:
        lon, lat = to_wgs84_many(degrees[:, 0], degrees[:, 1], str(datum))
        return np.column_stack([lon, lat])

    return bytes(shapely.to_wkb(shapely.transform(geometry_of(wkb), convert)))


def _boundary_cell(boundary: bytes | memoryview | None) -> str | None:
    if boundary is None:
        return None
    text = json.dumps(wkb_to_geojson(bytes(boundary)), separators=(",", ":"))
    return text if len(text) <= LONGEST_CELL else IN_MAP_FILE


def _features(geojson: bytes, problems: Problems) -> list[Any]:
    try:
        collection = json.loads(geojson.decode("utf-8-sig"))
        features = collection["features"]
        if not isinstance(features, list):
            raise TypeError("features")
    except (ValueError, KeyError, TypeError):
        problems.error(
            0,
            "boundary",
            "边界文件不是 GeoJSON 的 FeatureCollection(UTF-8)。请重新导出。",
            "The boundary file is no GeoJSON FeatureCollection in UTF-8. Export it again.",
        )
        return []
    return features
