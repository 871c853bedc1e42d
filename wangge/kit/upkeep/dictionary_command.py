"""``wangge export data-dictionary FILE``: every table and column with its meaning, unit, class and retention."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.data_dictionary import CLASSES, Table, retentions, tables
from wangge.kit.export import Maker, Row, csv_parts, xlsx

TITLES = [
    "表 table", "表的用途 what the table is for", "字段 column", "含义", "Meaning", "类型 type", "可空 null",
    "单位 unit", "取值 values", "级别 class", "级别含义 what the class means", "保存 kept", "由谁删除 deleted by",
]  # fmt: skip


@click.command(name="data-dictionary")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_data_dictionary(file: Path) -> None:
    """导出数据字典:每张表、每个字段的含义、单位、级别、保存期限(XLSX 或 CSV)。

    Write the data dictionary: meaning, unit, class and retention of every table and column (XLSX or CSV).
    """
    maker = Maker("wangge export", REAL_CLOCK.now())
    found = tables()
    if file.suffix.lower() == ".csv":
        file.write_bytes(b"".join(csv_parts(TITLES, rows_of(found), maker)))
    else:
        file.write_bytes(xlsx(TITLES, rows_of(found), maker, sheet="数据字典"))
    click.echo(f"已写入 · written: {file}")


def rows_of(found: list[Table]) -> Iterator[Row]:
    """One row for each column, and one for each table of a library."""
    periods = retentions()
    for table in found:
        purpose = " · ".join(table.told)
        if not table.columns:
            yield [
                table.name, purpose, "", "", "", "", "", "", "",
                *ends(table.privacy), " · ".join(periods[table.retention].told), periods[table.retention].sweep,
            ]  # fmt: skip
        for column in table.columns:
            kept = periods[column.retention]
            yield [
                table.name, purpose, column.name, column.told.zh, column.told.en, column.kind,
                "是 yes" if column.is_null else "", column.unit, " ".join(column.values),
                *ends(column.privacy), " · ".join(kept.told), kept.sweep,
            ]  # fmt: skip


def ends(privacy: str) -> list[str]:
    return [privacy, " · ".join(CLASSES[privacy])]
