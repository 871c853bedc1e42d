"""``make bench``: every figure that we publish, each with its yardstick measured in the same run.

Prints a table, or with ``--json`` everything that was measured. Exit code 1 when a figure is below what it should be.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bench import loops, report_by_api
from bench.house import House, house
from bench.machine import machine
from bench.reference import reference

SECONDS = 6.0


@dataclass(frozen=True)
class Figure:
    """``least``: of ``per_s`` as a share of the reference's statements a second; the middle of ``rounds`` counts."""

    name: str
    zh: str
    en: str
    measure: Callable[[House, float], dict[str, Any]]
    least: float
    rounds: int


FIGURES = (
    Figure("report", "接口上报,32 个连接", "report by API, 32 connections", report_by_api.measure, 0.12, 3),
    Figure(
        "loops", "完整流程,两个进程(动词数)", "whole loops, two processes (verbs)", loops.measure, 0.08, 1
    ),
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice([figure.name for figure in FIGURES]))
@click.option("--seconds", default=SECONDS, show_default=True, help="每项时长 · how long each is measured")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def main(names: tuple[str, ...], seconds: float, as_json: bool) -> None:
    """测量已公布的数字;机器应空闲。Measure the published figures, on an idle machine."""
    wanted = [figure for figure in FIGURES if not names or figure.name in names]
    with house() as town:
        on = machine(town)
        found = {figure.name: middle(figure, town, seconds) for figure in wanted}
    if as_json:
        click.echo(json.dumps({"machine": on, "figures": found}, ensure_ascii=False))
    else:
        show(on, wanted, found)
    sys.exit(any(one["ratio"] < one["least"] for one in found.values()))


def middle(figure: Figure, town: House, seconds: float) -> dict[str, Any]:
    """The round in the middle by its ratio, with the ratios of all."""
    rounds = sorted(
        (one_round(figure, town, seconds) for _ in range(figure.rounds)), key=lambda one: one["ratio"]
    )
    return rounds[len(rounds) // 2] | {"ratios": [one["ratio"] for one in rounds]}


def one_round(figure: Figure, town: House, seconds: float) -> dict[str, Any]:
    """Measured between two measurements of the yardstick, because a machine's speed changes with its neighbours."""
    share = seconds / 2
    before = reference(town, share)
    told = figure.measure(town, seconds)
    after = reference(town, share)
    yardstick = (before.per_s + after.per_s) / 2
    return told | {
        "reference_per_s": round(yardstick, 1), "reference": [before.__dict__, after.__dict__],
        "ratio": round(told["per_s"] / yardstick, 3), "least": figure.least,
    }  # fmt: skip


def show(on: dict[str, object], wanted: list[Figure], found: dict[str, dict[str, Any]]) -> None:
    console = Console(width=120)
    console.print(" · ".join(f"{name} {value}" for name, value in on.items()), soft_wrap=True)
    table = Table("", "每秒 · a second", "pgbench", "比值 · ratio", "至少 · at least")
    for figure in wanted:
        one = found[figure.name]
        table.add_row(
            f"{figure.zh}\n{figure.en}", f"{one['per_s']:.0f}", f"{one['reference_per_s']:.0f}", f"{one['ratio']:.3f}",
            f"{one['least']}",
        )  # fmt: skip
    console.print(table)
    for figure in wanted:
        console.print(f"{figure.name}: {json.dumps(found[figure.name], ensure_ascii=False)}", soft_wrap=True)


if __name__ == "__main__":
    main()
