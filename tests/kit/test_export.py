"""Exports: what comes out is what went in, and no cell acts."""

from __future__ import annotations

import csv
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from wangge.kit import export

MAKER = export.Maker("王受理", datetime(2026, 3, 2, 8, 30, tzinfo=UTC), "月报")
COLUMNS = ["编号 Number", "标题 Title", "数 n", "时间 at"]
ACTING = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+HYPERLINK(1)",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "%x",
]
HARMLESS = ["路灯不亮", "-5", "+8613812345678", "3.5%", "", "a=b", "http://x"]


def sheet(content: bytes) -> list[tuple[object, ...]]:
    return list(load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def test_xlsx_round_trip() -> None:
    at = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)
    content = export.xlsx(
        COLUMNS, [["A-1", "路灯", 3, at], ["A-2", None, Decimal("2.5"), date(2026, 3, 1)]], MAKER
    )
    rows = sheet(content)
    assert rows[0] == tuple(COLUMNS)
    assert rows[1] == ("A-1", "路灯", 3, datetime(2026, 3, 2, 8, 5))
    assert rows[2][:3] == ("A-2", None, 2.5)
    assert export.is_watermark(rows[3])
    for word in ("王受理", "2026-03-02 16:30", "共 2 条", "月报"):
        assert word in str(rows[3][0])


@pytest.mark.parametrize("text", ACTING)
def test_formulas_stay_text_in_xlsx(text: str) -> None:
    content = export.xlsx(["标题"], [[text]], MAKER)
    cell = load_workbook(BytesIO(content)).worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).strip() == text.strip(), "it comes back as it was"
    assert cell.quotePrefix
    page = zipfile.ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in page


@pytest.mark.parametrize("text", ACTING)
def test_formulas_stay_text_in_csv(text: str) -> None:
    rows = read_csv(b"".join(export.csv_parts(["标题"], [[text]], MAKER)))
    assert rows[1][0].startswith("'")


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert (sheet(export.xlsx(["t", "u"], [[text, "x"]], MAKER))[1][0] or "") == text
    assert read_csv(b"".join(export.csv_parts(["t"], [[text, "x"]], MAKER)))[1][0] == text


def test_characters_that_no_file_can_hold_are_left_out() -> None:
    text = "路\x00灯\x0b\ud800\uffff" + "长" * 40_000
    assert sheet(export.xlsx(["t"], [[text]], MAKER))[1][0] == ("路灯" + "长" * 40_000)[:32_767]
    assert read_csv(b"".join(export.csv_parts(["t"], [[text]], MAKER)))[1][0] == "路灯" + "长" * 40_000


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_is_sent_while_it_is_written() -> None:
    drawn = []

    def rows() -> object:
        for n in range(2_000):
            drawn.append(n)
            yield [n, datetime(2026, 3, 2, tzinfo=UTC)]

    parts = export.csv_parts(["n", "at"], rows(), MAKER)
    next(parts)
    next(parts)
    assert len(drawn) < 1_000
    rest = b"".join(parts).decode()
    assert "1999,2026-03-02 08:00:00" in rest
    assert "共 2000 条" in rest


def test_downloads_have_their_chinese_name() -> None:
    for response in (
        export.xlsx_response(["t"], [["x"]], MAKER, name="案件 2026/03"),
        export.csv_response(["t"], [["x"]], MAKER, name="案件 2026/03"),
    ):
        assert "filename*=UTF-8''%E6%A1%88%E4%BB%B6" in response["Content-Disposition"]
        assert response["Cache-Control"] == "no-store"
