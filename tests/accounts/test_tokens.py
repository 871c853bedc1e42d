"""Machine tokens: issued, used, expired, revoked, and never for people."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from tests.accounts.conftest import as_, problem, text
from wangge.accounts import tokens
from wangge.accounts.models import MachineToken, SignInKind, SignInRow, User
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import Conflict, DomainError

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]


def call(token: str):
    return Client(enforce_csrf_checks=True).post("/api/whoami", headers={"authorization": f"Bearer {token}"})


def test_a_token_acts_as_its_machine(machine: User) -> None:
    token = tokens.issue(machine, "12345 派单", None)
    assert re.fullmatch(r"wg_[\w-]{43}", token)
    assert call(token).json() == {"username": "hotline"}
    row = MachineToken.objects.get()
    assert token.endswith(row.hint)
    assert token[3:].encode() not in bytes(row.digest)
    assert row.last_used_on is not None
    assert SignInRow.objects.get(kind=SignInKind.TOKEN_ISSUED).user == machine


@pytest.mark.parametrize(
    "wrong", ["", "wg_", "wg_" + "a" * 43, "xx_" + "a" * 43, "wg_" + "\0" * 43, "密" * 46]
)
def test_what_is_no_token_is_refused_with_what_to_do(machine: User, wrong: str) -> None:
    with pytest.raises(DomainError, match="令牌无效") as refused:
        tokens.user_of(wrong)
    assert refused.value.status == 401


def test_a_token_opens_no_pages(machine: User) -> None:
    token = tokens.issue(machine, "x", None)
    answer = Client().get("/me/", headers={"authorization": f"Bearer {token}"})
    assert answer.url.startswith("/sign-in/")


def test_an_expired_token_is_refused_to_the_second(machine: User) -> None:
    at = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        token = tokens.issue(machine, "短期", at + timedelta(hours=1))
        noise = tokens.issue(machine, "长期", None)
    with time_machine.travel(at + timedelta(minutes=59, seconds=58), tick=False):
        assert call(token).status_code == 200
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        assert problem(call(token))["code"] == "token_not_valid"
        assert call(noise).status_code == 200


def test_a_revoked_token_is_dead_at_once_here_and_in_ten_seconds_elsewhere(machine: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        here, elsewhere = tokens.issue(machine, "a", None), tokens.issue(machine, "b", None)
        assert call(here).status_code == call(elsewhere).status_code == 200
        rows = {row.name: row for row in MachineToken.objects.all()}
        tokens.revoke(rows["a"].pk)
        assert call(here).status_code == 401
        # another process revoked it: this one still remembers it as good
        MachineToken.objects.filter(name="b").update(revoked_at=at)
        assert call(elsewhere).status_code == 200
    with time_machine.travel(at + timedelta(seconds=10), tick=False):
        assert call(elsewhere).status_code == 401


def test_a_disabled_machine(machine: User) -> None:
    at = REAL_CLOCK.now()
    with time_machine.travel(at, tick=False):
        token = tokens.issue(machine, "a", None)
        assert call(token).status_code == 200
        User.objects.filter(pk=machine.pk).update(is_active=False)
    with time_machine.travel(at + timedelta(seconds=11), tick=False):
        assert call(token).status_code == 401


def test_a_remembered_token_costs_no_query(machine: User, django_assert_num_queries) -> None:
    token = tokens.issue(machine, "a", None)
    tokens.user_of(token)
    with django_assert_num_queries(0):
        assert tokens.user_of(token) == machine


def test_people_get_no_tokens(lihong: User) -> None:
    with pytest.raises(Conflict, match="令牌只能发给机器账号"):
        tokens.issue(lihong, "x", None)


def test_the_security_administrator_issues_and_revokes(machine: User, lihong: User, security: User) -> None:
    browser = as_(security)
    form = text(browser.get("/admin/accounts/machinetoken/add/"))
    assert "12345 接口" in form
    assert "李红" not in form
    new = {"user": machine.pk, "name": "12345 派单", "expires_at_0": "2099-01-01", "expires_at_1": "00:00"}
    page = browser.post("/admin/accounts/machinetoken/add/", new)
    token = re.search(r"wg_[\w-]{43}", text(page)).group()
    assert call(token).status_code == 200
    listed = text(browser.get("/admin/accounts/machinetoken/"))
    assert token not in listed
    assert token[-4:] in listed

    row = MachineToken.objects.get()
    browser.post("/admin/accounts/machinetoken/", {"action": "revoke", "_selected_action": [row.pk]})
    assert call(token).status_code == 401
    past = new | {"expires_at_0": "2020-01-01"}
    assert "到期时间须在将来" in text(browser.post("/admin/accounts/machinetoken/add/", past))
