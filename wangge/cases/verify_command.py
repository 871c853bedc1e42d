"""``wangge verify-ledger``."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wangge.cases.audit import Verified, verify
from wangge.cases.models import Entry
from wangge.kit.program import FAILED, OK

SHOWN = 50


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def command(as_json: bool) -> int:
    """核验台账:重新计算每个案件的哈希链,并与案件现状比较。发现问题时退出码为 1。

    Verify the ledger: recompute each case's chain of hashes and compare it with the case. Exit code 1 on findings.
    """
    found = with_progress()
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        click.echo(f"案件 {found.cases} · 记录 {found.entries} · 问题 {len(found.findings)}")
        click.echo(f"{found.cases} cases · {found.entries} entries · {len(found.findings)} findings")
        for finding in found.findings[:SHOWN]:
            click.echo(f"  {finding.case} #{finding.entry}: {finding.kind}")
        if len(found.findings) > SHOWN:
            click.echo("  …  --json 输出全部 · --json prints all")
    return FAILED if found.findings else OK


def with_progress() -> Verified:
    """Verify with a bar on the terminal's error output."""
    bar = Progress(
        TextColumn("核验台账 · verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=Entry.objects.count())
        return verify(lambda n: bar.update(task, completed=n))
