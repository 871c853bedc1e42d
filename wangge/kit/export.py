"""Lists as files: XLSX and CSV, written row by row, with who made them and when, and no cell that acts.

A text that begins like a formula (``=``, ``+``, ``-``, ``@``) would be computed by the program that opens the file. In XLSX
it is stored as text and marked as quoted, so it comes back unchanged; in CSV, which knows no types, an apostrophe is put before.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from wangge.kit.clock import SHANGHAI

Value = str | int | float | bool | Decimal | date | datetime | None
Row = Sequence[Value]

XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WATERMARK_SIGN = "※"  # rows that begin with it are no data; importers skip them
ACTING = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
NUMBER = re.compile(r"[+-]?\d[\d,.]*%?")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
LONGEST_CELL = 32_767
FLUSH_ROWS = 500


@dataclass(frozen=True)
class Maker:
    """Who makes an export, when, and what for; written into the file."""

    name: str
    at: datetime
    purpose: str = ""

    def watermark(self, n_rows: int) -> str:
        when = f"{self.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        told = [f"导出人 by: {self.name}", f"时间 at: {when}", f"共 {n_rows} 条 rows"]
        told += [f"用途 for: {self.purpose}"] if self.purpose else []
        return f"{WATERMARK_SIGN} {' · '.join(told)} · 仅限工作使用 for official use only"


def xlsx(columns: Sequence[str], rows: Iterable[Row], maker: Maker, *, sheet: str = "数据") -> bytes:
    """An XLSX file: a heading row, the rows, and below them the watermark row. Times are Shanghai's."""
    book = Workbook(write_only=True)
    book.properties.creator = book.properties.lastModifiedBy = maker.name
    book.properties.created = book.properties.modified = maker.at.astimezone(SHANGHAI).replace(tzinfo=None)
    page: WriteOnlyWorksheet = book.create_sheet(title=re.sub(r"[\[\]:*?/\\]", " ", sheet)[:31])
    page.freeze_panes = "A2"
    page.append([_cell(page, title, bold=True) for title in columns])
    n_rows = 0
    for row in rows:
        page.append([_cell(page, value) for value in row])
        n_rows += 1
    page.append([_cell(page, maker.watermark(n_rows))])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx_response(
    columns: Sequence[str], rows: Iterable[Row], maker: Maker, *, name: str
) -> HttpResponseBase:
    """The XLSX file as a download called ``name``.xlsx."""
    return _download(
        HttpResponse(xlsx(columns, rows, maker, sheet=name), content_type=XLSX_MIME), f"{name}.xlsx"
    )


def csv_parts(columns: Sequence[str], rows: Iterable[Row], maker: Maker) -> Iterator[bytes]:
    """A CSV file in UTF-8 with the mark that spreadsheet programs look for, some hundred rows at a time."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([_harmless(title) for title in columns])
    n_rows = 0
    yield b"\xef\xbb\xbf"
    for row in rows:
        writer.writerow([_csv_value(value) for value in row])
        n_rows += 1
        if n_rows % FLUSH_ROWS == 0:
            yield _emptied(out)
    writer.writerow([maker.watermark(n_rows)])
    yield _emptied(out)


def csv_response(columns: Sequence[str], rows: Iterable[Row], maker: Maker, *, name: str) -> HttpResponseBase:
    """The CSV file as a download called ``name``.csv, sent while it is being written."""
    parts = csv_parts(columns, rows, maker)
    return _download(StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8"), f"{name}.csv")


def is_watermark(row: Sequence[object]) -> bool:
    """Whether a row of an imported file is the watermark of our own export."""
    return bool(row) and str(row[0] or "").lstrip("'").startswith(WATERMARK_SIGN)


def _cell(page: WriteOnlyWorksheet, value: Value, *, bold: bool = False) -> Cell:
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(SHANGHAI).replace(tzinfo=None)
    if isinstance(value, str):
        value = UNPRINTABLE.sub("", value)[:LONGEST_CELL]
    cell: Cell = WriteOnlyCell(page, value=value)  # type: ignore[arg-type]  # it takes Decimal and date too
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula
        if _acts(value):
            cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell


def _csv_value(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, str):
        return _harmless(value)
    return "" if value is None else str(value)


def _harmless(text: str) -> str:
    text = UNPRINTABLE.sub("", text)
    return f"'{text}" if _acts(text) else text


def _acts(text: str) -> bool:
    """Whether a spreadsheet may compute this text; plain numbers such as -5 are only numbers."""
    return text.lstrip(" \u3000").startswith(ACTING) and not NUMBER.fullmatch(text)


def _emptied(out: StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()


def _download(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = (
        f"attachment; filename=\"export{name[name.rfind('.') :]}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
