"""Webhook endpoints in the administration."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from wangge.accounts.models import AdminRole, User
from wangge.notify.channels.webhook import secret_of
from wangge.notify.models import WebhookEndpoint

PAGE = "/admin/notify/webhookendpoint/"
GOOD = {
    "name": "指挥平台",
    "url": "https://93.184.216.34/hook",
    "topics": "case.dispatch, case.take",
    "is_active": "on",
}
pytestmark = pytest.mark.django_db


def administrator(role: AdminRole) -> Client:
    user = User.objects.create_user(role.value, admin_role=role, password_changed_at="2026-11-01T00:00Z")
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def secret_on(answer) -> str:
    return re.search(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode())[0]


def test_added_with_a_secret_that_is_shown_once() -> None:
    browser = administrator(AdminRole.SYSTEM)
    secret = secret_on(browser.post(PAGE + "add/", GOOD))
    endpoint = WebhookEndpoint.objects.get()
    assert secret_of(endpoint) == secret
    assert endpoint.topics == ["case.dispatch", "case.take"]
    for page in (browser.get(PAGE), browser.get(f"{PAGE}{endpoint.pk}/change/")):
        assert "whsec_" not in page.content.decode()

    browser.post(f"{PAGE}{endpoint.pk}/change/", GOOD | {"topics": "*"})
    endpoint.refresh_from_db()
    assert endpoint.topics == ["*"]
    assert secret_of(endpoint) == secret

    renewed = secret_on(browser.post(PAGE, {"action": "renew_secrets", "_selected_action": [endpoint.pk]}))
    endpoint.refresh_from_db()
    assert secret_of(endpoint) == renewed != secret


def test_an_address_inside_is_refused_in_the_form() -> None:
    answer = administrator(AdminRole.SYSTEM).post(PAGE + "add/", GOOD | {"url": "https://127.0.0.1/"})
    assert "此地址不能用作 webhook" in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("role", [AdminRole.SECURITY, AdminRole.AUDIT])
def test_only_the_system_administrator(role: AdminRole) -> None:
    browser = administrator(role)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE + "add/", GOOD).status_code == 403
    assert not WebhookEndpoint.objects.exists()
