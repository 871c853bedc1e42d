"""Coming in with user name and password: who may, who may not, and what they are told."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from tests.accounts.conftest import PASSWORD, as_, is_in, problem, sign_in, text
from wangge.accounts.models import SignInKind, SignInRow, User
from wangge.kit.clock import REAL_CLOCK

pytestmark = pytest.mark.django_db


def kinds(user: User) -> list[str]:
    return list(SignInRow.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def test_a_worker_signs_in_under_any_spelling_and_lands_where_she_was_going(lihong: User) -> None:
    stranger = Client()
    assert stranger.get("/me/?tab=2").url == "/sign-in/?next=/me/%3Ftab%3D2"
    client, answer = sign_in(" LiHong ")
    assert answer.status_code == 302
    assert is_in(client)
    answer = Client().post(
        "/sign-in/",
        {"login": "LIHONG", "password": PASSWORD, "next": "/me/?tab=2"},
        HTTP_USER_AGENT="Edg/120 Windows",
    )
    assert answer.url == "/me/?tab=2"
    row = SignInRow.objects.filter(user=lihong).latest("id")
    assert (row.kind, row.network_address, row.agent) == ("signed_in", "127.0.0.1", "Edg/120 Windows")


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(lihong: User, elsewhere: str) -> None:
    answer = Client().post("/sign-in/", {"login": "lihong", "password": PASSWORD, "next": elsewhere})
    assert answer.url == "/office/"


def test_pages_speak_both_languages(lihong: User) -> None:
    assert "工作人员登录" in text(Client().get("/sign-in/"))
    assert "Staff sign-in" in text(Client().get("/sign-in/", headers={"accept-language": "en-GB"}))
    client = Client()
    client.post("/language/", {"language": "en", "next": "/sign-in/"})
    _, answer = sign_in("lihong", "wrong", client)
    assert "Wrong user name or password." in text(answer)


def test_five_wrong_passwords_lock_the_account_and_say_for_how_long(lihong: User, bystander: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        _, first = sign_in("lihong", "wrong-1")
        assert "用户名或密码不对。" in text(first)
        assert "此账号将锁定" not in text(first)
        sign_in("LIHONG", "wrong-2", HTTP_USER_AGENT="another browser")
        _, third = sign_in("lihong", "wrong-3", REMOTE_ADDR="192.0.2.9")
        assert "再错 2 次,此账号将锁定 15 分钟。" in text(third)
        sign_in("lihong", "wrong-4")
        _, fifth = sign_in("lihong", "wrong-5")
        assert fifth.status_code == 429
        assert fifth["Retry-After"] == "900"
        assert "此账号已锁定,15 分钟后可再试" in text(fifth)

    with time_machine.travel(at + timedelta(minutes=10), tick=False):
        client, sixth = sign_in("lihong")
        assert sixth.status_code == 429
        assert "5 分钟后可再试" in text(sixth)
        assert not is_in(client)
        assert is_in(sign_in("wangwei", "Another-8horse")[0])

    with time_machine.travel(at + timedelta(minutes=15, seconds=1), tick=False):
        assert is_in(sign_in("lihong")[0])
    assert kinds(lihong) == ["failed"] * 4 + ["locked_out"] * 2 + ["signed_in"]
    assert kinds(bystander) == ["signed_in"]


def test_a_name_that_does_not_exist_is_answered_like_one_that_does(lihong: User) -> None:
    answers = [text(sign_in(name, "wrong")[1]) for name in ("nobody", "lihong")]
    plain = [answer.replace("nobody", "…").replace("lihong", "…") for answer in answers]
    without_token = [[line for line in page.splitlines() if "csrf" not in line] for page in plain]
    assert without_token[0] == without_token[1]
    for _ in range(3):
        sign_in("nobody", "wrong")
    assert sign_in("nobody", "wrong")[1].status_code == 429


def test_security_administrator_unlocks(lihong: User, security: User, system: User) -> None:
    for _ in range(5):
        sign_in("lihong", "wrong")
    assert "已锁定" in text(as_(security).get("/admin/accounts/user/"))
    chosen = {"action": "unlock_them", "_selected_action": [lihong.pk]}
    assert as_(system).post("/admin/accounts/user/", chosen).status_code == 403
    assert sign_in("lihong")[1].status_code == 429
    as_(security).post("/admin/accounts/user/", chosen)
    assert is_in(sign_in("lihong")[0])
    assert SignInRow.objects.get(kind=SignInKind.UNLOCKED).acted_by == security


def test_sign_up_is_closed() -> None:
    page = Client().get("/sign-up/")
    assert "这里不开放自行注册" in text(page)
    form = {"username": "newcomer", "password1": PASSWORD, "password2": PASSWORD}
    assert "这里不开放自行注册" in text(Client().post("/sign-up/", form))
    assert not User.objects.exists()


def test_a_disabled_person_learns_it_only_with_the_right_password(lihong: User) -> None:
    User.objects.filter(pk=lihong.pk).update(is_active=False)
    assert "停用" not in text(sign_in("lihong", "wrong")[1])
    client, answer = sign_in("lihong")
    assert "此账号已停用" in text(answer)
    assert not is_in(client)


def test_a_machine_cannot_sign_in_even_with_a_password(machine: User) -> None:
    machine.set_password(PASSWORD)
    machine.save()
    client, answer = sign_in("hotline")
    assert "机器账号只能用令牌" in text(answer)
    assert not is_in(client)


def test_too_many_tries_from_one_browser_and_from_one_network(lihong: User, settings) -> None:
    settings.SIGN_IN_PER_VISIT, settings.SIGN_IN_PER_NETWORK = 2, 4
    browser = Client()
    browser.get("/sign-in/")  # sets the CSRF cookie that marks the visit
    for _ in range(2):
        sign_in("nobody1", "wrong", browser)
    _, third = sign_in("lihong", PASSWORD, browser)
    assert third.status_code == 429
    assert "操作太频繁" in text(third)
    assert int(third["Retry-After"]) <= 300

    for name in ("nobody2", "nobody3"):
        assert sign_in(name, "wrong")[1].status_code == 200
    assert sign_in("lihong")[1].status_code == 429, "the network's ceiling holds who throws the cookie away"
    assert sign_in("lihong", REMOTE_ADDR="192.0.2.1")[1].status_code == 302
    assert SignInRow.objects.filter(kind=SignInKind.RATE_LIMITED).count() == 2


@pytest.mark.urls("tests.accounts.urls")
def test_strangers_find_everything_closed_that_does_not_open_itself() -> None:
    stranger = Client()
    assert stranger.get("/refuses/").url == "/sign-in/?next=/refuses/"
    assert stranger.get("/admin/").url.startswith("/sign-in/")
    assert stranger.get("/open/").status_code == 200
    answer = stranger.post("/api/whoami")
    assert answer.status_code == 401
    assert problem(answer)["code"] == "sign_in_required"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    with closing(stranger.get("/static/wangge/wangge.css")) as sheet:
        assert sheet.status_code == 200


@pytest.mark.urls("tests.accounts.urls")
def test_a_refusal_is_a_page_for_people_and_json_for_programs(lihong: User) -> None:
    browser = as_(lihong)
    page = browser.get("/refuses/")
    assert page.status_code == 409
    assert "已被他人处理。" in text(page)
    assert problem(browser.get("/api/refuses")) == {
        "status": 409,
        "code": "taken",
        "zh": "已被他人处理。",
        "en": "Somebody else was first.",
        "details": {"state": "closed"},
    }


@pytest.mark.urls("tests.accounts.urls")
def test_a_session_needs_the_csrf_token_where_the_view_leaves_it_out(lihong: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(lihong)
    assert browser.get("/api/whoami").json() == {"username": "lihong"}
    assert problem(browser.post("/api/whoami"))["code"] == "csrf_failed"
    browser.get("/me/")
    token = browser.cookies["csrftoken"].value
    assert browser.post("/api/whoami", headers={"x-csrftoken": token}).json() == {"username": "lihong"}


def test_large_type_is_kept_in_a_cookie() -> None:
    browser = Client()
    assert browser.post("/type-size/", {"size": "large", "next": "//evil.example"}).url == "/"
    assert 'class="large"' in text(browser.get("/sign-in/"))
    browser.post("/type-size/", {"size": "normal", "next": "/sign-in/"})
    assert 'class="large"' not in text(browser.get("/sign-in/"))
