"""``wangge import orders FILE`` and ``wangge export outcomes FILE``."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wangge.cases.models import Case
from wangge.cases.orders.bring_in import BroughtIn, bring_in, origin_of, outcomes
from wangge.cases.orders.reading import Reading, read_file
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import NotFound
from wangge.kit.export import Maker, xlsx
from wangge.kit.program import OK
from wangge.kit.words import Text
from wangge.territory.scope import PLATFORM

SHOWN_BAD = 50
OUTCOME_COLUMNS = (
    ("original_number", Text("原编号", "Original number")),
    ("case_number", Text("案件编号", "Case number")),
    ("state", Text("状态", "State")),
    ("category", Text("类别", "Category")),
    ("unit", Text("承办单位", "Unit")),
    ("area", Text("所在区域", "Area")),
    ("reported_at", Text("上报时间", "Reported")),
    ("closed_at", Text("结案时间", "Closed")),
    ("close_type", Text("结案类型", "Close type")),
    ("reply", Text("答复", "Reply")),
    ("n_rework", Text("返工次数", "Reworks")),
)


@click.command(name="orders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "mapped", multiple=True, metavar="字段=列名 FIELD=COLUMN", help="指定列 · name a column"
)
@click.option("--system", default="", help="来源系统名称,例如 12345 · name of the outside system")
@click.option("--dry-run", is_flag=True, help="只检查,不写入 · check only, write nothing")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def import_orders(file: Path, mapped: tuple[str, ...], system: str, dry_run: bool, as_json: bool) -> int:
    """导入工单或留言:进入真实的受理队列,保留原编号;有问题的行列出原因,不影响其他行。

    Bring in orders or messages: they wait in the real queue with their original number; bad rows are listed and
    do not stop the rest.
    """
    reading = read_file(file, dict(pair.split("=", 1) for pair in mapped if "=" in pair))
    result = checked(reading) if dry_run else with_progress(reading, system)
    if as_json:
        click.echo(json.dumps(result.as_json(), ensure_ascii=False))
        return OK
    click.echo(
        f"读取 read {result.read} · 新增 new {result.new} · 已有 known {result.known} · 有问题 bad {len(result.bad)}"
    )
    for row in result.bad[:SHOWN_BAD]:
        click.echo(f"  第 {row.row} 行 row {row.row} ({row.number}): {row.reason.zh} / {row.reason.en}")
    return OK


def checked(reading: Reading) -> BroughtIn:
    """What would be read; nothing is written."""
    return BroughtIn(read=reading.n_read, bad=list(reading.bad))


def with_progress(reading: Reading, system: str) -> BroughtIn:
    bar = Progress(
        TextColumn("导入 · importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True),
    )  # fmt: skip
    with bar:
        row = bar.add_task("", total=len(reading.orders))
        return bring_in(
            reading, actor=PLATFORM, system=system, progress=lambda n: bar.update(row, completed=n)
        )


@click.command(name="outcomes")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--system", default="", help="来源系统名称 · name of the outside system")
@click.option(
    "--of",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="当初导入的文件 · the file imported",
)
def export_outcomes(file: Path, system: str, source: Path | None) -> int:
    """导出办理结果:按原编号列出,便于回传。

    Write the outcomes, keyed by the original number, for handing back.
    """
    origin = origin_of(read_file(source), system) if source else system
    if not Case.objects.filter(origin=origin).exists():
        raise NotFound(
            "没有找到这个来源的工单。请用 --system 或 --of 指定来源。",
            "No orders of this origin. Name it by --system or --of.",
        )
    file.write_bytes(outcomes_sheet(origin, "wangge export"))
    click.echo(str(file))
    return OK


def outcomes_sheet(origin: str, by: str) -> bytes:
    """The outcomes of an origin as an XLSX file with who made it and when."""
    titles = [f"{title.zh} {title.en}" for _, title in OUTCOME_COLUMNS]
    names = [name for name, _ in OUTCOME_COLUMNS]
    rows = ([row[name] for name in names] for row in outcomes(origin))
    return xlsx(
        titles, rows, Maker(by, REAL_CLOCK.now(), "办理结果回传 outcomes handed back"), sheet="办理结果"
    )
