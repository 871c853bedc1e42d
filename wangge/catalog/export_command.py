"""``wangge export KIND FILE``: what there is, as XLSX or CSV that ``wangge import`` takes back; or an empty template."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from wangge.catalog.kinds import EXCHANGES
from wangge.catalog.offered import ExportGroup
from wangge.territory.exchange.columns import Exchange
from wangge.territory.exchange.writing import exported, exported_csv, template


@click.group(name="export", cls=ExportGroup, no_args_is_help=True)
def command() -> None:
    """导出表格或模板;改好后可原样导入。

    Write a table, or its template; edited, it can be imported again.

    \b
    wangge export areas areas.xlsx              另写 areas.geojson · boundaries beside it
    wangge export staff staff.xlsx --template
    """


def export_command(name: str, make: Callable[[], Exchange]) -> click.Command:
    """The sub-command that writes one kind of table."""
    title = make().title

    @click.command(name=name, help=f"{title.zh}\n\n{title.en}")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--template", "is_template", is_flag=True, help="空白模板 · an empty template")
    @click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
    def write(file: Path, is_template: bool, as_json: bool) -> None:
        written = write_files(make(), file, is_template=is_template)
        if as_json:
            click.echo(json.dumps({"kind": name, "files": [str(path) for path in written]}))
        else:
            click.echo("\n".join(f"已写入 · written: {path}" for path in written))

    return write


def write_files(exchange: Exchange, file: Path, *, is_template: bool = False) -> list[Path]:
    """Write the table, and its boundaries beside it as ``.geojson`` where there are some; returns the paths."""
    if is_template:
        file.write_bytes(template(exchange))
        return [file]
    file.write_bytes(exported_csv(exchange) if file.suffix.lower() == ".csv" else exported(exchange))
    shapes = exchange.export_map()
    if shapes is None:
        return [file]
    beside = file.with_suffix(".geojson")
    beside.write_text(json.dumps(shapes, ensure_ascii=False), encoding="utf-8")
    return [file, beside]


for _name, _make in EXCHANGES.items():
    command.add_command(export_command(_name, _make))
