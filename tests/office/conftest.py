"""The stories of the office play in the cast's town, at nine on a Monday morning, through the browser's eyes."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from tests.cast import MONDAY_MORNING, Town, build_town
from tests.office.browser import Seat
from wangge.office import maps

MORNING = MONDAY_MORNING


@pytest.fixture
def morning() -> Iterator[object]:
    """The office's own clock is the machine's, so the machine's stands at the story's morning."""
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def town(db, morning) -> Town:
    maps.base_sheet.cache_clear()
    return build_town()


@pytest.fixture
def sit_down(town: Town) -> Callable[[str], Seat]:
    """A browser in which the person of this name is signed in."""

    def seat(name: str) -> Seat:
        browser = Client()
        browser.force_login(town.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        return Seat(browser)

    return seat
