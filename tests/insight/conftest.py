"""Each story of the figures plays in the cast's town."""

from tests.cases.conftest import town, transactional_town

__all__ = ["town", "transactional_town"]
