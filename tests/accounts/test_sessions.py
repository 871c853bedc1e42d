"""How long a session lives, and how all of them end at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from tests.accounts.conftest import PASSWORD, as_, is_in, sign_in, text
from wangge.accounts.models import SignInKind, SignInRow, User
from wangge.accounts.signin import BACKGROUND_HEADER
from wangge.kit.clock import REAL_CLOCK

pytestmark = pytest.mark.django_db


def test_who_does_nothing_for_half_an_hour_is_signed_out_and_told(lihong: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        browser, _ = sign_in("lihong")
    with time_machine.travel(at + timedelta(minutes=29), tick=False):
        assert is_in(browser)
    with time_machine.travel(at + timedelta(minutes=58), tick=False):
        assert is_in(browser), "activity at 29 minutes counts"
    with time_machine.travel(at + timedelta(minutes=89), tick=False):
        answer = browser.get("/me/", follow=True)
        assert answer.redirect_chain == [("/sign-in/?next=/me/", 302)]
        assert "您已超过 30 分钟没有操作" in text(answer)
        _, answer = sign_in("lihong", PASSWORD, browser)
    assert SignInRow.objects.filter(user=lihong, kind=SignInKind.TIMED_OUT).count() == 1


def test_what_a_page_sends_by_itself_is_no_activity(lihong: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        browser, _ = sign_in("lihong")
        browser.get("/me/")
    for minutes in (10, 20, 30):
        with time_machine.travel(at + timedelta(minutes=minutes), tick=False):
            assert browser.get("/me/", headers={BACKGROUND_HEADER: "1"}).status_code == 200
    with time_machine.travel(at + timedelta(minutes=31), tick=False):
        assert not is_in(browser)


def test_after_twelve_hours_even_the_busiest_sign_in_again(lihong: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        browser, _ = sign_in("lihong")
    for half_hours in range(1, 49):
        with time_machine.travel(at + timedelta(minutes=15 * half_hours), tick=False):
            assert is_in(browser), half_hours
    with time_machine.travel(at + timedelta(hours=12, seconds=1), tick=False):
        assert not is_in(browser)


def test_an_over_session_does_not_stand_in_the_way_of_open_pages(lihong: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        browser, _ = sign_in("lihong")
    with time_machine.travel(at + timedelta(hours=2), tick=False):
        assert browser.get("/sign-up/").status_code == 200
        assert "_auth_user_id" not in browser.session


def test_signing_out(lihong: User) -> None:
    browser, _ = sign_in("lihong")
    assert "确定退出吗" in text(browser.get("/sign-out/"))
    assert is_in(browser), "looking at the page signs nobody out"
    assert browser.post("/sign-out/").url == "/"
    assert not is_in(browser)
    assert SignInRow.objects.filter(user=lihong).latest("id").kind == SignInKind.SIGNED_OUT


def test_signing_out_everywhere_keeps_this_browser_and_nobody_elses(lihong: User, bystander: User) -> None:
    phone, _ = sign_in("lihong", HTTP_USER_AGENT="Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0")
    lost = as_(lihong)  # a session that is on no list of devices
    other = as_(bystander)
    office, _ = sign_in("lihong", HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/120 Edg/120")
    page = text(office.get("/me/"))
    assert "微信 · 安卓手机" in page
    assert "Edge · Windows 电脑" in page

    assert office.get("/me/sign-out-everywhere/").status_code == 405
    answer = office.post("/me/sign-out-everywhere/", follow=True)
    assert "其他设备都已退出。" in text(answer)
    assert "微信" not in text(answer)
    assert is_in(office)
    assert not is_in(phone)
    assert not is_in(lost)
    assert is_in(other)


def test_security_administrator_signs_somebody_out(lihong: User, bystander: User, security: User) -> None:
    browser, noise = as_(lihong), as_(bystander)
    chosen = {"action": "sign_them_out", "_selected_action": [lihong.pk]}
    as_(security).post("/admin/accounts/user/", chosen)
    assert not is_in(browser)
    assert is_in(noise)


def test_disabling_ends_sessions_at_once(lihong: User, security: User) -> None:
    browser = as_(lihong)
    as_(security).post("/admin/accounts/user/", {"action": "disable", "_selected_action": [lihong.pk]})
    assert not is_in(browser)
    as_(security).post("/admin/accounts/user/", {"action": "enable", "_selected_action": [lihong.pk]})
    assert not is_in(browser)
    assert is_in(sign_in("lihong")[0])


def test_the_log_can_neither_be_changed_nor_emptied_by_the_application(lihong: User) -> None:
    from django.db import ProgrammingError, transaction

    sign_in("lihong")
    for change in (lambda rows: rows.update(note="x"), lambda rows: rows.delete()):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change(SignInRow.objects.filter(user=lihong))


def test_my_page_costs_few_queries(lihong: User, django_assert_max_num_queries) -> None:
    browser, _ = sign_in("lihong")
    browser.get("/me/")
    with django_assert_max_num_queries(10):
        browser.get("/me/")
    with django_assert_max_num_queries(2):  # session and user: what every page of a signed-in person costs
        browser.get("/me/password/")
    assert isinstance(browser, Client)
