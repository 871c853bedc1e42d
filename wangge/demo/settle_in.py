"""Putting the demo town into the database through the ordinary actions: areas, units, buildings, accounts, posts."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from shapely.geometry import shape

from wangge.accounts.models import User
from wangge.catalog.shipped import load_shipped
from wangge.demo.basemap import NOTE, base_map
from wangge.demo.town import Town, build
from wangge.kit.clock import REAL_CLOCK
from wangge.territory.actions.areas import put_areas
from wangge.territory.actions.buildings import put_buildings
from wangge.territory.actions.posts import put_posts
from wangge.territory.actions.units import put_units
from wangge.territory.models import Area, Unit

DEMO_PASSWORD = "Wangge-demo-2026"  # noqa: S105  demo accounts sign in from this machine only
BY = "wangge demo"
POSTS_SINCE = date(2010, 1, 1)  # before the oldest messages that are replayed


def town_ready(seed: int = 2026) -> bool:
    """Make the demo town if there are no areas at all; returns whether it had to."""
    if Area.objects.exists():
        return False
    settle(build(seed))
    return True


@transaction.atomic
def settle(town: Town) -> None:
    """The whole town with its staff; idempotent, because every step finds rows by their code."""
    at = REAL_CLOCK.now()
    load_shipped(BY, at)
    put_areas([area_row(area) for area in town.areas], by=BY, at=at)
    put_units([unit_row(unit) for unit in town.units], by=BY, at=at)
    supervised = [area for area in town.areas if area.supervising_unit]
    put_areas(
        [{"code": a.code, "supervising_unit_code": a.supervising_unit} for a in supervised], by=BY, at=at
    )
    put_buildings([building_row(building) for building in town.buildings], by=BY, at=at)
    settle_staff(town, at)
    write_base_map(town)


def area_row(area: Any) -> dict[str, Any]:
    return {
        "code": area.code, "level": area.level, "kind": area.kind, "name_zh": area.name_zh, "name_en": area.name_en,
        "parent_code": area.parent or "", "boundary": shape(area.boundary).wkb, "external_codes": area.external_codes,
        "n_households": area.n_households, "n_people": area.n_people, "valid_from_on": POSTS_SINCE,
    }  # fmt: skip


def unit_row(unit: Any) -> dict[str, Any]:
    return {
        "code": unit.code, "kind": unit.kind, "level": unit.level, "name_zh": unit.name_zh, "name_en": unit.name_en,
        "parent_code": unit.parent or "", "area_code": unit.area, "phone": unit.phone, "is_partner": unit.is_partner,
    }  # fmt: skip


def building_row(building: Any) -> dict[str, Any]:
    lon, lat = building.position
    return {
        "code": building.code, "name_zh": building.name_zh, "address": building.address, "area_code": building.micro_grid
        or building.grid, "lon": lon, "lat": lat, "outline": shape(building.footprint).wkb,
        "n_households": building.n_households, "n_people": building.n_people,
    }  # fmt: skip


def settle_staff(town: Town, at: datetime) -> None:
    """Accounts that can only sign in from this machine, all with the demo password, and their posts."""
    hashed = User(username="demo")
    hashed.set_password(DEMO_PASSWORD)
    known = set(User.objects.values_list("username", flat=True))
    User.objects.bulk_create(
        User(
            username=person.username, display_name=person.display_name, admin_role=person.admin_role, is_demo=True,
            password=hashed.password, password_changed_at=at,
        )
        for person in town.staff
        if person.username not in known
    )  # fmt: skip
    users = {user.username: user for user in User.objects.filter(is_demo=True)}
    areas = {area.code: area for area in Area.objects.filter(valid_to_on=None).defer("boundary")}
    units = {unit.code: unit for unit in Unit.objects.all()}
    rows = [
        {
            "user": users[person.username], "role": post.role, "area": areas.get(post.area or ""),
            "unit": units.get(post.unit or ""), "specialty": post.specialty, "starts_on": POSTS_SINCE,
        }
        for person in town.staff
        for post in person.posts
    ]  # fmt: skip
    put_posts(rows, by=BY, at=at)


def write_base_map(town: Town) -> None:
    """The drawn base map beside the files, for the pages' maps."""
    path = settings.DATA_FOLDER / "maps" / "base.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"note": NOTE, **base_map(town)}, ensure_ascii=False))
