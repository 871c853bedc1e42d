"""The three separated administrators are made at the server."""

from __future__ import annotations

import json
from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner, Result

from tests.accounts.conftest import as_, is_in, sign_in
from wangge.accounts.createadmin_command import command
from wangge.accounts.models import AdminRole, SignInKind, SignInRow, User
from wangge.kit.errors import Conflict, DomainError, Invalid, NotFound
from wangge.territory.models import Area, AreaLevel, Post
from wangge.territory.roles import Role

pytestmark = pytest.mark.django_db


def createadmin(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(command, [*words], input=typed)


def refused(*words: str, typed: str | None = None) -> DomainError:
    answer = createadmin(*words, typed=typed)
    assert isinstance(answer.exception, DomainError), answer.output
    return answer.exception


def test_an_administrator_with_a_one_time_password() -> None:
    answer = createadmin("--role", "security_admin", "--username", "AnQuan", "--name", "张三", "--json")
    made = json.loads(answer.output)
    assert made["username"] == "anquan"
    assert made["role"] == "security_admin"
    browser, _ = sign_in("anquan", made["one_time_password"])
    assert browser.get("/admin/").url.startswith("/me/password/")
    assert User.objects.get().admin_role == AdminRole.SECURITY
    kinds = set(SignInRow.objects.values_list("kind", flat=True))
    assert {SignInKind.USER_CREATED, SignInKind.ADMIN_ROLE_GIVEN} <= kinds


def test_the_words_for_people_say_what_to_do() -> None:
    answer = createadmin("--role", "system_admin", "--username", "xitong", "--name", "李四")
    assert "系统管理员 System administrator: xitong" in answer.output
    assert "只显示这一次" in answer.output
    assert "请在 7 天内首次登录并改密码" in answer.output


def test_a_password_of_ones_own_keeps_the_rules() -> None:
    words = ("--role", "audit_admin", "--username", "shenji", "--name", "王五", "--ask")
    error = refused(*words, typed="short\n")
    assert isinstance(error, Invalid)
    assert "至少 8 位" in error.zh
    assert "at least 8" in error.en
    assert not User.objects.exists()
    assert createadmin(*words, typed="green-Tree-42\n").exit_code == 0
    assert is_in(sign_in("shenji", "green-Tree-42")[0])


def test_nobody_holds_two_roles(security: User) -> None:
    error = refused("--role", "audit_admin", "--username", "anquan")
    assert isinstance(error, Conflict)
    assert error.code == "holds_another_role"
    same_person = refused("--role", "audit_admin", "--username", "second", "--name", security.display_name)
    assert "若是同名的另一个人" in same_person.zh
    assert refused("--role", "security_admin", "--username", "anquan").code == "exists_already"
    assert User.objects.count() == 1


def test_who_holds_a_post_is_no_administrator(lihong: User, machine: User) -> None:
    area = Area.objects.create(code="370999001001001", level=AreaLevel.GRID, name_zh="第一网格")
    Post.objects.create(user=lihong, role=Role.GRID_WORKER, area=area, starts_on=date(2026, 1, 1))
    assert refused("--role", "audit_admin", "--username", "lihong").code == "holds_a_post"
    assert refused("--role", "audit_admin", "--username", "hotline").code == "holds_a_post"


def test_an_administrator_who_lost_everything_is_reset_at_the_server(security: User, lihong: User) -> None:
    Authenticator.objects.create(user=security, type="totp", data={"secret": "x"})
    browser = as_(security)
    made = json.loads(createadmin("--reset", "--username", "anquan", "--json").output)
    assert not is_in(browser)
    assert sign_in("anquan", made["one_time_password"])[1].status_code == 302
    assert not Authenticator.objects.exists()
    assert isinstance(refused("--reset", "--username", "lihong"), NotFound)


def test_without_a_terminal_it_says_what_is_missing() -> None:
    answer = createadmin("--role", "audit_admin")
    assert answer.exit_code == 2
    assert "用户名 · user name" in answer.output
