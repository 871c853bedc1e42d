"""The cast as a demo town: its people are demo people, one house stands in it, its base map lies beside the data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings

from tests.cast import MONDAY_MORNING, Town, build_town
from wangge.accounts.models import User
from wangge.demo.progress import progress_file
from wangge.demo.shelf import first_copy
from wangge.territory.actions.buildings import put_buildings


@contextmanager
def demo_town(at: datetime = MONDAY_MORNING) -> Iterator[Town]:
    first_copy.cache_clear()  # the drawings stored for another test lie in its folder
    town = build_town(at)
    User.objects.filter(admin_role="").update(is_demo=True)
    house = {
        "code": "B1", "name_zh": "1号楼", "address": "长江路1号", "area_code": town.areas["grid_1"].code, "lon": 120.104, "lat": 35.904,
        "n_households": 30, "n_people": 80,
    }  # fmt: skip
    put_buildings([house], by="test", at=town.clock.at)
    path = Path(settings.DATA_FOLDER) / "maps" / "base.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"type": "FeatureCollection", "features": []}')
    try:
        yield town
    finally:
        path.unlink()
        progress_file().unlink(missing_ok=True)
