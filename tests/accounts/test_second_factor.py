"""The second factor: adding it, signing in with it, losing the phone, having to have it."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from tests.accounts.conftest import PASSWORD, as_, is_in, sign_in, text
from wangge.accounts.models import SignInKind, SignInRow, User
from wangge.kit.clock import REAL_CLOCK

pytestmark = pytest.mark.django_db


def code_of(secret: str, steps_off: int = 0) -> str:
    """What the app on the phone shows now (or so many half-minutes off)."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps_off))


def enrol(user: User) -> tuple[Client, str, list[str]]:
    """Add the app as a person does it; returns the browser, the secret in the phone, the recovery codes."""
    browser, _ = sign_in(user.username)
    page = text(browser.get("/me/second-factor/add/"))
    assert "<svg" in page
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page).group(1)
    answer = browser.post("/me/second-factor/add/", {"code": code_of(secret)}, follow=True)
    codes = re.findall(r'<code class="strong">(\d{8})</code>', text(answer))
    assert len(codes) == 10
    return browser, secret, codes


def test_enrol_and_sign_in_with_the_phone(lihong: User, bystander: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        browser, secret, _ = enrol(lihong)
        assert "恢复码只显示一次" in text(browser.get("/me/recovery-codes/"))
        stored = Authenticator.objects.get(user=lihong, type="totp").data["secret"]
        assert secret not in stored

    with time_machine.travel(at + timedelta(minutes=5), tick=False):
        client, answer = sign_in("lihong")
        assert answer.url == "/sign-in/second-factor/"
        assert not is_in(client)
        wrong = client.post("/sign-in/second-factor/", {"code": "000000"})
        assert "验证码不对" in text(wrong)
        code = code_of(secret)
        client.post("/sign-in/second-factor/", {"code": f"{code[:3]} {code[3:]}"})
        assert is_in(client)

        second, _ = sign_in("lihong")
        second.post("/sign-in/second-factor/", {"code": code})
        assert not is_in(second), "a code works once"
        second.post("/sign-in/second-factor/", {"code": code_of(secret, -1)})
        assert is_in(second), "a phone half a minute late"
        assert is_in(sign_in("wangwei", "Another-8horse")[0])
    kinds = list(SignInRow.objects.filter(user=lihong).order_by("id").values_list("kind", flat=True))
    assert kinds == [
        "signed_in",
        "second_factor_failed",
        "second_factor_passed",
        "signed_in",
        "second_factor_failed",
        "second_factor_passed",
        "signed_in",
    ]


@pytest.mark.django_db(transaction=True)
def test_adding_removing_and_new_codes_are_lines_of_the_log() -> None:
    user = User.objects.create_user("lihong", PASSWORD)
    browser, _, _ = enrol(user)
    browser.post("/me/recovery-codes/new/")
    browser.post("/me/second-factor/remove/")
    kinds = list(SignInRow.objects.filter(user=user).order_by("id").values_list("kind", flat=True))
    assert kinds == ["signed_in", "second_factor_added", "recovery_codes_made", "second_factor_removed"]


def test_the_way_back_from_the_second_step(lihong: User) -> None:
    _, _, _ = enrol(lihong)
    client, _ = sign_in("lihong")
    assert client.get("/sign-in/").url == "/sign-in/second-factor/"
    assert client.post("/sign-out/", {"next": "/sign-in/"}).url == "/sign-in/"
    assert client.get("/sign-in/").status_code == 200


def test_a_recovery_code_works_once(lihong: User) -> None:
    _, _, codes = enrol(lihong)
    client, _ = sign_in("lihong")
    client.post("/sign-in/second-factor/", {"code": codes[3]})
    assert is_in(client)
    again, _ = sign_in("lihong")
    again.post("/sign-in/second-factor/", {"code": codes[3]})
    assert not is_in(again)
    again.post("/sign-in/second-factor/", {"code": codes[4]})
    assert is_in(again)


def test_five_wrong_codes_are_enough_for_a_quarter_of_an_hour(lihong: User, security: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        _, secret, _ = enrol(lihong)
        client, _ = sign_in("lihong")
        for _ in range(5):
            client.post("/sign-in/second-factor/", {"code": "000000"})
        fresh, _ = sign_in("lihong")
        answer = fresh.post("/sign-in/second-factor/", {"code": code_of(secret, 1)})
        assert answer.status_code == 429
        assert "操作太频繁,请 15 分钟后再试" in text(answer)
        assert 0 < int(answer["Retry-After"]) <= 900
        assert not is_in(fresh)
        as_(security).post(
            "/admin/accounts/user/", {"action": "unlock_them", "_selected_action": [lihong.pk]}
        )
        fresh.post("/sign-in/second-factor/", {"code": code_of(secret, 1)})
        assert is_in(fresh)


def test_turning_it_off_asks_again_who_it_is(lihong: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        browser, _, _ = enrol(lihong)
    with time_machine.travel(at + timedelta(minutes=11), tick=False):
        answer = browser.post("/me/second-factor/remove/", follow=True)
        assert answer.redirect_chain[0][0].startswith("/me/again/")
        assert Authenticator.objects.filter(user=lihong).count() == 2
        assert "密码不对" in text(browser.post(answer.redirect_chain[0][0], {"password": "wrong"}))
        browser.post(answer.redirect_chain[0][0], {"password": PASSWORD})
        browser.post("/me/second-factor/remove/")
        assert not Authenticator.objects.filter(user=lihong).exists()
        assert is_in(sign_in("lihong")[0])


def test_where_it_is_required_nothing_else_opens_before(lihong: User, machine: User, settings) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    browser, _ = sign_in("lihong")
    answer = browser.get("/me/recovery-codes/", follow=True)
    assert answer.redirect_chain[0][0].startswith("/me/second-factor/add/")
    assert "本系统要求二次验证" in text(answer)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", text(answer)).group(1)
    browser.post("/me/second-factor/add/", {"code": code_of(secret)})
    assert browser.get("/me/recovery-codes/").status_code == 200
    assert "不能自行关闭" in text(browser.get("/me/second-factor/remove/"))
    browser.post("/me/second-factor/remove/")
    assert Authenticator.objects.filter(user=lihong, type="totp").exists()


def test_where_it_is_off_nobody_is_asked(lihong: User, settings) -> None:
    enrol(lihong)
    settings.STAFF_SECOND_FACTOR = "off"
    client, _ = sign_in("lihong")
    assert is_in(client)
    assert "二次验证" not in text(client.get("/me/")).replace("密码与二次验证", "").replace(
        "开通二次验证", ""
    )


def test_who_lost_the_phone_is_helped_by_the_security_administrator(lihong: User, security: User) -> None:
    browser, _, _ = enrol(lihong)
    chosen = {"action": "clear_second_factors", "_selected_action": [lihong.pk]}
    as_(security).post("/admin/accounts/user/", chosen)
    assert not is_in(browser), "whoever holds the phone is signed out"
    assert is_in(sign_in("lihong")[0])
    row = SignInRow.objects.filter(kind=SignInKind.SECOND_FACTOR_REMOVED).get()
    assert row.acted_by == security
