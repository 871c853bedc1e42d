"""Checks that several kinds of tables share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from wangge.territory.exchange.columns import Column, Line, Problems


def need_code(lines: Sequence[Line], column: Column, problems: Problems) -> None:
    """Every row needs its code, and no code stands twice."""
    at: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        code = line.get(column.name)
        if code is None:
            if column.name not in line.bad:
                problems.error(
                    line.number, column.name, f"缺少{column.zh}。请填写。", f"The {column.en} is missing."
                )
        else:
            at[code].append(line.number)
    for code, numbers in at.items():
        for number in numbers[1:]:
            problems.error(
                number,
                column.name,
                f"{column.zh}“{code}”与第 {numbers[0]} 行重复。请改正或删去一行。",
                f"“{code}” already stands in row {numbers[0]}. Correct it, or remove one row.",
            )


def need_values(
    lines: Iterable[Line], columns: Sequence[Column], is_new: Mapping[int, bool], problems: Problems
) -> None:
    """Required cells: all of them in a new row; in one that changes, those whose column the file has."""
    for line in lines:
        for column in columns:
            absent = line.get(column.name) is None and column.name not in line.bad
            wanted = column.name in line.values or is_new.get(line.number, True)
            if column.is_required and absent and wanted:
                problems.error(
                    line.number,
                    column.name,
                    f"缺少“{column.zh}”。请填写。",
                    f"The {column.en} is missing. Give it.",
                )


def need_known(
    lines: Iterable[Line], column: Column, known: Collection[str], what: tuple[str, str], problems: Problems
) -> None:
    """A code that is given must exist; ``what`` names the thing in Chinese and English."""
    for line in lines:
        code = line.get(column.name)
        if code is not None and code not in known:
            problems.error(
                line.number,
                column.name,
                f"{what[0]}“{code}”不存在或已失效。请先添加,或改正代码。",
                f"There is no {what[1]} “{code}” in force. Add it first, or correct the code.",
            )


def columns_of(line: Line, texts: Collection[str], others: Collection[str]) -> dict[str, Any]:
    """The given columns; an empty cell of a text column becomes "", of another column None."""
    given = line.given(*texts, *others)
    return {name: "" if value is None and name in texts else value for name, value in given.items()}
