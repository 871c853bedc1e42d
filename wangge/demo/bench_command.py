"""``wangge bench``: the measuring programs, which lie beside the package in a clone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from wangge.kit.errors import DomainError

CLONE = Path(__file__).parents[2]


@click.command(
    add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True}
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> int:
    """测量已公布的数字。Measure the published figures (``--help`` lists them)."""
    if not (CLONE / "bench" / "__main__.py").exists():
        raise DomainError(
            404,
            "no_bench",
            "测量程序只随源代码提供:请在源代码目录中执行 make bench。",
            "The measuring programs come with the source only: run `make bench` in a clone.",
        )
    return subprocess.run([sys.executable, "-m", "bench", *words], cwd=CLONE, check=False).returncode  # noqa: S603
