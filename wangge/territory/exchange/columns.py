"""What a table of an import is made of: columns, lines, problems. No database."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from wangge.kit.words import Text

MOST_KEPT = 1000  # problems told one by one; the rest is counted

NOTHING = Text("", "")

Choices = Mapping[str, Text]


@dataclass(frozen=True)
class Problem:
    """What is wrong in a row (``row`` as the spreadsheet numbers it, 0 for the whole file), in a column or in all."""

    row: int
    column: str
    zh: str
    en: str
    is_warning: bool = False


class BadCell(Exception):
    """A cell that cannot be read; says why in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Column:
    """One column: its name for programs, its heading for people, how a cell's text becomes a value."""

    name: str
    zh: str
    en: str
    read: Callable[[str], Any] = str
    is_required: bool = False  # for rows that are new
    choices: Callable[[], Choices] | None = None
    is_code: bool = False  # kept as text: long numbers lose digits in spreadsheets
    note: Text = NOTHING
    examples: Sequence[str] = ()
    width: int = 14

    @property
    def heading(self) -> str:
        """``区域代码 code *``: what stands over the column in templates."""
        return f"{self.zh} {self.name}{' *' if self.is_required else ''}"

    def names(self) -> set[str]:
        """Headings under which the column is recognised, in the form of :func:`plain_heading`."""
        return {
            plain_heading(word)
            for word in (self.name, self.zh, self.en, self.heading, f"{self.zh}({self.name})")
        }

    def value(self, text: str) -> Any:
        """The value of a cell's text (stripped, not empty); raises BadCell."""
        if self.choices is not None:
            return chosen(text, self.choices())
        return self.read(text)


@dataclass
class Line:
    """One row of the file: its number and the values of the columns that the file has (None: the cell was empty)."""

    number: int
    values: dict[str, Any]
    bad: set[str] = field(default_factory=set)  # columns that could not be read: told already

    def get(self, name: str) -> Any:
        """The value of a column; None when the cell was empty or the file has no such column."""
        return self.values.get(name)

    def given(self, *names: str) -> dict[str, Any]:
        """The values of those of the columns that the file has."""
        return {name: self.values[name] for name in names if name in self.values}


@dataclass
class Problems:
    """All problems of a file, counted; the first thousand are kept."""

    kept: list[Problem] = field(default_factory=list)
    n_errors: int = 0
    n_warnings: int = 0
    bad_rows: set[int] = field(default_factory=set)

    def error(self, row: int, column: str, zh: str, en: str) -> None:
        self.n_errors += 1
        self.bad_rows.add(row)
        self._keep(Problem(row, column, zh, en))

    def warn(self, row: int, column: str, zh: str, en: str) -> None:
        self.n_warnings += 1
        self._keep(Problem(row, column, zh, en, is_warning=True))

    def in_order(self) -> list[Problem]:
        return sorted(self.kept, key=lambda problem: (problem.is_warning, problem.row, problem.column))

    def _keep(self, problem: Problem) -> None:
        if len(self.kept) < MOST_KEPT:
            self.kept.append(problem)


@dataclass(frozen=True)
class Counted:
    """What putting the lines did."""

    n_new: int = 0
    n_changed: int = 0
    n_same: int = 0


class Exchange(ABC):
    """One kind of table: areas, units, staff … Each knows its columns, its checks, its action, its export."""

    name: str
    title: Text
    columns: Sequence[Column]

    @abstractmethod
    def judge(self, lines: Sequence[Line], problems: Problems) -> None:
        """Check rows against each other and against the database; may fill in values."""

    @abstractmethod
    def put(self, lines: Sequence[Line], *, by: str, at: datetime) -> Counted:
        """Do it, in the caller's transaction, through the feature's actions."""

    @abstractmethod
    def export(self) -> Iterable[dict[str, Any]]:
        """Everything there is now, as rows that :meth:`put` would take back unchanged."""

    def take_map(self, lines: Sequence[Line], geojson: bytes, problems: Problems) -> None:
        """Take boundaries from a second file; kinds without boundaries refuse it."""
        problems.error(0, "", "此类导入不需要边界文件。", "This kind of import takes no boundary file.")

    def export_map(self) -> dict[str, Any] | None:
        """The boundaries as a GeoJSON FeatureCollection; None when this kind has none."""
        return None

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def plain_heading(text: str) -> str:
    """A heading without spaces, stars and brackets, in lower case."""
    return re.sub(r"[\s*＊（）()_]", "", text).lower()


