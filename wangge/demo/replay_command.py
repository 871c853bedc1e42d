"""``wangge replay FILE``."""

from __future__ import annotations

import json
from datetime import datetime, time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from wangge.cases.orders.bring_in import origin_of
from wangge.cases.orders.reading import Reading, read_file
from wangge.demo.replay.run import Result, run
from wangge.demo.replay.tables import n_paths, tables
from wangge.demo.settle_in import town_ready
from wangge.kit.clock import SHANGHAI
from wangge.kit.program import INTERRUPTED, OK

SHOWN_BAD = 20


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "mapped", multiple=True, metavar="字段=列名 FIELD=COLUMN", help="指定列 · name a column"
)
@click.option(
    "--places",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="地名对照表 · word,area code",
)
@click.option("--shift-to", metavar="YYYY-MM-DD", help="最后一件的日期(默认昨天)· day of the last message")
@click.option("--seed", default=2026, show_default=True, help="随机种子 · seed of the simulation")
@click.option(
    "--processes", default=2, show_default=True, type=click.IntRange(1, 16), help="进程数 · processes"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def command(
    file: Path,
    mapped: tuple[str, ...],
    places: Path | None,
    shift_to: str | None,
    seed: int,
    processes: int,
    as_json: bool,
) -> int:
    """重放真实来件:导入文件,由模拟的工作人员和居民走完全流程(记录均注明“模拟”)。可随时中断,再次运行会接着做。

    Replay real messages through the whole loop with simulated staff and residents. Stop it any time; run it again
    and it goes on.
    """
    reading = read_file(file, dict(pair.split("=", 1) for pair in mapped if "=" in pair))
    town_ready()
    last_on = datetime.combine(datetime.fromisoformat(shift_to), time(12), SHANGHAI) if shift_to else None
    result = with_progress(reading, places, seed, last_on, processes)
    result.paths = n_paths(origin_of(reading))
    if as_json:
        click.echo(json.dumps(result.as_json(), ensure_ascii=False))
    else:
        show(result, origin_of(reading))
    return INTERRUPTED if result.is_stopped else OK


def with_progress(
    reading: Reading, places: Path | None, seed: int, last_on: datetime | None, processes: int
) -> Result:
    """Run with a bar that shows rate and time left."""
    bar = Progress(
        TextColumn("重放 · replay"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeElapsedColumn(),
        TimeRemainingColumn(), console=Console(stderr=True),
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=None, rate="")

        def progress(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:.1f}/s" if speed else "")

        return run(
            reading, mapping=places, seed=seed, last_on=last_on, processes=processes, progress=progress
        )


def show(result: Result, origin: str) -> None:
    """The figures and tables for people."""
    said = result.as_json()
    names = [
        "read",
        "new",
        "known",
        "bad",
        "closed",
        "parked",
        "merged",
        "declined",
        "void",
        "transferred",
        "open",
        "paths",
        "loops_per_s",
    ]
    click.echo("  ".join(f"{name} {said[name]}" for name in names))
    if result.new:
        share = 100 * result.n_decided / result.new
        click.echo(
            f"关键词直接定类 {share:.0f} %,其余由受理员从五个建议中选 · keywords decided {share:.0f} %, the desk chose the rest"
        )
        click.echo("定位 · placed: " + ", ".join(f"{name} {n}" for name, n in result.by_place.items()))
    for row in result.bad[:SHOWN_BAD]:
        click.echo(f"  第 {row.row} 行 row {row.row} ({row.number}): {row.reason.zh} / {row.reason.en}")
    console = Console()
    for table in tables(origin):
        console.print(table)
