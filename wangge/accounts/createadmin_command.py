"""``wangge createadmin``: one of the three separated administrators, made at the server."""

from __future__ import annotations

import json
import sys

import click
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import override

from wangge.accounts import actions
from wangge.accounts.models import ADMIN_ROLE_NAMES, AdminRole, User
from wangge.kit.errors import Invalid, NotFound

ROLES = {role.value: role for role in AdminRole if role.value}


@click.command()
@click.option("--role", type=click.Choice(list(ROLES)), help="管理员类别 · which of the three roles")
@click.option("--username", help="用户名 · user name")
@click.option("--name", "display_name", default="", help="姓名 · the person's name")
@click.option("--ask", is_flag=True, help="自己输入密码 · type a password yourself (else one is generated)")
@click.option(
    "--reset", is_flag=True, help="为已有管理员重设密码并清除二次验证 · new password, second factor cleared"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def command(
    role: str | None, username: str | None, display_name: str, ask: bool, reset: bool, as_json: bool
) -> None:
    """建立系统、安全、审计三类管理员之一;一人只能担任一类。

    Make the system, security or audit administrator; one person holds one role.

    \b
    wangge createadmin --role security_admin --username anquan --name 张三
    wangge createadmin --reset --username anquan
    """
    username = username or asked("用户名 · user name")
    if reset:
        user = administrator(username)
        chosen = chosen_password(user) if ask else ""
        password = actions.reset_password(user_id=user.pk, actor=None, chosen=chosen)
    else:
        role = role or asked("类别 · role", ROLES)
        chosen = chosen_password(User(username=username, display_name=display_name)) if ask else ""
        user, password = actions.give_admin_role(
            username=username, display_name=display_name, role=ROLES[role], chosen=chosen
        )
    tell(user, "" if ask else password, as_json=as_json)


def asked(what: str, choices: dict[str, AdminRole] | None = None) -> str:
    """Ask on the terminal; without one, say which option is missing."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"缺少 · missing: {what}")
    answer: str = click.prompt(what, type=click.Choice(list(choices)) if choices else str)
    return answer


def administrator(username: str) -> User:
    user = User.objects.filter(username=User.normalize_username(username)).exclude(admin_role="").first()
    if user is None:
        raise NotFound(f"没有管理员 {username}。", f"There is no administrator {username}.")
    return user


def chosen_password(user: User) -> str:
    """Ask for a password (twice, or one line of standard input); the rules are those of the web."""
    if sys.stdin.isatty():
        password: str = click.prompt("密码 · password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    broken = broken_rules(password, user, "zh-hans")
    if broken:
        raise Invalid("password", broken, broken_rules(password, user, "en"))
    return password


def broken_rules(password: str, user: User, language: str) -> str:
    """The password rules that do not hold, in words; empty when all do."""
    with override(language):
        try:
            validate_password(password, user)
        except ValidationError as error:
            return " ".join(error.messages)
    return ""


def tell(user: User, password: str, *, as_json: bool) -> None:
    if as_json:
        found = {"username": user.username, "role": user.admin_role, "one_time_password": password or None}
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{' '.join(ADMIN_ROLE_NAMES[user.admin_role])}: {user.username}")
    if password:
        click.echo(f"一次性密码(只显示这一次)· one-time password (shown only now): {password}")
        click.echo("请在 7 天内首次登录并改密码。· Sign in within 7 days and change it.")
