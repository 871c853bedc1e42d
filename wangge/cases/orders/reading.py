"""Reading XLSX and CSV files of orders, UTF-8 or GB18030; what cannot be used is listed with its reason. Pure."""

from __future__ import annotations

import codecs
import csv
import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from wangge.cases.orders.columns import MESSAGE_COLUMNS, matched, plain
from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Invalid
from wangge.kit.packed import refuse_bomb
from wangge.kit.words import Text

LONGEST_TEXT = 10_000
MOST_ROWS = 1_000_000
MOST_COLUMNS = 500
BROKEN = "\ufffd"
DATE_FORMATS = (
    "%m/%d/%Y %I:%M:%S %p", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日",
    "%Y/%m/%d", "%Y.%m.%d",
)  # fmt: skip


@dataclass(frozen=True)
class Order:
    """One usable row. ``at`` is aware; ``lon``, ``lat`` as given, both or neither."""

    row: int
    number: str
    title: str
    text: str
    at: datetime | None
    user: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    datum: str = "wgs84"
    kind: str = ""
    channel: str = ""

    @property
    def words(self) -> str:
        """Title and text together, each once."""
        return self.text if self.title in self.text else f"{self.title}\n{self.text}".strip()


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used, and why."""

    row: int
    number: str
    reason: Text

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "number": self.number, "zh": self.reason.zh, "en": self.reason.en}


@dataclass
class Reading:
    """A whole file: usable orders, bad rows, the hash by which it is known again."""

    sha256: str
    id_column: str
    header: list[str]
    needs_text: bool = False
    orders: list[Order] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    @property
    def n_read(self) -> int:
        return len(self.orders) + len(self.bad)


def read_file(path: Path, given: Mapping[str, str] | None = None) -> Reading:
    """Read a file; Invalid (422) when it is no table at all."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Invalid(
            "file", f"文件 {path} 打不开:{error.strerror}。", f"Cannot open {path}: {error.strerror}."
        ) from error
    return read_content(content, given)


def read_content(content: bytes, given: Mapping[str, str] | None = None) -> Reading:
    """Read a file's bytes."""
    if not content.strip():
        raise Invalid(
            "file",
            "文件是空的。请选择一个有内容的 XLSX 或 CSV。",
            "The file is empty. Choose an XLSX or CSV with rows.",
        )
    lines = xlsx_rows(content) if content.startswith(b"PK") else csv_rows(content)
    header = next(lines, None)
    if header is None or not any(header):
        raise Invalid("file", "第一行应当是列名。", "The first row must name the columns.")
    columns = matched(header, given)
    needs_text = "text" in columns and plain(header[columns["text"]]) in MESSAGE_COLUMNS
    reading = Reading(
        hashlib.sha256(content).hexdigest(), header[columns["number"]], list(header), needs_text
    )
    seen: set[str] = set()
    for n, line in enumerate(lines, start=2):
        if n > MOST_ROWS:
            raise Invalid(
                "file",
                f"文件超过 {MOST_ROWS} 行,请分开导入。",
                f"More than {MOST_ROWS} rows; split the file.",
            )
        if any(cell.strip() for cell in line) or len(line) > 1:
            add_row(reading, n, line, columns, seen)
        else:
            reading.bad.append(BadRow(n, "", Text("空行", "empty row")))
    return reading


def add_row(
    reading: Reading, n: int, line: Sequence[str], columns: Mapping[str, int], seen: set[str]
) -> None:
    """Sort one row into orders or bad rows."""
    if len(line) > len(reading.header):
        reading.bad.append(
            BadRow(n, line[columns["number"]].strip()[:80], Text("列数多于表头", "more cells than columns"))
        )
        return
    cells = {name: line[at].strip() if at < len(line) else "" for name, at in columns.items()}
    number = cells["number"][:80]
    try:
        order = order_of(n, cells, needs_text=reading.needs_text)
        if number in seen:
            raise Invalid("number", f"编号 {number} 在文件里重复", f"number {number} is doubled in this file")
    except Invalid as error:
        reading.bad.append(BadRow(n, number, Text(error.zh, error.en)))
        return
    seen.add(number)
    reading.orders.append(order)


