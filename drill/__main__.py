"""``make drill``: everything that can be lost, tried on real processes. Exit code 1 when something was."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from drill import backing_up, clock, kills, point_in_time, same_key, starving, worker_dead
from drill.outcome import Outcome, Tell
from drill.town import Ground, ground


@dataclass(frozen=True)
class Part:
    name: str
    zh: str
    run: Callable[..., Outcome]


PARTS = (
    Part("kills", "强行结束进程", kills.drill),
    Part("same_key", "同一幂等键", same_key.drill),
    Part("backup", "备份与恢复", backing_up.drill),
    Part("point_in_time", "恢复到某一时刻", point_in_time.drill),
    Part("disk_full", "磁盘写满", starving.disk_full),
    Part("connections", "连接用尽", starving.connections),
    Part("clock", "时钟跳变一天", clock.drill),
    Part("worker_dead", "后台停三小时", worker_dead.drill),
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice([part.name for part in PARTS]))
@click.option(
    "--kills",
    "n_kills",
    default=50,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="次数 · how many kills",
)
@click.option(
    "--quick",
    "is_quick",
    is_flag=True,
    help="快速:各部分共用一座城镇、一个网页进程 · quick: one town and one web process for all parts",
)
@click.option("--seed", type=int, help="随机种子(默认随机)· seed of the random moments (random by default)")
@click.option("--port", default=0, help="端口(默认任选)· port (any by default)")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def main(
    names: tuple[str, ...], n_kills: int, is_quick: bool, seed: int | None, port: int, as_json: bool
) -> None:
    """演练数据丢失:真实进程被强行结束、磁盘写满、备份与恢复等。

    Drills against loss, on a throw-away town with real processes.
    """
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    click.echo(f"种子 · seed: {seed}", err=True)
    wanted = [part for part in PARTS if not names or part.name in names]
    found = []
    with progress() as bar:
        task = bar.add_task("建立城镇 · settling the town", total=len(wanted), now="")
        with ground(port, is_quick=is_quick) as place:
            for part in wanted:
                bar.update(task, description=f"{part.zh} · {part.name}", now="")
                found.append(one(part, place, partial(say, bar, task), n_kills, seed))
                bar.advance(task)
    show(found, seed, as_json=as_json)
    sys.exit(any(not outcome.is_good for outcome in found))


def say(bar: Progress, task: TaskID, now: str) -> None:
    """Beside the bar; in a log, where there is none, as lines."""
    bar.update(task, now=now)
    if not bar.console.is_terminal:
        click.echo(now, err=True)


def one(part: Part, place: Ground, tell: Tell, n_kills: int, seed: int) -> Outcome:
    """A part that breaks is a problem itself and does not hide the others."""
    began = time.monotonic()
    more = {"kills": n_kills, "seed": seed} if part.name == "kills" else {}
    try:
        outcome = part.run(place, tell, **more)
    except Exception as error:
        outcome = Outcome(part.name, part.zh, part.name, problems=[f"{type(error).__name__}: {error}"])
    outcome.seconds = round(time.monotonic() - began, 1)
    return outcome


def progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[now]}"), TimeElapsedColumn(),
        console=Console(stderr=True),
    )  # fmt: skip


def show(found: list[Outcome], seed: int, *, as_json: bool) -> None:
    if as_json:
        told = {
            "seed": seed,
            "good": all(one.is_good for one in found),
            "parts": [one.as_json() for one in found],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for outcome in found:
        sign = "✓" if outcome.is_good else "✗"
        click.echo(f"{sign} {outcome.zh} · {outcome.en} ({outcome.seconds:.0f} s)")
        for name, value in outcome.figures.items():
            click.echo(f"    {name}: {json.dumps(value, ensure_ascii=False)}")
        for problem in outcome.problems:
            click.echo(f"    ✗ {problem}")
    if all(outcome.is_good for outcome in found):
        click.echo(
            "结论:没有丢失,没有重复,都自行恢复。Verdict: nothing lost, nothing doubled, all recovered by itself."
        )
    else:
        click.echo(
            f"结论:有问题,见 ✗(可用 --seed {seed} 重做)。Verdict: something is wrong, see ✗ (again with --seed {seed})."
        )


if __name__ == "__main__":
    main()
