"""The administration: three administrators, each with a part, nobody with all of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.accounts.conftest import as_, is_in, sign_in, text
from wangge.accounts.models import AdminRole, SignInKind, SignInRow, User

pytestmark = pytest.mark.django_db

USERS, TOKENS, LOG = "/admin/accounts/user/", "/admin/accounts/machinetoken/", "/admin/accounts/signinrow/"
EDITS, ATTEMPTS = "/admin/admin/logentry/", "/admin/axes/accessattempt/"


def test_who_sees_what(lihong: User, security: User, system: User, auditor: User) -> None:
    seen = {
        who.username: {
            page for page in (USERS, TOKENS, LOG, EDITS, ATTEMPTS) if as_(who).get(page).status_code == 200
        }
        for who in (security, system, auditor, lihong)
    }
    assert seen == {
        "anquan": {USERS, TOKENS},
        "xitong": set(),
        "shenji": {USERS, TOKENS, LOG, EDITS, ATTEMPTS},
        "lihong": set(),
    }


def test_the_auditor_changes_nothing(lihong: User, auditor: User) -> None:
    browser = as_(auditor)
    for page in (USERS, TOKENS, LOG, EDITS, ATTEMPTS):
        assert browser.get(f"{page}add/").status_code == 403
    assert browser.post(f"{USERS}{lihong.pk}/change/", {"display_name": "x"}).status_code == 403
    browser.post(USERS, {"action": "reset_passwords", "_selected_action": [lihong.pk]})
    lihong.refresh_from_db()
    assert (lihong.display_name, lihong.has_to_change_password) == ("李红", False)


def test_staff_without_a_role_are_told_why_not(lihong: User) -> None:
    answer = as_(lihong).get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "只供系统、安全、审计三类管理员使用" in text(answer)


def test_strangers_come_through_the_one_sign_in(security: User) -> None:
    browser = Client()
    assert browser.get(USERS).url == f"/sign-in/?next={USERS}"
    assert browser.get(f"/admin/login/?next={USERS}").url == f"/sign-in/?next={USERS}"
    _, answer = sign_in("anquan", client=browser)
    assert answer.status_code == 302
    assert browser.get("/admin/password_change/").url == "/me/password/"
    assert browser.get("/admin/logout/").url == "/sign-out/"


def test_the_pages_speak_both_languages(security: User) -> None:
    browser = as_(security)
    assert "网格 管理后台" in text(browser.get("/admin/"))
    browser.post("/language/", {"language": "en"})
    assert "Wangge administration" in text(browser.get("/admin/"))


def test_a_new_account_gets_a_password_that_nobody_chose(security: User, lihong: User) -> None:
    browser = as_(security)
    new = {"username": "Zhang.San", "display_name": "张三"}
    page = text(browser.post(f"{USERS}add/", new))
    password = re.search(r"<code>([A-Z][\w-]+)</code>", page).group(1)
    person, _ = sign_in("zhang.san", password)
    assert person.get("/me/second-factor/").url.startswith("/me/password/")
    row = SignInRow.objects.get(kind=SignInKind.USER_CREATED)
    assert (row.username, row.acted_by) == ("zhang.san", security)
    assert "已存在" in text(browser.post(f"{USERS}add/", new)) or "taken" in text(
        browser.post(f"{USERS}add/", new)
    )


def test_a_new_machine_has_no_password(security: User) -> None:
    new = {"username": "sensors", "display_name": "传感器", "is_machine": "on"}
    assert as_(security).post(f"{USERS}add/", new).status_code == 302
    machine = User.objects.get(username="sensors")
    assert not machine.has_usable_password()
    assert not machine.has_to_change_password


def test_only_the_name_of_a_person_changes_in_the_form(security: User, lihong: User, system: User) -> None:
    browser = as_(security)
    wanted = {
        "display_name": "李红霞",
        "username": "root",
        "admin_role": "system_admin",
        "is_active": "",
        "is_demo": "on",
    }
    browser.post(f"{USERS}{lihong.pk}/change/", wanted)
    lihong.refresh_from_db()
    assert (lihong.display_name, lihong.username, lihong.admin_role) == ("李红霞", "lihong", "")
    assert lihong.is_active
    assert not lihong.is_demo
    assert browser.post(f"{USERS}{system.pk}/change/", wanted).status_code == 403
    assert browser.post(f"{USERS}{lihong.pk}/delete/").status_code == 403


def test_nobody_is_all_powerful() -> None:
    for role in AdminRole:
        user = User(username="x", admin_role=role)
        assert not user.is_superuser
        assert not user.has_perm("cases.change_case")
        assert not user.has_perm("accounts.delete_user")
        assert not user.has_perm("accounts.change_signinrow")
    assert not User(username="x", admin_role=AdminRole.SYSTEM).has_perm("accounts.change_user")
    assert not User(username="x", admin_role=AdminRole.SYSTEM).has_perm("territory.add_post")
    assert not User(username="x", admin_role=AdminRole.SECURITY).has_perm("catalog.change_category")
    assert not User(username="x", admin_role=AdminRole.SECURITY, is_active=False).has_perm(
        "accounts.view_user"
    )


def test_a_session_of_an_administrator_is_no_session_of_another(security: User, system: User) -> None:
    browser = as_(security)
    assert is_in(browser)
    browser.force_login(system)
    assert browser.get(USERS).status_code == 403
