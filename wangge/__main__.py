"""``wangge`` = ``python -m wangge``: the one command line.

Exit codes: 0 done · 1 failed · 2 wrong usage · 3 refused, for example already running · 130 Ctrl-C · 143 SIGTERM.
A command returns its exit code or None; a DomainError is told in two languages without a traceback.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import Any

import click

from wangge.kit.errors import DomainError
from wangge.kit.postgres import check_url, data_folder, lease
from wangge.kit.processes.children import end_with_given_parent
from wangge.kit.program import FAILED, INTERRUPTED, OK, REFUSED, TERMINATED, Program, version

HELP_WORDS = ("--help", "-h")


@dataclass(frozen=True)
class Entry:
    """Where a command lives (``module:attribute``), and what it needs before it runs."""

    target: str
    zh: str
    en: str
    migrated: bool = True
    """run only on a database that is up to date; bring it there first"""
    is_alone: bool = False
    """needs neither the data folder nor its database"""


COMMANDS = {
    "serve": Entry("wangge.kit.processes.serve:command", "打开网格", "open Wangge in the browser"),
    "worker": Entry("wangge.kit.processes.worker:command", "后台进程", "background work only"),
    "init": Entry("wangge.catalog.init_command:command", "建立自己的城镇", "set up a town of one's own"),
    "demo": Entry("wangge.demo.demo_command:command", "建立演示城镇", "set up the demo town"),
    "import": Entry(
        "wangge.catalog.import_command:command",
        "导入区域、单位、人员等表格",
        "bring in areas, units, staff …",
    ),
    "export": Entry(
        "wangge.catalog.export_command:command", "导出表格或模板", "write tables or their templates"
    ),
    "replay": Entry(
        "wangge.demo.replay_command:command", "重放真实来件", "run real messages through the loop"
    ),
    "verify-ledger": Entry(
        "wangge.cases.verify_command:command", "核验台账", "recompute the ledger's hashes"
    ),
    "figures": Entry(
        "wangge.insight.figures_command:command", "核对或重算统计", "compare the figures or count them again"
    ),
    "words": Entry("wangge.cases.words_command:command", "补齐文字索引", "make cases findable by words"),
    "erase-contacts": Entry(
        "wangge.cases.erase_command:command", "清除到期的联系方式", "erase contact data that are due"
    ),
    "doctor": Entry(
        "wangge.kit.upkeep.doctor:command", "检查安装", "check this installation", migrated=False
    ),
    "createadmin": Entry(
        "wangge.accounts.createadmin_command:command", "建立管理员", "make an administrator"
    ),
    "migrate": Entry(
        "wangge.kit.upkeep.migrate:command", "升级数据库", "bring the database up to date", migrated=False
    ),
    "backup": Entry("wangge.kit.upkeep.backup:command", "备份", "write a backup", migrated=False),
    "rotate-keys": Entry("wangge.kit.upkeep.rotate:command", "更换密钥", "change the encryption keys"),
    "restore": Entry("wangge.kit.upkeep.restore:command", "恢复备份", "bring back a backup", migrated=False),
    "bench": Entry(
        "wangge.demo.bench_command:command", "测量性能", "measure the published figures", is_alone=True
    ),
}


class Commands(click.Group):
    """Commands from the table; only the one that is asked for is imported, with its database open."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, entry in COMMANDS.items() if exists(entry)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, f"{COMMANDS[name].zh} · {COMMANDS[name].en}") for name in self.list_commands(ctx)]
        with formatter.section("命令 · commands"):
            formatter.write_dl(rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        entry = COMMANDS.get(name)
        if entry is None or not exists(entry):
            ctx.fail(f"没有命令 {name}。· No such command: {name}. 全部命令 · all commands: wangge --help")
        if not entry.is_alone and not any(word in HELP_WORDS for word in args[1:]):
            ctx.obj = ctx.with_resource(opened(entry))
        else:
            set_up_django()
            ctx.obj = Program(data_folder(), wiring=wiring())
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return name, command, args[1:]


def exists(entry: Entry) -> bool:
    try:
        return importlib.util.find_spec(entry.target.partition(":")[0]) is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def opened(entry: Entry) -> Iterator[Program]:
    """The database, ours or the one that ``DATABASE_URL`` names, and Django on top of it."""
    folder = data_folder()
    if not folder.exists():
        click.echo(f"新建数据目录 · new data folder: {folder}", err=True)
    if os.environ.get("DATABASE_URL"):
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            if os.environ.get(name):
                check_url(os.environ[name], name=name)
        yield set_up(entry, Program(folder))
        return
    with lease(folder) as server:
        os.environ["DATABASE_URL"] = server.app_url
        os.environ["DATABASE_OWNER_URL"] = server.owner_url
        try:
            yield set_up(entry, Program(folder, server))
        finally:
            close_connections()


def set_up(entry: Entry, program: Program) -> Program:
    set_up_django()
    if entry.migrated:
        from wangge.kit.upkeep.migrate import migrate_if_needed

        migrate_if_needed()
    return Program(program.data_folder, program.server, wiring())


def set_up_django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.settings")
    django.setup()


def close_connections() -> None:
    from django.db import connections

    connections.close_all()


def wiring() -> ModuleType | None:
    if importlib.util.find_spec("wangge.wiring") is None:
        return None
    return importlib.import_module("wangge.wiring")


@click.group(cls=Commands, context_settings={"help_option_names": list(reversed(HELP_WORDS))})
@click.version_option(version(), message="%(version)s")
def cli() -> None:
    """网格 Wangge:基层治理的网格平台。

    The open platform for grid-based local governance.

    \b
    WANGGE_DATA     数据目录(数据库、文件、密钥)· folder of database, files and keys
    DATABASE_URL    改用别处的数据库 · use a database that runs elsewhere
    退出码 · exit codes: 0 完成 done, 1 失败 failed, 2 用法不对 usage, 3 拒绝 refused, 130 Ctrl-C, 143 SIGTERM
    """


def main(words: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    end_with_given_parent()
    signal.signal(signal.SIGTERM, terminated)
    try:
        result: Any = cli.main(words, prog_name="wangge", standalone_mode=False)
    except DomainError as error:
        click.echo(f"{error.zh}\n{error.en}", err=True)
        return REFUSED if error.status in (403, 409) else FAILED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("\n已中断 · interrupted", err=True)
        return INTERRUPTED
    except Exception as error:
        told = told_of_outage(error)
        if told is None:
            raise
        click.echo(f"{told.zh}\n{told.en}", err=True)
        return FAILED
    return result if type(result) is int else OK


def told_of_outage(error: Exception) -> DomainError | None:
    from wangge.kit.outages import outage

    return outage(error)


def terminated(_signal: int, _frame: FrameType | None) -> None:
    """SIGTERM ends like any other end: locks and leases are given back."""
    sys.exit(TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
