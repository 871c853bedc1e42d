"""Writing templates and exports: headings in two languages, drop-down lists, a help sheet, no live formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from wangge.territory.exchange.columns import Column, Exchange, choice_label
from wangge.territory.exchange.reading import FORMULA_STARTS

LONGEST_CELL = 32_000  # a spreadsheet's cell holds 32,767 letters
ROWS_WITH_LISTS = 5000
IN_MAP_FILE = "@geojson"  # the boundary is too long for a cell and stands in the GeoJSON file

HOW_EN = (
    "Fill in the first sheet, one row each; * is needed for a new row. A column that is left out stays as it is, an "
    "empty cell clears the value. The same code changes a row, another code adds one."
)

_HEAD = Font(bold=True)
_REQUIRED = PatternFill("solid", fgColor="FDE8E6")
_OPTIONAL = PatternFill("solid", fgColor="E8F0FC")


def template(exchange: Exchange) -> bytes:
    """An XLSX to be filled in: headings, drop-down lists, a sheet of examples, help in both languages."""
    return _workbook(exchange, [])


def exported(exchange: Exchange) -> bytes:
    """Everything there is, as XLSX; importing it again changes nothing."""
    return _workbook(exchange, exchange.export())


def exported_csv(exchange: Exchange) -> bytes:
    """Everything there is, as CSV in UTF-8 with a byte order mark (so that spreadsheets read Chinese)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in exchange.columns])
    for row in exchange.export():
        writer.writerow([neutral(_shown(column, row.get(column.name))) for column in exchange.columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def neutral(value: Any) -> Any:
    """Text that a spreadsheet could take for a formula gets an apostrophe in front; the reader takes it away."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _workbook(exchange: Exchange, rows: Iterable[Mapping[str, Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    n_rows = _fill(sheet, exchange.title.zh, exchange.columns, rows)
    _fill(book.create_sheet(), "示例 examples", exchange.columns, _example_rows(exchange.columns))
    _add_lists(book, sheet, exchange.columns, max(n_rows + 500, ROWS_WITH_LISTS))
    _add_help(book, exchange)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, title: str, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> int:
    sheet.title = title
    for index, column in enumerate(columns, 1):
        _head(sheet.cell(1, index), column)
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    sheet.freeze_panes = "B2"
    n_rows = 1
    for n_rows, row in enumerate(rows, 2):
        for index, column in enumerate(columns, 1):
            _write(sheet.cell(n_rows, index), column, row.get(column.name))
    return n_rows


def _head(cell: Cell | Any, column: Column) -> None:
    cell.value = column.heading
    cell.font = _HEAD
    cell.fill = _REQUIRED if column.is_required else _OPTIONAL
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _write(cell: Cell | Any, column: Column, value: Any) -> None:
    shown = neutral(_shown(column, value))
    if shown is None or shown == "":
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", shown) if isinstance(shown, str) else shown
    if isinstance(shown, str):
        cell.data_type = "s"
        cell.number_format = "@"


def _shown(column: Column, value: Any) -> Any:
    """A value as it stands in a cell: choices with their Chinese word, flags as 是 and 否, codes as text."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.choices is not None:
        name = column.choices().get(str(value))
        return choice_label(str(value), name) if name is not None else str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={text}" for name, text in value.items()) or None
    if isinstance(value, list | tuple):
        return ";".join(map(str, value)) or None
    return str(value) if column.is_code else value


def _add_lists(book: Workbook, sheet: Worksheet, columns: Sequence[Column], last_row: int) -> None:
    lists = book.create_sheet("列表 lists")
    lists.sheet_state = "hidden"
    n_lists = 0
    for index, column in enumerate(columns, 1):
        if column.choices is None:
            labels = ["是", "否"] if _is_flag(column) else []
        else:
            labels = [choice_label(code, name) for code, name in column.choices().items()]
        if not labels:
            continue
        n_lists += 1
        letter = get_column_letter(n_lists)
        for row, label in enumerate(labels, 1):
            lists.cell(row, n_lists, neutral(label)).data_type = "s"
        choice = DataValidation(
            type="list", formula1=f"'{lists.title}'!${letter}$1:${letter}${len(labels)}", allow_blank=True
        )
        choice.error = "请从列表中选择 Choose from the list"
        choice.showErrorMessage = True
        place = get_column_letter(index)
        choice.add(f"{place}2:{place}{last_row}")
        sheet.add_data_validation(choice)


def _is_flag(column: Column) -> bool:
    return column.name.startswith(("is_", "may_", "needs_"))


def _add_help(book: Workbook, exchange: Exchange) -> None:
    sheet = book.create_sheet("说明 help")
    rows = [
        (f"{exchange.title.zh} {exchange.title.en}", "", "", ""),
        (
            "第一张表按行填写,* 为新增时必填。没有的列保持不变,空格表示清空。代码相同即修改,不同即新增。",
            HOW_EN,
            "",
            "",
        ),
        ("列 column", "必填 needed", "怎么填", "how to fill it in"),
    ]
    rows += [
        (column.heading, "是 yes" if column.is_required else "", column.note.zh, column.note.en)
        for column in exchange.columns
    ]
    for row in rows:
        sheet.append([neutral(text) for text in row])
    for letter, width in zip("ABCD", (28, 12, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    for cell in (sheet["A1"], *sheet[3]):
        cell.font = _HEAD
    for line in sheet.iter_rows():
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _example_rows(columns: Sequence[Column]) -> list[dict[str, Any]]:
    n_rows = max((len(column.examples) for column in columns), default=0)
    return [
        {column.name: column.examples[n] for column in columns if n < len(column.examples)}
        for n in range(n_rows)
    ]
