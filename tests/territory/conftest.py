"""Stories of territory play in a place made by its own actions."""

from __future__ import annotations

import pytest

from tests.territory.place import build_place
from wangge.accounts.models import User
from wangge.territory.models import Area


@pytest.fixture
def place(db) -> dict[str, Area]:
    return build_place()


@pytest.fixture
def worker(db) -> User:
    return User.objects.create_user("worker", None, display_name="王网")


@pytest.fixture
def colleague(db) -> User:
    return User.objects.create_user("colleague", None, display_name="李同")
