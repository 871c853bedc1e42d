"""Choosing a password, being made to choose one, and what administrators can and cannot do about it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tests.accounts.conftest import PASSWORD, as_, is_in, problem, sign_in, text
from wangge.accounts import actions
from wangge.accounts.models import FormerPassword, SignInKind, SignInRow, User
from wangge.accounts.passwords import n_classes, one_time_password
from wangge.kit.clock import REAL_CLOCK

pytestmark = pytest.mark.django_db


def change(client, old: str, new: str, again: str | None = None):
    form = {"oldpassword": old, "password1": new, "password2": again or new}
    return client.post("/me/password/", form)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Ab1!xyz", "至少 8 位"),
        ("alllowercase1", "至少三种"),
        ("12345678", "至少三种"),
        ("Lihong-2026x", "用户名或姓名"),
        ("xx-HONG-lih1", "用户名或姓名"),
        ("xx-HON-lih12", None),
        ("王小李红Abc1", "用户名或姓名"),
        ("P@ssw0rd", "太常见"),
        ("Admin@123", "太常见"),
        ("Correct-7horse", "最近 5 次"),
        ("green-Tree-42", None),
        ("长江路Abc1234", None),
    ],
)
def test_the_rules_in_words(lihong: User, password: str, reason: str | None) -> None:
    if reason is None:
        validate_password(password, lihong)
    else:
        with pytest.raises(ValidationError) as refused:
            validate_password(password, lihong)
        assert reason in "".join(refused.value.messages)


def test_a_one_time_password_keeps_the_rules() -> None:
    for _ in range(50):
        made = one_time_password()
        assert re.fullmatch(r"[A-Z][a-z]{3}-[2-9]{4}-[a-z]{4}", made)
        assert n_classes(made) == 4


def test_changing_ones_password_ends_the_other_sessions(lihong: User) -> None:
    browser, elsewhere = as_(lihong), as_(lihong)
    assert "原密码不对" in text(change(browser, "wrong", "green-Tree-42"))
    assert "两次输入的新密码不一样" in text(change(browser, PASSWORD, "green-Tree-42", "green-Tree-43"))
    assert "至少三种" in text(change(browser, PASSWORD, "onlysmallletters"))
    assert change(browser, PASSWORD, "green-Tree-42").url == "/me/"
    assert is_in(browser)
    assert not is_in(elsewhere)
    assert not is_in(sign_in("lihong")[0])
    assert is_in(sign_in("lihong", "green-Tree-42")[0])
    assert SignInRow.objects.filter(user=lihong, kind=SignInKind.PASSWORD_CHANGED).count() == 1


def test_the_last_five_do_not_come_back_and_the_sixth_does(lihong: User) -> None:
    browser = as_(lihong)
    old = PASSWORD
    for n in range(1, 5):
        change(browser, old, f"green-Tree-{n}")
        old = f"green-Tree-{n}"
    assert "不能使用最近 5 次用过的密码" in text(change(browser, old, PASSWORD))
    change(browser, old, "green-Tree-5")
    assert change(browser, "green-Tree-5", PASSWORD).status_code == 302
    assert FormerPassword.objects.filter(user=lihong).count() == 5


def test_a_reset_password_is_shown_once_and_must_be_changed_first(
    lihong: User, bystander: User, security: User
) -> None:
    lost = as_(lihong)
    for _ in range(5):
        sign_in("lihong", "wrong")
    chosen = {"action": "reset_passwords", "_selected_action": [lihong.pk]}
    administrator = as_(security)
    page = administrator.post("/admin/accounts/user/", chosen)
    password = re.search(r"<code>([A-Z][\w-]+)</code>", text(page)).group(1)
    assert "no-store" in page["Cache-Control"]
    assert password not in text(administrator.get("/admin/accounts/user/"))
    assert not is_in(lost)

    browser, answer = sign_in("lihong", password)
    assert answer.status_code == 302
    assert browser.get("/admin/").url.startswith("/me/password/")
    page = browser.get("/me/password/")
    assert "一次性密码" in text(page)
    assert "不能使用最近" in text(change(browser, password, password))
    form = {
        "oldpassword": password,
        "password1": "green-Tree-42",
        "password2": "green-Tree-42",
        "next": "/me/?x=1",
    }
    assert browser.post("/me/password/", form).url == "/me/?x=1"
    lihong.refresh_from_db()
    assert not lihong.has_to_change_password
    row = SignInRow.objects.get(kind=SignInKind.PASSWORD_RESET)
    assert (row.user, row.acted_by) == (lihong, security)
    assert is_in(sign_in("wangwei", "Another-8horse")[0])


def test_a_one_time_password_waits_seven_days(lihong: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        password = actions.reset_password(user_id=lihong.pk, actor=None)
    with time_machine.travel(at + timedelta(days=7, minutes=1), tick=False):
        assert "一次性密码已过期" in text(sign_in("lihong", password)[1])
    with time_machine.travel(at + timedelta(days=6), tick=False):
        assert sign_in("lihong", password)[1].status_code == 302


def test_after_half_a_year_a_new_password_is_due(lihong: User, settings) -> None:
    with time_machine.travel(REAL_CLOCK.now() + timedelta(days=181), tick=False):
        browser, _ = sign_in("lihong")
        answer = browser.get("/me/second-factor/", follow=True)
        assert answer.redirect_chain[0][0].startswith("/me/password/")
        assert "密码使用已久" in text(answer)
        settings.PASSWORD_MAX_AGE_DAYS = 0
        assert browser.get("/me/second-factor/").status_code == 200


@pytest.mark.urls("tests.accounts.urls")
def test_the_api_too_waits_for_the_new_password(lihong: User) -> None:
    User.objects.filter(pk=lihong.pk).update(has_to_change_password=True)
    answer = as_(lihong).get("/api/whoami")
    assert answer.status_code == 403
    assert problem(answer)["code"] == "must_change_password"


def test_administrators_cannot_take_over_each_other(security: User, system: User, auditor: User) -> None:
    chosen = {"action": "reset_passwords", "_selected_action": [auditor.pk]}
    page = as_(security).post("/admin/accounts/user/", chosen, follow=True)
    assert "管理员账号只能在服务器上" in text(page)
    auditor.refresh_from_db()
    assert auditor.check_password(PASSWORD)
