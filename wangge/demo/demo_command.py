"""``wangge demo``: the demo town, its accounts, and sixty days of history."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from wangge.accounts.models import User
from wangge.cases.orders.bring_in import known_numbers
from wangge.demo.history import DAYS, N_CASES, ORIGIN, tasks
from wangge.demo.progress import note_progress
from wangge.demo.replay.run import Result, Terms, tell_groups
from wangge.demo.settle_in import DEMO_PASSWORD, town_ready
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.program import INTERRUPTED, OK
from wangge.territory.models import Post
from wangge.territory.roles import ROLE_NAMES, Role

SHOWN_ROLES = (
    Role.INTAKE_CLERK, Role.DISPATCHER, Role.GRID_WORKER, Role.HEAD_OF_UNIT, Role.CHECKER, Role.SHIFT_LEADER,
    Role.STREET_LEADER, Role.COUNTY_DISPATCHER,
)  # fmt: skip


@click.command()
@click.option("--seed", default=2026, show_default=True, help="随机种子 · seed")
@click.option(
    "--cases", default=N_CASES, show_default=True, type=click.IntRange(0, 100_000), help="案件数 · cases"
)
@click.option(
    "--processes", default=2, show_default=True, type=click.IntRange(1, 16), help="进程数 · processes"
)
@click.option("--no-history", is_flag=True, help="只建城镇 · the town only")
@click.option("--json", "as_json", is_flag=True, help="输出账号(JSON)· print the accounts as JSON")
def command(seed: int, cases: int, processes: int, no_history: bool, as_json: bool) -> int:
    """建立演示城镇:区域、单位、约 240 名虚构人员、楼栋和 60 天的案件。已有数据时只补齐历史。演示账号只能在本机登录。

    Set up the demo town: areas, units, about 240 invented people, buildings and 60 days of cases. Demo accounts
    work on this machine only.
    """
    town_ready(seed)
    result = None if no_history else fill(seed, cases, processes)
    if as_json:
        click.echo(
            json.dumps(
                {"accounts": accounts(), "history": result.as_json() if result else None}, ensure_ascii=False
            )
        )
    else:
        show()
    return INTERRUPTED if result is not None and result.is_stopped else OK


def fill(seed: int, cases: int, processes: int) -> Result:
    """History, from where an earlier run stopped; progress is kept for the pages' demo bar."""
    now = REAL_CLOCK.now()
    known = known_numbers(ORIGIN)
    groups = [[task] for task in tasks(now, seed, cases) if task.order.number not in known]
    bar = Progress(
        TextColumn(f"{DAYS} 天历史 · history"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        console=Console(stderr=True),
    )  # fmt: skip
    with bar:
        row = bar.add_task("", total=len(groups))

        def progress(done: int, total: int) -> None:
            bar.update(row, completed=done)
            note_progress(len(known) + done, len(known) + total)

        result = tell_groups(
            groups, Terms(ORIGIN, seed, now, stops_at_present=True), processes, Result(read=cases), progress
        )
    result.known = len(known)
    return result


def accounts() -> list[dict[str, Any]]:
    """One named person for each role, and the administrators: user name, role, password."""
    found: dict[str, dict[str, Any]] = {}
    posts = Post.objects.filter(user__is_demo=True).select_related("user", "area", "unit").order_by("id")
    for post in posts:
        role = Role(post.role)
        if role.value not in found:
            place = post.area or post.unit
            found[role.value] = {
                "username": post.user.username, "password": DEMO_PASSWORD, "name": post.user.display_name,
                "role": role.value, "role_zh": ROLE_NAMES[role].zh, "place": place.name_zh if place else "",
            }  # fmt: skip
    for user in User.objects.filter(is_demo=True).exclude(admin_role="").order_by("username"):
        found[user.admin_role] = {
            "username": user.username, "password": DEMO_PASSWORD, "name": user.display_name, "role": user.admin_role,
            "role_zh": user.get_admin_role_display(), "place": "",
        }  # fmt: skip
    return list(found.values())


def show() -> None:
    """The accounts for people."""
    by_role = {row["role"]: row for row in accounts()}
    click.echo(
        f"演示账号(密码都是 {DEMO_PASSWORD},只能在本机登录)· demo accounts (password {DEMO_PASSWORD}, this machine only):"
    )
    for role in (*SHOWN_ROLES, "system_admin"):
        if row := by_role.get(str(role)):
            click.echo(f"  {row['username']:<22} {row['role_zh']} {row['name']} {row['place']}")
    click.echo("全部账号 · all of them: wangge demo --no-history --json")
