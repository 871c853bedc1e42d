"""The walk over the whole house plays on the cast's Monday morning."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.cast import MONDAY_MORNING, Town, build_town
from wangge.office import maps


@pytest.fixture
def town(db) -> Iterator[Town]:
    with time_machine.travel(MONDAY_MORNING, tick=False):
        maps.base_sheet.cache_clear()
        yield build_town()
