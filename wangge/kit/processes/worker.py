"""``wangge worker``: outbox, timers and jobs without the web pages."""

from __future__ import annotations

import click

from wangge.kit.errors import DomainError
from wangge.kit.processes.children import StopSignal
from wangge.kit.program import Program


@click.command()
@click.pass_obj
def command(program: Program) -> None:
    """后台进程:派送消息、到期提醒、定时任务。任意多个可以同时运行。

    The worker: events, deadlines, jobs. Any number may run at once; `serve` starts one by itself.
    """
    run_worker = program.offered("run_worker")
    if run_worker is None:
        raise DomainError(500, "no_worker", "此版本没有后台任务。", "This build has no background work.")
    with StopSignal() as stop:
        run_worker(stop)
