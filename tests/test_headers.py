"""What every answer says to the browser, on pages, API, static files and refusals; cookies and host names with https."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from tests.cast import Town, build_town
from wangge.kit.headers import NO_DEVICES, OTHER_POLICY, PAGE_POLICY, POSITION_ONLY

pytestmark = pytest.mark.django_db

PAGES = [
    "/",
    "/report/",
    "/follow/",
    "/follow/WRONG/",
    "/sign-in/",
    "/privacy/",
    "/nowhere/",
    "/admin/",
    "/sign-up/",
]
OTHERS = ["/api/openapi.json", "/api/cases", "/api/nowhere", "/healthz", "/readyz", "/static/wangge/wangge.css",
          "/static/wangge/mark.svg", "/static/nowhere.js"]  # fmt: skip


@pytest.mark.parametrize("address", [*PAGES, *OTHERS])
def test_every_answer_forbids_what_is_not_needed(address: str) -> None:
    answer = Client().get(address, follow=True)
    answer.close()
    is_page = answer["Content-Type"].startswith("text/html")
    assert answer["Content-Security-Policy"] == (PAGE_POLICY if is_page else OTHER_POLICY)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in answer
    if is_page:
        asks = address == "/report/"
        assert answer["Permissions-Policy"] == (POSITION_ONLY if asks else NO_DEVICES)
    if address.startswith("/static/wangge/"):
        assert "max-age" in answer["Cache-Control"]
    else:
        assert {"no-store", "no-cache"} & set(answer["Cache-Control"].replace(",", " ").split())
    assert "Server" not in answer
    assert "X-Powered-By" not in answer


def test_the_policy_lets_nothing_inline_and_nothing_foreign_in() -> None:
    for policy in (PAGE_POLICY, OTHER_POLICY):
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'"
        assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "*" not in policy
    rules = dict(rule.strip().split(" ", 1) for rule in PAGE_POLICY.split(";"))
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert rules["object-src"] == "'none'"


def test_signed_in_pages_are_kept_by_no_browser() -> None:
    town: Town = build_town()
    for name, address in (
        ("intake_clerk", "/office/"),
        ("grid_worker", "/field/"),
        ("intake_clerk", "/me/"),
        ("intake_clerk", "/inbox/"),
        ("security_admin", "/admin/accounts/user/"),
    ):
        browser = Client()
        browser.force_login(town.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "no-store" in answer["Cache-Control"], address
        assert answer["Content-Security-Policy"] == PAGE_POLICY, address


def test_a_foreign_host_name_is_refused() -> None:
    """Links, redirects and cookies never name a host that a caller made up."""
    for given in (
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "127.0.0.1.evil.example"},
        {"HTTP_HOST": "a b"},
    ):
        answer = Client().get("/", **given)
        assert answer.status_code == 400
        assert b"evil" not in answer.content
    claimed = Client().get("/office/", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil" not in claimed["Location"]


@pytest.mark.parametrize(
    "address", ["/nowhere/<script>alert(1)</script>", '/follow/"><img src=x onerror=alert(1)>/']
)
def test_an_address_is_never_shown_as_markup(address: str) -> None:
    answer = Client().get(address)
    assert b"<script>alert" not in answer.content
    assert b"<img src=x" not in answer.content


def test_language_and_type_size_lead_to_no_other_site() -> None:
    for address, more in (("/language/", {"language": "en"}), ("/type-size/", {"size": "large"})):
        for foreign in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
            answer = Client().post(address, {"next": foreign, **more})
            assert "evil" not in answer["Location"], (address, foreign)
            assert "javascript" not in answer["Location"], (address, foreign)


TELL = """
import django, json
django.setup()
from django.conf import settings as s
from django.test import RequestFactory
from django.http import HttpResponse
from wangge.kit.headers import SafeHeaders
from wangge.kit.visits import keep_visit
answer = SafeHeaders(lambda request: HttpResponse())(RequestFactory().get("/"))
keep_visit(answer, "x" * 22)
visit = answer.cookies.output()
names = ("SESSION", "CSRF", "LANGUAGE")
told = {n: [getattr(s, f"{n}_COOKIE_{w}") for w in ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")] for n in names}
print(json.dumps(told | {"visit": visit, "hsts": answer.headers.get("Strict-Transport-Security"),
      "proxy": getattr(s, "SECURE_PROXY_SSL_HEADER", None), "origins": s.CSRF_TRUSTED_ORIGINS}))
"""


@pytest.mark.parametrize("https", ["1", ""])
def test_cookies_and_https(https: str, tmp_path: Path, settings: Settings) -> None:
    """With WANGGE_HTTPS=1 cookies are ``__Host-``, secure, and browsers are told to come by https only."""
    environment = os.environ | {
        "WANGGE_HTTPS": https, "WANGGE_HOSTS": "wangge.example.org", "WANGGE_PROXIES": "1",
        "WANGGE_DATA": str(settings.DATA_FOLDER), "DJANGO_SETTINGS_MODULE": "wangge.settings",
    }  # fmt: skip
    made = subprocess.run(
        [sys.executable, "-c", TELL], env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    prefix, secure = ("__Host-", True) if https else ("", False)
    for kind, name in (("SESSION", "sessionid"), ("CSRF", "csrftoken"), ("LANGUAGE", "language")):
        assert told[kind] == [prefix + name, secure, True, "Lax", "/", None], kind
    assert told["visit"].startswith(f"Set-Cookie: {prefix}wangge_visit=")
    assert ("Secure" in told["visit"]) == secure
    assert told["hsts"] == ("max-age=31536000; includeSubDomains" if https else None)
    assert told["proxy"] == (["HTTP_X_FORWARDED_PROTO", "https"] if https else None)
    assert told["origins"] == (["https://wangge.example.org"] if https else [])
