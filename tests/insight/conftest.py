"""Each story of the cases plays in the cast's town."""

import pytest

from tests.cast import Town, build_town


@pytest.fixture
def town(db) -> Town:
    return build_town()


@pytest.fixture
def transactional_town(transactional_db) -> Town:
    """The town in a database whose transactions really commit (for the owner's connection to see)."""
    return build_town()
