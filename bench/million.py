"""The demo town with a million cases in it: ``python -m bench.million --keep FOLDER [-n 1000000] [COMMAND …]``.

Built once in a folder and kept there; a command then runs inside that town (its ``DATABASE_URL`` and ``WANGGE_DATA``),
such as ``wangge serve`` or ``psql``. Without one, only built.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import click

from bench.house import House, house, run_inside

MILLION = 1_000_000
QUICK = 20_000
N_CHAINS = 400
SMALL_SHARE = 50  # a small town is stamped from fewer real cases


def million(town: House, n_cases: int = MILLION) -> House:
    """The town with this many cases, built unless it is there; brought up to date when the program is newer."""
    name = f"cases_{n_cases}"
    if town.has(name):
        return up_to_date(town.named(name))
    building = real_chains(town, max(min(N_CHAINS, n_cases // SMALL_SHARE), 8)).copy(f"{name}_unfinished")
    began = time.monotonic()
    run_inside(building, "fill", str(n_cases))
    click.echo(f"{n_cases} cases: {time.monotonic() - began:.0f} s", err=True)
    return building.renamed(name)


def real_chains(town: House, n: int) -> House:
    """The town with the cases that the others are stamped from, built unless it is there."""
    name = f"chains_{n}"
    if town.has(name):
        return up_to_date(town.named(name))
    building = town.copy(f"{name}_unfinished")
    began = time.monotonic()
    run_inside(building, "chains", str(n))
    click.echo(f"real chains: {time.monotonic() - began:.0f} s", err=True)
    return building.renamed(name)


def up_to_date(ready: House) -> House:
    run_inside(ready, "settle", "--migrate")
    return ready


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--keep", "kept", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("-n", "n_cases", default=MILLION, show_default=True)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def main(kept: Path, n_cases: int, command: tuple[str, ...]) -> None:
    """建立并保留一百万个案件的城镇,在其中执行命令。Build and keep the town of a million; run a command in it."""
    with house(kept) as town:
        ready = million(town, n_cases)
        if command:
            sys.exit(subprocess.run(command, env=ready.environment, check=False).returncode)


if __name__ == "__main__":
    main()
