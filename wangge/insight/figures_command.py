"""``wangge figures``."""

from __future__ import annotations

import json

import click
from django.db import connections
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from wangge.insight.checking import Checked, check
from wangge.insight.fold import rebuild
from wangge.insight.models import CaseFact, DaySum
from wangge.kit.program import FAILED, OK
from wangge.kit.upkeep.migrate import OWNER

PARTS = {"facts": "逐件 · cases", "sums": "合计 · sums"}
SHOWN = 50


@click.command()
@click.option("--rebuild", "is_rebuild", is_flag=True, help="由案件重新计算全部统计 · count everything again")
@click.option("--check", "is_check", is_flag=True, help="与案件逐件比较 · compare with the cases")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def command(is_rebuild: bool, is_check: bool, as_json: bool) -> int:
    """统计数:由案件重算(--rebuild),或与案件逐件核对(--check,缺省);有差异时退出码为 1。期间可以照常办案。

    The figures: count them again from the cases, or compare them with the cases (the default); exit code 1 when they
    differ. Work goes on meanwhile.
    """
    told: dict[str, object] = {}
    found: Checked | None = None
    with Bar() as bar:
        if is_rebuild:
            told["counted"] = rebuild(bar.show)
            tidy()
        if is_check or not is_rebuild:
            found = check(bar.show)
            told |= {
                "cases": found.n_cases, "differences": found.n_differences, "waiting": found.n_waiting,
                "told": found.differences,
            }  # fmt: skip
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        say(told, found)
    return FAILED if found is not None and found.n_differences else OK


def tidy() -> None:
    """After a million new rows the database must know how many there are, or it reads all of them for each figure."""
    if connections[OWNER].in_atomic_block:  # a test's
        return
    with connections[OWNER].cursor() as cursor:
        for model in (CaseFact, DaySum):
            cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")
    connections[OWNER].close()


def say(told: dict[str, object], found: Checked | None) -> None:
    if "counted" in told:
        click.echo(f"已计入 {told['counted']} 件 · {told['counted']} cases counted")
    if found is None:
        return
    click.echo(f"案件 {found.n_cases} · 差异 {found.n_differences} · 待计入 {found.n_waiting}")
    click.echo(
        f"{found.n_cases} cases · {found.n_differences} differences · {found.n_waiting} about to be counted"
    )
    for words in found.differences[:SHOWN]:
        click.echo(f"  {words}")
    if found.n_differences > SHOWN:
        click.echo("  …  --json 输出更多 · --json prints more")


class Bar(Progress):
    """Progress on the terminal's error output."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        super().__init__(*columns, console=Console(stderr=True), transient=True)
        self.own = {part: self.add_task(words, visible=False) for part, words in PARTS.items()}

    def show(self, part: str, n: int, whole: int) -> None:
        self.update(self.own[part], completed=n, total=max(whole, 1), visible=True)
