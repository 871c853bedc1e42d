"""``wangge verify-ledger``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wangge.cases.audit import Finding, Verified, verify
from wangge.cases.models import Entry
from wangge.cases.seal_files import read_exported
from wangge.cases.seals import Seal
from wangge.kit.program import FAILED, OK

SHOWN = 50
MOST_PROCESSES = 8


@click.command()
@click.option(
    "--seals", "files", multiple=True, type=click.Path(exists=True, path_type=Path),
    help="另行保存的封签文件或目录,可多次 · seals that were kept elsewhere: a file or folder, may be repeated",
)  # fmt: skip
@click.option(
    "--key", "keys", multiple=True, metavar="HEX",
    help="信任的公钥(64 位十六进制);默认本安装的 · trusted public key; the installation's own by default",
)  # fmt: skip
@click.option(
    "--processes", type=click.IntRange(1, 64), default=min(os.cpu_count() or 1, MOST_PROCESSES),
    show_default="CPU", help="进程数 · number of processes",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def command(files: tuple[Path, ...], keys: tuple[str, ...], processes: int, as_json: bool) -> int:
    """核验台账:重算每个案件的哈希链,逐条重放,与案件现状和封签比较。发现问题时退出码为 1。

    Verify the ledger: recompute each case's chain, replay its entries, compare with the case and with the signed
    seals. Exit code 1 on findings.
    """
    exported = read_exported(files) if files else []
    found = with_progress(exported, frozenset(keys) or None, processes)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        tell(found)
    return FAILED if found.findings else OK


def tell(found: Verified) -> None:
    """The audit in words."""
    click.echo(
        f"案件 {found.cases} · 记录 {found.entries} · 封签 {found.seals} · 问题 {len(found.findings)}\n"
        f"{found.cases} cases · {found.entries} entries · {found.seals} seals · {len(found.findings)} findings"
    )
    if found.unsealed:
        click.echo(
            f"尚未封签 {found.unsealed} 条,只证明前后相连 · {found.unsealed} entries are younger than the last seal: "
            "chained, not proven"
        )
    click.echo(f"公钥 · public key: {found.key}")
    for finding in found.findings[:SHOWN]:
        click.echo(f"  {place_of(finding)}: {finding.kind}")
    if len(found.findings) > SHOWN:
        click.echo("  …  --json 输出全部 · --json prints all")


def place_of(finding: Finding) -> str:
    return f"封签 seal {finding.seal}" if finding.seal else f"{finding.case} #{finding.entry}"


def with_progress(exported: list[Seal], keys: frozenset[str] | None, processes: int) -> Verified:
    """Verify with a bar on the terminal's error output."""
    bar = Progress(
        TextColumn("核验台账 · verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=Entry.objects.count())
        return verify(
            lambda n: bar.update(task, completed=n), exported=exported, keys=keys, processes=processes
        )
