"""Stories through the API: programs, browsers and residents knock at the doors of the cast's town."""

from __future__ import annotations

from collections.abc import Generator

import pytest
import time_machine

from tests.api.knocking import Caller
from tests.cast import MONDAY_MORNING, Town, build_town


@pytest.fixture
def town(db: None) -> Generator[Town]:
    """The town on a Monday morning: calls may be made, and the machine's clock agrees with the town's."""
    with time_machine.travel(MONDAY_MORNING, tick=True):
        yield build_town()


@pytest.fixture
def anybody() -> Caller:
    """Somebody without account or token."""
    return Caller()
