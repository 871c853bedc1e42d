"""``wangge erase-contacts``."""

from __future__ import annotations

import json

import click

from wangge.accounts.models import User
from wangge.cases.erasing import BATCH, erase_on_request, erase_some, kept, n_due
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import NotFound


@click.command()
@click.option("--dry-run", is_flag=True, help="只数不清除 · count, erase nothing")
@click.option(
    "--case", "number", help="案件编号:应本人要求清除这一件 · erase this case's, as its reporter asks"
)
@click.option("--reason", help="原因(同 --case)· why (with --case)")
@click.option(
    "--by", "username", help="决定清除的管理员用户名(同 --case)· the administrator who decided (with --case)"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def command(
    dry_run: bool, number: str | None, reason: str | None, username: str | None, as_json: bool
) -> None:
    """清除诉求人的姓名、电话和私密的话。后台进程每小时做到期的;这里可以立即做,或应本人要求清除一件。不能恢复。

    Erase reporters' names, telephones and private words. The worker erases what is due every hour; here at once, or of
    one case because the person asks. It cannot be taken back.

    \b
    wangge erase-contacts --dry-run
    wangge erase-contacts --case 370999001-20261116-7E1T30 --reason 本人书面申请 --by anquan
    """
    if number:
        if dry_run:
            raise click.UsageError("--dry-run 不能与 --case 同用 · does not go with --case")
        row = erase_on_request(number, by=administrator(username), reason=reason or "")
        told = {"cases": 1, "people": row.n_people, "words": row.n_words}
    else:
        told = all_due(dry_run=dry_run)
    if as_json:
        click.echo(json.dumps(told))
    else:
        say(told, dry_run=dry_run)


def administrator(username: str | None) -> User:
    if not username:
        raise click.UsageError("缺少 · missing: --by")
    found = User.objects.filter(username=username).first()
    if found is None:
        raise NotFound(f"没有用户 {username}。", f"There is no user {username}.")
    return found


def all_due(*, dry_run: bool) -> dict[str, int]:
    """Everything that is due, batch by batch; with ``dry_run`` only how many cases."""
    told = {"cases": 0, "people": 0, "words": 0}
    if (after := kept()) is None:
        return told
    before = REAL_CLOCK.now() - after
    if dry_run:
        return {"cases": n_due(before)}
    while True:
        found = erase_some(before)
        told = {name: n + more for (name, n), more in zip(told.items(), found, strict=True)}
        if found[0] < BATCH:
            return told


def say(told: dict[str, int], *, dry_run: bool) -> None:
    after = kept()
    if after is None:
        click.echo("没有设定期限(WANGGE_CONTACT_DAYS=0)· no period is set")
    if dry_run:
        click.echo(f"到期未清除 {told['cases']} 件 · {told['cases']} cases are due")
    else:
        click.echo(f"已清除 {told['people']} 人、{told['words']} 段私密的话,共 {told['cases']} 件")
        click.echo(
            f"{told['people']} people and {told['words']} private words erased, of {told['cases']} cases"
        )
