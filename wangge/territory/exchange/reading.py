"""Reading tables that people send: XLSX or CSV, UTF-8 or GB18030; nothing in them is ever executed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import openpyxl

from wangge.kit.errors import Invalid
from wangge.kit.export import WATERMARK_SIGN
from wangge.kit.packed import refuse_bomb
from wangge.territory.exchange.columns import BadCell, Column, Line, Problems, plain_heading

MOST_BYTES = 40 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 200
HEADING_WITHIN = 10  # the headings stand in one of the first rows
EXACT_DIGITS = 15  # spreadsheets keep no more digits of a number
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Cells = list[Any]


@dataclass(frozen=True)
class Table:
    """A file as rows of raw cells, each with its number in the file."""

    rows: list[tuple[int, Cells]]


class Formula(str):
    """The text of a formula cell: told, never calculated."""

    __slots__ = ()


def read_table(content: bytes, name: str) -> Table:
    """The rows of an XLSX or CSV file; raises Invalid (422) when it is neither, too large or unreadable."""
    if len(content) > MOST_BYTES:
        raise Invalid(
            "file",
            f"文件超过 {MOST_BYTES >> 20} MB。请分成几个文件导入。",
            f"The file is larger than {MOST_BYTES >> 20} MB. Divide it.",
        )
    if content[:4] == b"PK\x03\x04":
        return Table(list(_xlsx_rows(content)))
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Invalid(
            "file",
            "这是旧格式的 .xls 文件(或加了密码)。请另存为 .xlsx 再导入。",
            "This is an old .xls file (or has a password). Save it as .xlsx and import again.",
        )
    return Table(list(_csv_rows(_decoded(content))))


def _xlsx_rows(content: bytes) -> Iterator[tuple[int, Cells]]:
    try:
        refuse_bomb(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
            _refuse_too_many(number)
            yield number, [Formula(c.value) if c.data_type == "f" else c.value for c in cells]
        book.close()
    except Invalid:
        raise
    except Exception as error:  # openpyxl raises whatever a broken file provokes
        raise Invalid(
            "file",
            "文件读不出来,可能已损坏。请用电子表格软件打开并另存为 .xlsx 再导入。",
            f"The file cannot be read ({type(error).__name__}). Open it in a spreadsheet, save it as .xlsx, try again.",
        ) from error


def _csv_rows(text: str) -> Iterator[tuple[int, Cells]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    csv.field_size_limit(MOST_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        start = 1
        for cells in reader:
            _refuse_too_many(start)
            yield start, list(cells[:MOST_COLUMNS])
            start = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(
            "file",
            f"CSV 第 {reader.line_num} 行的引号不成对。请检查该行,或改用 XLSX。",
            f"CSV line {reader.line_num}: quotes do not match. Check it, or use XLSX.",
        ) from error


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Invalid(
        "file",
        "文件不是文本,编码也认不出来(支持 UTF-8、GB18030)。请另存为 XLSX 或 UTF-8 的 CSV。",
        "The file is no text in UTF-8 or GB18030. Save it as XLSX, or as CSV in UTF-8.",
    )


def _refuse_too_many(number: int) -> None:
    if number > MOST_ROWS:
        raise Invalid(
            "file",
            f"超过 {MOST_ROWS} 行。请分成几个文件导入。",
            f"More than {MOST_ROWS} rows. Divide the file.",
        )


# --- from raw cells to lines -------------------------------------------------------------------------------


def read_lines(table: Table, columns: Sequence[Column], problems: Problems) -> list[Line]:
    """The lines of a table under its headings; what cannot be read becomes a problem of its row and column."""
    heading = _heading(table, columns)
    if heading is None:
        wanted = "、".join(column.zh for column in columns if column.is_required)
        names = ", ".join(column.name for column in columns if column.is_required)
        problems.error(
            0,
            "",
            f"没有找到表头。请使用模板,第一行应有:{wanted}。",
            f"No headings found. Use the template; the first row must have: {names}.",
        )
        return []
    at, found = heading
    _tell_strange_headings(table.rows[at], found, columns, problems)
    rows = table.rows[at + 1 :]
    while rows and not any(_is_filled(cell) for cell in rows[-1][1]):
        rows.pop()
    lines = []
    for number, cells in rows:
        if not any(_is_filled(cell) for cell in cells):
            problems.warn(number, "", "空行,已跳过。", "Empty row, skipped.")
            continue
        if str(cells[0]).startswith(WATERMARK_SIGN):
            continue
        lines.append(_line(number, cells, found, problems))
    return lines


def _heading(table: Table, columns: Sequence[Column]) -> tuple[int, dict[int, Column]] | None:
    by_name = {name: column for column in columns for name in column.names()}
    for at, (_, cells) in enumerate(table.rows[:HEADING_WITHIN]):
        found: dict[int, Column] = {}
        for index, cell in enumerate(cells):
            column = by_name.get(plain_heading(str(cell))) if isinstance(cell, str) else None
            if column is not None and column not in found.values():
                found[index] = column
        if columns[0] in found.values():
            return at, found
    return None


def _tell_strange_headings(
    row: tuple[int, Cells], found: dict[int, Column], columns: Sequence[Column], problems: Problems
) -> None:
    number, cells = row
    for index, cell in enumerate(cells):
        if index not in found and _is_filled(cell):
            problems.warn(
                number,
                str(cell)[:40],
                f"不认识的列“{str(cell)[:40]}”,已忽略。",
                f"Unknown column “{str(cell)[:40]}”, ignored.",
            )


def _line(number: int, cells: Cells, found: dict[int, Column], problems: Problems) -> Line:
    line = Line(number, {})
    for index, column in found.items():
        line.values[column.name] = None
        cell = cells[index] if index < len(cells) else None
        try:
            text = cell_text(cell, is_code=column.is_code)
            if text:
                line.values[column.name] = column.value(text)
        except BadCell as bad:
            problems.error(number, column.name, bad.zh, bad.en)
            line.bad.add(column.name)
    return line


def cell_text(cell: Any, *, is_code: bool = False) -> str:
    """A raw cell as the text that a person sees; raises BadCell for formulas, error values and lost digits."""
    if cell is None:
        return ""
    if isinstance(cell, Formula):
        raise BadCell(
            "单元格是公式。请复制后“只粘贴数值”。",
            "The cell holds a formula. Copy it and paste the value only.",
        )
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, int | float):
        return _number_text(cell, is_code=is_code)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return _clean(str(cell), is_code=is_code)


def _number_text(number: float, *, is_code: bool) -> str:
    if is_code and abs(number) >= 10**EXACT_DIGITS:
        raise BadCell(
            "代码按数字保存,末尾几位已丢失。请把此列设为“文本”格式后重填。",
            "The code was kept as a number and lost its last digits. Format the column as text and type it again.",
        )
    return str(int(number)) if float(number).is_integer() else repr(number)


def _clean(text: str, *, is_code: bool) -> str:
    text = text.strip(" \u3000\u00a0\n")
    if text[:1] == "'" and text[1:2] in FORMULA_STARTS:
        text = text[1:]  # written so by our own export
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]", text):
        raise BadCell(
            "含有看不见的控制字符或乱码。请重新输入此格。",
            "Holds control characters or broken letters. Type the cell again.",
        )
    if is_code and re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", text):
        raise BadCell(
            f"“{text}”是科学计数,代码的位数已丢失。请把此列设为“文本”格式后重填。",
            f"“{text}” is scientific notation; the digits of the code are lost. Format the column as text.",
        )
    if text.startswith("#") and text in ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"):
        raise BadCell(f"单元格是错误值 {text}。请改正。", f"The cell holds the error {text}. Correct it.")
    return text


def _is_filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""
