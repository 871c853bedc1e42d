"""Demo accounts have known passwords; they work on the machine itself only."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from tests.accounts.conftest import PASSWORD, is_in, problem, sign_in, text
from wangge.accounts import tokens
from wangge.accounts.demo_rules import act_as, demo_accounts_exist
from wangge.accounts.models import SignInKind, SignInRow, User
from wangge.kit.errors import Forbidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(db: None) -> User:
    return User.objects.create_user("demo.lihong", PASSWORD, display_name="李红(演示)", is_demo=True)


def test_whether_there_are_any(lihong: User) -> None:
    assert not demo_accounts_exist()
    demo = User.objects.create_user("demo", PASSWORD, is_demo=True)
    assert demo_accounts_exist()
    User.objects.filter(pk=demo.pk).update(is_active=False)
    assert not demo_accounts_exist()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"])
def test_on_the_machine_itself_they_sign_in(demo: User, address: str) -> None:
    client = Client(REMOTE_ADDR=address)
    sign_in("demo.lihong", PASSWORD, client)
    assert is_in(client)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": "::1", "HTTP_FORWARDED": "for=192.0.2.7"},
    ],
)
def test_from_elsewhere_they_do_not_and_learn_why(demo: User, elsewhere: dict[str, str]) -> None:
    client = Client(**elsewhere)
    _, answer = sign_in("demo.lihong", PASSWORD, client)
    assert "演示账号只能在本机" in text(answer)
    assert not is_in(client)
    assert SignInRow.objects.filter(user=demo, kind=SignInKind.REFUSED).exists()


def test_a_session_carried_away_ends(demo: User, lihong: User) -> None:
    client, _ = sign_in("demo.lihong")
    assert is_in(client)
    assert client.get("/me/", REMOTE_ADDR="192.0.2.7").url == "/sign-in/?next=/me/"
    assert not is_in(client)
    real, _ = sign_in("lihong")
    assert real.get("/me/", REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.urls("tests.accounts.urls")
def test_a_demo_machine_too() -> None:
    machine = User.objects.create_user("demo.hotline", is_machine=True, is_demo=True)
    header = {"authorization": f"Bearer {tokens.issue(machine, 'demo', None)}"}
    assert Client().get("/api/whoami", headers=header).status_code == 200
    answer = Client().get("/api/whoami", headers=header, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 401
    assert "演示账号只能在本机" in problem(answer)["zh"]


def test_acting_as_is_for_demo_people_on_the_machine_itself(demo: User, lihong: User, client: Client) -> None:
    def request(**more: str):
        made = RequestFactory().post("/", **more)
        made.session = client.session
        return made

    act_as(request(), demo)
    assert SignInRow.objects.get(kind=SignInKind.ACTED_AS).user == demo
    with pytest.raises(Forbidden):
        act_as(request(), lihong)
    with pytest.raises(Forbidden):
        act_as(request(REMOTE_ADDR="192.0.2.7"), demo)