def text_cell(longest: int) -> Callable[[str], str]:
    """Text of at most so many letters."""

    def read(text: str) -> str:
        if len(text) > longest:
            raise BadCell(
                f"超过 {longest} 个字(现有 {len(text)} 个)。请缩短。",
                f"Longer than {longest} letters ({len(text)}). Shorten it.",
            )
        return text

    return read


def whole_cell(smallest: int = 0, largest: int = 100_000_000) -> Callable[[str], int]:
    """A whole number between two others."""

    def read(text: str) -> int:
        number = re.fullmatch(r"(-?\d{1,12})(\.0+)?", text.replace(",", ""))
        if number is None or not smallest <= int(number[1]) <= largest:
            raise BadCell(
                f"“{text:.30}”应为 {smallest} 到 {largest} 之间的整数。",
                f"“{text:.30}” must be a whole number from {smallest} to {largest}.",
            )
        return int(number[1])

    return read


def number_cell(text: str) -> float:
    """A decimal number."""
    try:
        return float(text)
    except ValueError as error:
        raise BadCell(f"“{text:.30}”不是数字。", f"“{text:.30}” is no number.") from error


def day_cell(text: str) -> date:
    """A day: 2026-11-21, 2026/11/21, 2026.11.21, 20261121, 2026年11月21日; a time of day is cut off."""
    found = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T]\d{1,2}:.*)?", text)
    try:
        if found is None:
            raise ValueError(text)
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as error:
        raise BadCell(
            f"“{text:.30}”不是日期。请写成 2026-11-21。", f"“{text:.30}” is no date. Write it as 2026-11-21."
        ) from error


def flag_cell(text: str) -> bool:
    """Yes or no."""
    word = text.lower()
    if word in ("是", "1", "1.0", "y", "yes", "true", "是 yes", "√"):
        return True
    if word in ("否", "0", "0.0", "n", "no", "false", "否 no", "×"):
        return False
    raise BadCell(f"“{text:.30}”应为“是”或“否”。", f"“{text:.30}” must be yes or no (是 / 否).")


def list_cell(text: str) -> list[str]:
    """Words between semicolons or commas."""
    return [word.strip() for word in re.split(r"[;;,,、]", text) if word.strip()]


def pairs_cell(text: str) -> dict[str, str]:
    """``name=value; name=value``."""
    pairs: dict[str, str] = {}
    for part in re.split(r"[;;]", text):
        name, mark, value = part.partition("=")
        if part.strip():
            if not mark or not name.strip() or not value.strip():
                raise BadCell(
                    f"“{part.strip():.30}”应写成 名称=值,多个用分号隔开。",
                    f"“{part.strip():.30}” must be name=value, several separated by semicolons.",
                )
            pairs[name.strip()] = value.strip()
    return pairs


def chosen(text: str, choices: Choices) -> str:
    """The code of a choice given as code, Chinese or English name, or the drop-down's ``网格 grid``."""
    wanted = text.strip().lower()
    for code, name in choices.items():
        if wanted in (code.lower(), name.zh.lower(), name.en.lower(), choice_label(code, name).lower()):
            return code
    first = "、".join(f"{name.zh} {code}" for code, name in list(choices.items())[:12])
    raise BadCell(
        f"“{text:.30}”不在可选范围内。可选:{first}{' …' if len(choices) > 12 else ''}。",
        f"“{text:.30}” is not one of: {', '.join(list(choices)[:12])}{' …' if len(choices) > 12 else ''}.",
    )


def choice_label(code: str, name: Text) -> str:
    """What the drop-down shows: the word for people and the code."""
    return f"{name.zh} {code}"


def choices_of(labels: Iterable[tuple[str, Any]]) -> dict[str, Text]:
    """Choices of a Django ``TextChoices`` whose labels are ``中文 English``."""
    found: dict[str, Text] = {}
    for code, label in labels:
        zh, _, en = str(label).partition(" ")
        found[code] = Text(zh, en or zh)
    return found
