"""The people of these stories: a grid worker, an outsider to be left alone, three administrators, a machine."""

from __future__ import annotations

import pytest
from django.test import Client

from wangge.accounts.models import AdminRole, User

PASSWORD = "Correct-7horse"


def administrator(username: str, role: AdminRole) -> User:
    return User.objects.create_user(username, PASSWORD, display_name=role.label.split()[0], admin_role=role)


@pytest.fixture(autouse=True)
def quick_hashes(settings) -> None:
    """These stories type many passwords; a real hash takes a tenth of a second each on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def lihong(db: None) -> User:
    return User.objects.create_user("lihong", PASSWORD, display_name="李红")


@pytest.fixture
def bystander(db: None) -> User:
    """Somebody to whom nothing may happen."""
    return User.objects.create_user("wangwei", "Another-8horse", display_name="王伟")


@pytest.fixture
def security(db: None) -> User:
    return administrator("anquan", AdminRole.SECURITY)


@pytest.fixture
def system(db: None) -> User:
    return administrator("xitong", AdminRole.SYSTEM)


@pytest.fixture
def auditor(db: None) -> User:
    return administrator("shenji", AdminRole.AUDIT)


@pytest.fixture
def machine(db: None) -> User:
    return User.objects.create_user("hotline", display_name="12345 接口", is_machine=True)


def as_(user: User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def sign_in(username: str, password: str = PASSWORD, client: Client | None = None, **more: str):
    """Type user name and password into the page; returns browser and answer."""
    client = client or Client()
    return client, client.post("/sign-in/", {"login": username, "password": password}, **more)


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def problem(answer) -> dict:
    """What a program is told when it is refused."""
    return answer.json()["error"]


def text(answer) -> str:
    return answer.content.decode()
