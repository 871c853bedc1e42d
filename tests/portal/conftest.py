"""Residents at their telephones: the cast's town, and a browser without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from tests.cast import Town, build_town
from tests.portal.browser import Browser


@pytest.fixture
def town(db: None) -> Iterator[Town]:
    """The town, with the machine's clock at the town's present."""
    town = build_town()
    with time_machine.travel(town.clock.at, tick=False) as traveller:
        later = town.later

        def together(**delta: float):
            at = later(**delta)
            traveller.move_to(at)
            return at

        town.later = together  # type: ignore[method-assign]
        yield town


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path: Path) -> None:
    settings.FILES_FOLDER = tmp_path / "files"


@pytest.fixture
def browser(town: Town) -> Browser:
    return Browser()
