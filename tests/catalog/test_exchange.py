"""A town of one's own in tables: every kind of bad row, all or nothing, and round trips."""

from __future__ import annotations

import io
import json
import time
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook

from tests.cast import fill_catalogue
from tests.territory.place import COMMUNITY, COUNTY, SOUTH, STREET, build_place
from wangge.accounts.models import User
from wangge.catalog.actions import edit_row
from wangge.catalog.kinds import EXCHANGES
from wangge.catalog.models import Category, ResponsibilityRow, UnitKind
from wangge.kit.datum import from_wgs84
from wangge.kit.errors import Invalid
from wangge.kit.geo import geometry_of
from wangge.territory.actions import give_post, put_buildings, update_area
from wangge.territory.exchange.run import Report, bring_in
from wangge.territory.exchange.writing import exported, exported_csv, template
from wangge.territory.locator import locate
from wangge.territory.models import Area, Building, Post, TerritoryRevision, Unit

AT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
BY = "admin"
SQUARE = '{"type":"Polygon","coordinates":[[[120.1,35.9],[120.11,35.9],[120.11,35.91],[120.1,35.91],[120.1,35.9]]]}'
BOW = '{"type":"Polygon","coordinates":[[[120.1,35.9],[120.11,35.91],[120.11,35.9],[120.1,35.91],[120.1,35.9]]]}'


@pytest.fixture(autouse=True)
def catalogue(db):
    fill_catalogue(AT)


