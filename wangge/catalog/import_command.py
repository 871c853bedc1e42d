"""``wangge import KIND FILE``: a table of one's own, with a dry run, all or nothing.

``command`` is a group with one sub-command a kind; features above add theirs (``wiring.IMPORT_COMMANDS``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from wangge.catalog.kinds import EXCHANGES
from wangge.catalog.offered import ImportGroup
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.program import FAILED, OK
from wangge.territory.exchange.columns import Exchange
from wangge.territory.exchange.run import Report, bring_in

MOST_SHOWN = 50
BY = "wangge import"


@click.group(name="import", cls=ImportGroup, no_args_is_help=True)
def command() -> None:
    """导入表格:XLSX 或 CSV(UTF-8、GB18030)。先用 --dry-run 看有什么问题;有一行不对就一行也不写入。

    Bring in a table: XLSX or CSV. Look at the problems first with --dry-run; one bad row and nothing is written.

    \b
    wangge export areas areas.xlsx --template
    wangge import areas areas.xlsx --map areas.geojson --dry-run
    """


def import_command(name: str, make: Callable[[], Exchange]) -> click.Command:
    """The sub-command that brings in one kind of table."""
    title = make().title

    @click.command(name=name, help=f"{title.zh}\n\n{title.en}")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="只检查,不写入 · check only, write nothing")
    @click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
    @click.option(
        "--map",
        "map_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="GeoJSON 边界文件(区域)· boundaries of areas",
    )
    def bring(file: Path, dry_run: bool, as_json: bool, map_file: Path | None) -> int:
        report = bring_in(
            make(),
            file.read_bytes(),
            file.name,
            by=BY,
            at=REAL_CLOCK.now(),
            is_dry_run=dry_run,
            map_content=map_file.read_bytes() if map_file else None,
        )
        if as_json:
            click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            tell(report)
        return FAILED if report.n_errors else OK

    return bring


def tell(report: Report) -> None:
    """The problems, errors first, then what was done."""
    for problem in report.problems[:MOST_SHOWN]:
        mark = "提醒 warning" if problem.is_warning else "错误 error"
        place = f"第 {problem.row} 行 row {problem.row}" if problem.row else "文件 file"
        click.echo(f"[{mark}] {place} {problem.column}: {problem.zh}\n    {problem.en}")
    n_more = report.n_errors + report.n_warnings - min(len(report.problems), MOST_SHOWN)
    if n_more > 0:
        click.echo(f"… 另有 {n_more} 条 · {n_more} more (--json)")
    figures = (
        f"行 rows {report.n_rows} · 新增 new {report.n_new} · 修改 changed {report.n_changed} · "
        f"不变 same {report.n_same} · 错误 errors {report.n_errors} · 提醒 warnings {report.n_warnings}"
    )
    if report.n_errors:
        click.echo(f"没有写入任何内容 · nothing was written. {figures}", err=True)
    elif report.is_done:
        click.echo(f"已导入 · done. {figures}")
    else:
        click.echo(f"检查通过,尚未写入 · sound, not written yet. {figures}")


for _name, _make in EXCHANGES.items():
    command.add_command(import_command(_name, _make))
