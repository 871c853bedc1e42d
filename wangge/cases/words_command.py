"""``wangge words``."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wangge.cases.search import index_some, n_unindexed


@click.command()
def command() -> None:
    """让全部案件都能按文字查到(升级或批量导入之后)。随时可以中断,再次运行会接着做。

    Make all cases findable by their words, after an upgrade or a bulk load. May be interrupted and run again.
    """
    bar = Progress(
        TextColumn("文字索引 · words"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    n_done = 0
    with bar:
        task = bar.add_task("", total=n_unindexed())
        while n := index_some():
            n_done += n
            bar.update(task, completed=n_done)
    click.echo(f"已补 {n_done} 件 · {n_done} cases done")
