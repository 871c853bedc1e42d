"""What is swept, and what doctor says about accounts."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt

from tests.accounts.conftest import is_in, sign_in
from wangge.accounts.doctor import findings
from wangge.accounts.models import User
from wangge.accounts.sweeps import forget_ended_sessions
from wangge.kit.clock import REAL_CLOCK

pytestmark = pytest.mark.django_db


def test_sessions_that_are_over_are_swept_and_the_others_stay(lihong: User, bystander: User) -> None:
    at = REAL_CLOCK.now()
    browser, _ = sign_in("wangwei", "Another-8horse")
    sign_in("wangwei", "wrong")
    with time_machine.travel(at - timedelta(hours=13), tick=False):
        sign_in("lihong")
        sign_in("lihong", "wrong")
    assert forget_ended_sessions() == 3
    assert list(UserSession.objects.values_list("user__username", flat=True)) == ["wangwei"]
    assert AccessAttempt.objects.get().username == "wangwei"
    assert is_in(browser)
    assert forget_ended_sessions() == 0


def test_doctor_says_what_is_missing(security: User, settings) -> None:
    said = {finding.code: finding for finding in findings()}
    assert set(said) == {"no_system_admin", "no_audit_admin", "second_factor_not_required"}
    assert (
        said["no_audit_admin"].text.zh == "还没有审计管理员。请运行 wangge createadmin --role audit_admin。"
    )
    settings.STAFF_SECOND_FACTOR = "required"
    User.objects.create_user("demo", is_demo=True)
    assert {finding.code for finding in findings()} == {"no_system_admin", "no_audit_admin", "demo_accounts"}


def test_doctor_is_content_with_all_three(security: User, system: User, auditor: User) -> None:
    assert "administrators" in {finding.code for finding in findings() if finding.level == "fine"}
