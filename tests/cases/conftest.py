"""Each story of the cases plays in the cast's town."""

import pytest

from tests.cast import Town, build_town


@pytest.fixture
def town(db) -> Town:
    return build_town()
