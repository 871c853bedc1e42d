"""Sessions and passwords as the verification standard asks: new keys, whole passwords, nothing left behind, nothing listed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.cast import PASSWORD, Town, build_town
from tests.test_open_doors import doors
from wangge.accounts.models import User
from wangge.cases.models import Case, Entry
from wangge.kit.clock import REAL_CLOCK

pytestmark = pytest.mark.django_db
LONG = "Wangge-2026 路灯 " + "x" * 64
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def town() -> Town:
    return build_town(REAL_CLOCK.now())


def seat(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def sign_in(client: Client, name: str, password: str) -> int:
    return client.post("/sign-in/", {"login": name, "password": password}).status_code


def test_signing_in_makes_a_new_session_key(town: Town) -> None:
    """A session that somebody planted before is not the one that is signed in."""
    browser = Client()
    browser.post("/report/", {"text": "路灯坏了"})
    planted = browser.session.session_key
    assert planted
    assert sign_in(browser, "intake_clerk", PASSWORD) == 302
    assert browser.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/office/").status_code == 302


def test_password_fields_hide_what_is_typed_and_take_long_ones(town: Town) -> None:
    pages = [Client().get("/sign-in/"), seat(town.people["intake_clerk"]).get("/me/password/")]
    for page in pages:
        html = page.content.decode()
        assert 'type="password"' in html
        for field in ("password", "oldpassword", "password1", "password2"):
            assert f'type="text" name="{field}"' not in html
        assert "onpaste" not in html
        assert 'autocomplete="off"' not in html
        assert "maxlength" not in html.partition('type="password"')[2].partition(">")[0]


def test_a_password_of_64_signs_counts_to_the_last(town: Town) -> None:
    user = town.people["intake_clerk"]
    user.set_password(LONG)
    user.save()
    for wrong in (LONG[:-1], LONG[:64], LONG.lower(), LONG.replace(" ", "")):
        assert sign_in(Client(), "intake_clerk", wrong) == 200
    assert sign_in(Client(), "intake_clerk", LONG) == 302


def test_signing_out_clears_the_browser(town: Town) -> None:
    browser = seat(town.people["intake_clerk"])
    key = browser.session.session_key
    answer = browser.post("/sign-out/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in browser.get("/sign-in/")
    again = Client()
    again.cookies["sessionid"] = key
    assert again.get("/office/").status_code == 302


def test_no_reading_address_changes_anything(town: Town) -> None:
    """GET of every address there is, as somebody who may do much: no case, no entry, not signed out."""
    made = town.reported("路灯坏了")
    before = (Case.objects.count(), Entry.objects.count())
    browser = seat(town.people["dispatcher"])
    browser.raise_request_exception = False
    for door in doors(get_resolver()):
        address = door.path.replace("/api/follow/x", f"/api/follow/{made.code}").replace(
            "/x/", f"/{made.case.number}/", 1
        )
        answer = browser.get(address)
        if answer.streaming:
            b"".join(answer.streaming_content)
        assert answer.status_code < 500, address
    assert browser.get("/me/").status_code == 200, "still signed in"
    assert (Case.objects.count(), Entry.objects.count()) == before


@pytest.mark.parametrize(
    "address",
    ["/static/", "/static/wangge/", "/static/../settings.py", "/static/%2e%2e/settings.py", "/.git/config", "/data/", "/files/",
     "/static/wangge/%00.css", "/static//etc/passwd"],
)  # fmt: skip
def test_no_listing_no_trace_no_source(address: str) -> None:
    browser = Client(raise_request_exception=False)
    answer = browser.get(address)
    assert answer.status_code in (302, 400, 404), address
    assert browser.trace("/").status_code in (302, 405)
    assert browser.trace("/api/cases").status_code == 405