def order_of(n: int, cells: Mapping[str, str], *, needs_text: bool = False) -> Order:
    """A row as an order, or Invalid with the reason; ``needs_text``: a title alone is not enough."""
    if not any(cells.values()):
        raise Invalid("row", "空行", "empty row")
    if not cells["number"]:
        raise Invalid("number", "没有编号", "no number")
    title, text = cells.get("title", ""), cells.get("text", "")
    if any(BROKEN in cell or "\x00" in cell for cell in cells.values()):
        raise Invalid("row", "文字编码损坏", "broken encoding")
    if not text and (needs_text or not title):
        raise Invalid("text", "没有内容", "no words")
    if len(title) + len(text) > LONGEST_TEXT:
        raise Invalid("text", f"内容超过 {LONGEST_TEXT} 字", f"more than {LONGEST_TEXT} characters")
    lon, lat = position(cells.get("lon", ""), cells.get("lat", ""))
    return Order(
        row=n, number=cells["number"][:80], title=title[:100], text=text or title,
        at=moment(cells["at"]) if cells.get("at") else None, user=cells.get("user", ""), name=cells.get("name", "")[:60],
        phone=cells.get("phone", "")[:40], address=cells.get("address", "")[:200], place=cells.get("place", ""), lon=lon,
        lat=lat, datum=cells.get("datum", "").lower() or "wgs84", kind=cells.get("kind", ""), channel=cells.get("channel", ""),
    )  # fmt: skip


def position(lon: str, lat: str) -> tuple[float | None, float | None]:
    """Two numbers in range, or neither: a bad position never loses the order."""
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        return None, None
    if not (math.isfinite(x) and math.isfinite(y) and -180 <= x <= 180 and -90 <= y <= 90) or (x, y) == (
        0,
        0,
    ):
        return None, None
    return x, y


def moment(text: str) -> datetime:
    """A point in time in the notations that systems write; without a zone it is Shanghai's. Invalid when it is none."""
    found: datetime | None = None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        for notation in DATE_FORMATS:
            try:
                found = datetime.strptime(text, notation)  # noqa: DTZ007  the zone comes below
                break
            except ValueError:
                continue
    if found is None or not 1990 <= found.year <= 2100:
        raise Invalid("at", f"时间“{text[:40]}”看不懂", f"the time “{text[:40]}” cannot be read")
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def csv_rows(content: bytes) -> Iterator[list[str]]:
    """Rows of a CSV file; undecodable bytes become U+FFFD so that only their row is lost."""
    text = decoded(content)
    sample = text[:4096].splitlines()[0] if text else ""
    separator = max(",;\t", key=sample.count)
    csv.field_size_limit(10_000_000)
    lines = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    while True:
        try:
            yield next(lines)
        except StopIteration:
            return
        except csv.Error:
            yield [BROKEN, BROKEN]


def decoded(content: bytes) -> str:
    """UTF-8 when it is (byte order mark or not), UTF-16 by its mark, GB18030 when all of it is; else UTF-8 with U+FFFD."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    as_utf8, as_gb = (content.decode(name, errors="replace") for name in ("utf-8-sig", "gb18030"))
    return min(
        as_utf8, as_gb, key=lambda text: (text.count(BROKEN), -len(re.findall("[的了是在不我有]", text)))
    )


def xlsx_rows(content: bytes) -> Iterator[list[str]]:
    """Rows of the first sheet, every cell as text."""
    try:
        refuse_bomb(content)
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS):
            yield [
                "" if cell is None else cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)
                for cell in row
            ]
    except Invalid:
        raise
    except Exception as error:  # openpyxl raises whatever a broken file provokes
        raise Invalid(
            "file",
            "这不是一个完好的 XLSX 文件。请重新另存后再试。",
            "This is no sound XLSX file. Save it again and retry.",
        ) from error
