"""``make bench``: every figure that we publish, with its yardsticks measured in the same run.

Prints a table, or with ``--json`` everything that was measured. Exit code 1 when a figure is not what it should be.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bench.figures import FIGURES, Figure
from bench.house import House, house
from bench.machine import machine
from bench.million import MILLION, QUICK, million
from bench.reference import reference
from bench.yardstick import loop_ms

SECONDS = 6.0


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice([figure.name for figure in FIGURES]))
@click.option("--seconds", default=SECONDS, show_default=True, help="每项时长 · how long each is measured")
@click.option(
    "--keep", "kept", type=click.Path(file_okay=False, path_type=Path),
    help="保留并再次使用此目录中的城镇和百万案件 · keep town and million in this folder and use them again",
)  # fmt: skip
@click.option(
    "--cases", "n_cases", default=MILLION, show_default=True, help="大库案件数 · cases of the large town"
)
@click.option("--quick", is_flag=True, help=f"只看一眼:{QUICK} 件 · for a look: {QUICK} cases")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def main(
    names: tuple[str, ...], seconds: float, kept: Path | None, n_cases: int, quick: bool, as_json: bool
) -> None:
    """测量已公布的数字;机器应空闲。Measure the published figures, on an idle machine."""
    wanted = [figure for figure in FIGURES if not names or figure.name in names]
    found: dict[str, dict[str, Any]] = {}
    with house(kept) as town:
        on = machine(town)
        large = million(town, QUICK if quick else n_cases) if any(f.needs_million for f in wanted) else town
        for figure in wanted:
            found[figure.name] = middle(figure, large if figure.needs_million else town, seconds)
            click.echo(f"{figure.name}: {met(figure, found[figure.name])}", err=True)
    if as_json:
        click.echo(json.dumps({"machine": on, "figures": found}, ensure_ascii=False))
    else:
        show(on, wanted, found)
    sys.exit(not all(limit.is_met(found[figure.name]) for figure in wanted for limit in figure.limits))


def met(figure: Figure, told: dict[str, Any]) -> str:
    return " ".join(
        f"{limit.name} {told[limit.name]} ({limit.said}{'' if limit.is_met(told) else ' !'})"
        for limit in figure.limits
    )


def middle(figure: Figure, where: House, seconds: float) -> dict[str, Any]:
    """The round in the middle by the first limit's value, with the values of all."""
    first = figure.limits[0].name
    rounds = sorted(
        (one_round(figure, where, seconds) for _ in range(figure.rounds)), key=lambda one: one[first]
    )
    return rounds[len(rounds) // 2] | {"rounds": [one[first] for one in rounds]}


def one_round(figure: Figure, where: House, seconds: float) -> dict[str, Any]:
    """Measured between two measurements of the yardsticks, because a machine's speed changes with its neighbours."""
    loops = [loop_ms()]
    if not figure.by_pgbench:
        told = figure.measure(where, seconds)
    else:
        before = reference(where, seconds / 2)
        told = figure.measure(where, seconds)
        after = reference(where, seconds / 2)
        yardstick = (before.per_s + after.per_s) / 2
        told |= {
            "reference_per_s": round(yardstick, 1), "reference": [before.__dict__, after.__dict__],
            "ratio": round(told["per_s"] / yardstick, 3),
        }  # fmt: skip
    return told | {"loop_ms": [*loops, loop_ms()]}


def show(on: dict[str, object], wanted: list[Figure], found: dict[str, dict[str, Any]]) -> None:
    console = Console(width=130)
    console.print(" · ".join(f"{name} {value}" for name, value in on.items()), soft_wrap=True)
    table = Table("", "", "测得 · found", "应为 · should be", "p50 / p95 ms", "Python ms")
    for figure in wanted:
        one = found[figure.name]
        for n, limit in enumerate(figure.limits):
            table.add_row(
                "" if n else f"{figure.zh}\n{figure.en}", f"{limit.zh}\n{limit.en}",
                f"{one[limit.name]:g}{'' if limit.is_met(one) else ' ✗'}", limit.said,
                f"{one['p50_ms']:.1f} / {one['p95_ms']:.1f}" if "p50_ms" in one and not n else "",
                "" if n else " … ".join(f"{ms:.1f}" for ms in one["loop_ms"]),
            )  # fmt: skip
    console.print(table)
    for figure in wanted:
        console.print(f"{figure.name}: {json.dumps(found[figure.name], ensure_ascii=False)}", soft_wrap=True)


if __name__ == "__main__":
    main()