def xlsx(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def run(kind: str, content: bytes, *, dry: bool = False, shapes: bytes | None = None) -> Report:
    return bring_in(EXCHANGES[kind](), content, "file", by=BY, at=AT, is_dry_run=dry, map_content=shapes)


def said(report: Report) -> list[tuple[int, str]]:
    return [(p.row, p.zh) for p in report.problems if not p.is_warning]


AREA_HEAD = ["区域代码 code *", "层级", "name_zh", "上级代码", "边界"]
AREAS = [
    ["370999", "county", "望海县", None, None],
    ["370999001", "街道·镇", "海街道", "370999", None],
    ["370999001001", "community", "海边社区", "370999001", None],
    ["370999001001001", "网格 grid", "南网格", "370999001001", SQUARE],
]


def test_a_small_town_comes_in():
    report = run("areas", xlsx(AREA_HEAD, *AREAS))
    assert (report.is_done, report.n_new, report.problems) == (True, 4, [])
    assert locate(120.105, 35.905).grid_id == Area.objects.get(code="370999001001001").pk
    again = run("areas", xlsx(AREA_HEAD, *AREAS))
    assert (again.n_new, again.n_changed, again.n_same) == (0, 0, 4)


def test_a_dry_run_counts_truly_and_writes_nothing():
    report = run("areas", xlsx(AREA_HEAD, *AREAS), dry=True)
    assert (report.is_done, report.is_sound, report.n_new) == (False, True, 4)
    assert not Area.objects.exists()
    assert not TerritoryRevision.objects.exists()
    assert not locate(120.105, 35.905).is_found


@pytest.mark.parametrize(
    ("row", "column", "zh"),
    [
        (["", "grid", "无码", "370999001001", None], "code", "缺少区域代码"),
        (["370999001001002", "", "无级", "370999001001", None], "level", "缺少“层级”"),
        (["370999001001002", "village", "错级", "370999001001", None], "level", "不在可选范围"),
        (["370999001001002", "grid", "", "370999001001", None], "name_zh", "缺少“名称”"),
        (["370999001001002", "grid", "名" * 101, "370999001001", None], "name_zh", "超过 100"),
        (["370999001001002", "grid", "孤儿", "370999009009", None], "parent_code", "不存在"),
        (["370999001001001", "grid", "重码", "370999001001", None], "code", "重复"),
        (["370999001001002", "community", "倒置", "370999001001001", None], "parent_code", "不能放在"),
        (["370999001001002", "grid", "坏形", "370999001001", BOW], "boundary", "自相交"),
        (["370999001001002", "grid", "非形", "370999001001", "{oops"], "boundary", "不是有效的 GeoJSON"),
        (["370999001001002", "grid", "点", "370999001001", '{"type":"Point","coordinates":[1,2]}'], "boundary", "边界类型"),
        (["=1+1", "grid", "公式", "370999001001", None], "code", "公式"),
        ([37099900100100201, "micro_grid", "丢位", "370999001001001", None], "code", "末尾几位已丢失"),
        (["370999001001002", "grid", "#REF!", "370999001001", None], "name_zh", "错误值"),
        (["370999001001002", "grid", "网\x07格", "370999001001", None], "name_zh", "控制字符"),
    ],
)  # fmt: skip
def test_every_kind_of_bad_row_is_told_and_nothing_is_written(row, column, zh):
    if "\x07" in row[2]:
        content = "\n".join(",".join(str(c or "") for c in r) for r in (AREA_HEAD, *AREAS[:3], row)).encode()
        number = 5
    else:
        content, number = xlsx(AREA_HEAD, *AREAS, row), 6
    report = run("areas", content)
    assert [(p.row, p.column) for p in report.problems if not p.is_warning] == [(number, column)], (
        report.problems
    )
    assert zh in report.problems[0].zh
    assert report.problems[0].en
    assert not report.is_done
    assert not Area.objects.exists()


def test_numbers_in_code_columns_are_taken_while_they_are_whole():
    rows = [[int(row[0]), *row[1:3], int(row[3]) if row[3] else None, row[4]] for row in AREAS]
    assert run("areas", xlsx(AREA_HEAD, *rows)).n_new == 4
    assert Area.objects.filter(code="370999001001001").exists()


def test_strange_codes_empty_rows_and_unknown_columns_are_only_warned_of():
    rows = [["9", *AREAS[0][1:]], [], ["370999001", "street", "海街道", "9", None]]
    report = run("areas", xlsx([*AREA_HEAD, "颜色"], *rows))
    assert report.is_done
    assert report.n_warnings == 4  # unknown column, empty row, two codes against the rule
    assert {p.row for p in report.problems} == {1, 2, 3, 4}


def test_a_boundary_outside_its_parent_is_warned_of():
    smaller = SQUARE.replace("35.91", "35.905")
    rows = [*AREAS[:2], [*AREAS[2][:4], smaller], AREAS[3]]
    report = run("areas", xlsx(AREA_HEAD, *rows))
    assert report.is_done
    [warning] = report.problems
    assert "50.0% 在上级边界之外" in warning.zh


def test_boundaries_from_a_file_beside_it_and_in_another_datum():
    shape = {"type": "Feature", "properties": {"code": "370999001001001"}, "geometry": json.loads(SQUARE)}
    stray = {"type": "Feature", "properties": {"code": "nobody"}, "geometry": json.loads(SQUARE)}
    collection = json.dumps({"type": "FeatureCollection", "features": [shape, stray]}).encode()
    rows = [[*row[:4], None, "gcj02" if row[4] else None] for row in AREAS]
    report = run("areas", xlsx([*AREA_HEAD, "边界坐标系"], *rows), shapes=collection)
    assert report.is_done, report.problems
    assert "nobody" in report.problems[0].zh
    first = geometry_of(bytes(Area.objects.get(code="370999001001001").boundary)).exterior.coords[0]
    assert from_wgs84(*first, "gcj02") == pytest.approx((120.1, 35.9), abs=1e-9)
    bad = run("areas", xlsx(AREA_HEAD, *AREAS), shapes=b"{}")
    assert "FeatureCollection" in bad.problems[0].zh
    units = run("units", xlsx(["code", "kind", "name_zh"]), shapes=b"{}")
    assert "不需要边界文件" in " ".join(problem.zh for problem in units.problems)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_csv_of_every_common_make(encoding, mark):
    rows = [AREA_HEAD[:4], *[[cell or "" for cell in row[:4]] for row in AREAS]]
    content = "\r\n".join(mark.join(row) for row in rows).encode(encoding)
    assert run("areas", content).n_new == 4
    assert Area.objects.get(code="370999001").name_zh == "海街道"


@pytest.mark.parametrize(
    ("content", "zh"),
    [
        (b"PK\x03\x04 not a workbook", "读不出来"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", ".xls"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xff", "编码也认不出来"),
        ('code,name_zh\n"370999,未完'.encode(), "引号不成对"),
    ],
)
def test_a_file_that_is_no_table_is_refused(content, zh):
    with pytest.raises(Invalid, match=zh):
        run("areas", content)


def test_a_file_without_headings_or_rows():
    assert "没有找到表头" in run("areas", b"a,b\n1,2").problems[0].zh
    assert "没有数据行" in run("areas", xlsx(AREA_HEAD)).problems[0].zh
    assert "没有找到表头" in run("areas", b"").problems[0].zh


def big_town(n_rows: int) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["code", "level", "name_zh", "parent_code", "boundary"])
    for row in AREAS[:2]:
        sheet.append(row)
    for community in range(1, n_rows // 20 + 1):
        code = f"370999001{community:03d}"
        sheet.append([code, "community", f"第{community}社区", "370999001", None])
        for grid in range(1, 20):
            west, south = 120 + grid / 100, 35 + community / 100
            ring = [
                [west, south],
                [west + 0.01, south],
                [west + 0.01, south + 0.01],
                [west, south + 0.01],
                [west, south],
            ]
            shape = json.dumps({"type": "Polygon", "coordinates": [ring]})
            sheet.append([f"{code}{grid:03d}", "grid", f"第{grid}网格", code, shape])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_two_thousand_rows_within_ten_seconds():
    content = big_town(2000)
    start = time.process_time()  # the machine may be busy with other tests
    report = run("areas", content)
    assert report.n_new == 2002
    assert time.process_time() - start < 7, "and the database its part"
    deepest = Area.objects.get(code="370999001100019")
    assert len(deepest.ancestor_ids()) == 4


def test_one_bad_row_among_two_thousand_and_nothing_is_written():
    book = openpyxl.load_workbook(io.BytesIO(big_town(2000)))
    book.active.cell(1500, 4).value = "nowhere"
    out = io.BytesIO()
    book.save(out)
    report = run("areas", out.getvalue())
    assert [row for row, _ in said(report)] == [1500]
    assert not Area.objects.exists()


@pytest.mark.parametrize("kind", list(EXCHANGES))
def test_export_edit_import_is_a_round_trip(kind):
    fill_town()
    for write in (exported, exported_csv):
        report = run(kind, write(EXCHANGES[kind]()))
        assert report.is_done, report.problems
        assert (report.n_new, report.n_changed) == (0, 0), "what goes out comes back unchanged"
        assert report.n_same == report.n_rows > 0
    book = openpyxl.load_workbook(io.BytesIO(exported(EXCHANGES[kind]())))
    column, value = EDITS[kind]
    headings = [str(cell.value) for cell in book.worksheets[0][1]]
    place = next(i for i, heading in enumerate(headings, 1) if column in heading.split())
    book.worksheets[0].cell(2, place).value = value
    out = io.BytesIO()
    book.save(out)
    edited = run(kind, out.getvalue())
    assert (edited.n_new, edited.n_changed, edited.n_same) == (0, 1, report.n_rows - 1), edited.problems


EDITS = {
    "areas": ("name_zh", "改名县"),
    "units": ("phone", "0532-1"),
    "staff": ("ends_on", "2027-01-01"),
    "buildings": ("n_people", 7),
    "categories": ("closing_standard_zh", "新标准"),
    "responsibility": ("note", "改过"),
}


def fill_town() -> None:
    build_place()
    south = Area.objects.get(code=SOUTH)
    update_area(south.pk, external_codes={"police": "J2-07", "省": "37"}, by=BY, at=AT)
    for name, shown in (("wang", "王网"), ("evil", '=HYPERLINK("http://x")')):
        user = User.objects.create_user(name, None, display_name=shown)
        give_post(user=user, role="grid_worker", area=south, starts_on=date(2026, 1, 1), by=BY, at=AT)
    building = {"address": "@SUM(1)路 1 号", "area_code": SOUTH, "lon": 120.105123456789, "lat": 35.905}
    put_buildings([{"code": "B1", **building}], by=BY, at=AT)
    unit = Unit.objects.get(code="harbour")
    row = ResponsibilityRow.objects.filter(category__code="0102").first()
    assert row is not None
    edit_row(row, {"note": "-1+cmd|' /C calc'!A0", "area": south, "lead_unit": unit}, by=BY, at=AT)


def test_exports_hold_no_live_formula():
    fill_town()
    for kind in EXCHANGES:
        book = openpyxl.load_workbook(io.BytesIO(exported(EXCHANGES[kind]())))
        for sheet in book.worksheets:
            for line in sheet.iter_rows():
                for cell in line:
                    assert cell.data_type != "f", (kind, cell.value)
                    assert not str(cell.value or "").startswith(("=", "+", "@", "\t"))
        text = exported_csv(EXCHANGES[kind]()).decode("utf-8-sig")
        assert not any(
            cell.startswith(("=", "+", "@")) for cell in text.replace('"', "").replace("\r\n", ",").split(",")
        )


def test_templates_have_headings_lists_examples_and_help():
    for kind, make in EXCHANGES.items():
        book = openpyxl.load_workbook(io.BytesIO(template(make())))
        data, examples, lists, words = book.worksheets
        assert data.max_row == 1
        assert lists.sheet_state == "hidden"
        assert [cell.value for cell in data[1]] == [column.heading for column in make().columns]
        assert words.max_row == 3 + len(make().columns)
        assert bool(data.data_validations.dataValidation) == (lists.max_row > 1), kind
        assert examples.max_row > 1
    assert "没有数据行" in run("areas", template(EXCHANGES["areas"]())).problems[0].zh


def test_the_example_of_the_template_is_itself_sound():
    book = openpyxl.load_workbook(io.BytesIO(template(EXCHANGES["areas"]())))
    rows = [[cell.value for cell in row] for row in book["示例 examples"].iter_rows()]
    report = run("areas", xlsx(*rows))
    assert (report.is_done, report.n_new, report.problems) == (True, 4, [])


def test_staff_come_with_accounts_that_cannot_sign_in_yet():
    build_place()
    head = ["用户名", "姓名", "岗位", "区域代码", "单位代码", "专业类别代码", "开始日期", "结束日期"]
    rows = [
        ["wang", "王网", "专职网格员", SOUTH, None, None, date(2026, 1, 1), None],
        ["wang", "王网", "grid_head", COMMUNITY, None, None, "2026年3月1日", "20261231"],
        ["zheng", "郑专", "named_professional", SOUTH, "squad", "0102", "2026/1/1", None],
    ]
    report = run("staff", xlsx(head, *rows))
    assert (report.n_new, report.problems) == (3, [])
    wang = User.objects.get(username="wang")
    assert (wang.display_name, wang.has_usable_password(), wang.has_to_change_password) == (
        "王网",
        False,
        True,
    )
    assert Post.objects.get(user=wang, role="grid_head").ends_on == date(2026, 12, 31)
    bad = [
        ["wang li", "空格", "grid_worker", SOUTH, None, None, "2026-01-01", None],
        ["li", "李", "department_handler", SOUTH, None, None, "2026-01-01", None],
        ["li", "李四", "grid_worker", SOUTH, None, None, "2026-02-30", None],
        ["zhou", "周", "grid_worker", "nowhere", None, None, "2026-01-01", None],
        ["zhou", "周", "grid_worker", SOUTH, None, "9999", "2026-01-01", "2025-01-01"],
        ["wu", "吴", "grid_worker", SOUTH, None, None, "2026-01-01", "2025-01-01"],
        ["wang", "王", "grid_worker", STREET, None, None, "2026-01-01", None],
    ]
    report = run("staff", xlsx(head, *bad))
    found = dict(said(report))
    assert not report.is_done
    assert ("用户名“wang li”" in found[2], "要设在单位上" in found[3], "不是日期" in found[4]) == (
        True,
        True,
        True,
    )
    assert ("nowhere" in found[5], "9999" in found[6], "早于开始" in found[7]) == (True, True, True)
    assert [p.row for p in report.problems if p.is_warning] == [8], "another name for a known person"
    assert not User.objects.filter(username="wu").exists()


def test_units_need_a_known_kind():
    head = ["code", "kind", "name_zh", "area_code"]
    report = run(
        "units",
        xlsx(
            head,
            ["a", "sanitation", "环卫", None],
            ["b", "宇航局", "宇航", None],
            ["c", "parks", "园林", "0"],
        ),
    )
    assert [row for row, _ in said(report)] == [3, 4]
    assert not Unit.objects.exists()
    kind = UnitKind.objects.get(code="sanitation")
    assert (
        run("units", xlsx(head, ["a", kind.name_zh, "环卫", None], ["b", kind.name_en, "清运", None])).n_new
        == 2
    )
    assert set(Unit.objects.values_list("kind", flat=True)) == {"sanitation"}


def test_buildings_without_an_area_are_located():
    build_place()
    head = ["楼栋编码", "地址", "经度", "纬度", "坐标系", "户数"]
    lon, lat = from_wgs84(120.1025, 35.905, "bd09")
    report = run(
        "buildings",
        xlsx(head, ["B1", "海边路1号", lon, lat, "BD-09", 12], ["B2", "海边路2号", 120.115, 35.905, None, 3]),
    )
    assert report.n_new == 2, report.problems
    first = Building.objects.get(code="B1")
    assert first.area.code == SOUTH + "01"
    assert (first.lon, first.lat) == pytest.approx((120.1025, 35.905), abs=1e-7)
    far = run(
        "buildings",
        xlsx(
            head,
            ["B3", "外地", 121.5, 31.2, None, 1],
            ["B4", "倒", 35.9, 120.1, None, 1],
            ["B5", "无", None, 35.9, None, 1],
        ),
    )
    assert [row for row, _ in said(far)] == [2, 3, 4]


def test_categories_and_responsibilities_of_ones_own():
    head = ["code", "parent_code", "name_zh", "urgency"]
    report = run("categories", xlsx(head, ["215001", "2150", "浒苔", "紧急"], ["2150", "21", "海藻", None]))
    assert (report.is_done, report.n_new) == (True, 2), report.problems
    assert Category.objects.get(code="215001").parent.code == "2150"
    loop = run("categories", xlsx(head, ["2150", "215001", "海藻", None], ["215001", "2150", "浒苔", None]))
    assert "自己的下级" in loop.problems[0].zh
    head = ["category_code", "level", "lead_kind", "assist_kinds"]
    rows = [
        ["2150", "street", "sanitation", "parks;water"],
        ["2150", "county", None, None],
        ["2150", "county", "parks", "nobody"],
    ]
    report = run("responsibility", xlsx(head, *rows))
    assert [row for row, _ in said(report)] == [3, 4]
    assert run("responsibility", xlsx(head, rows[0])).n_new == 1
    assert ResponsibilityRow.objects.get(category__code="2150").assist_kinds == ["parks", "water"]


def test_a_root_of_an_unknown_county_keeps_what_is_there():
    build_place()
    run("areas", xlsx(["code", "name_zh"], [COUNTY, "新县名"]))
    county = Area.objects.get(code=COUNTY)
    assert county.name_zh == "新县名"
    assert county.boundary is not None, "a column that is left out stays as it is"
