"""Own grids, what a point on the ground is called, and buildings of the own grids by name."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.field.drafts import Draft
from wangge.kit.words import Text
from wangge.territory.locator import area_by_id, locate
from wangge.territory.models import Area, AreaLevel
from wangge.territory.queries import buildings_matching
from wangge.territory.scope import Actor

MOST_BUILDINGS = 20
SMALL = (AreaLevel.GRID, AreaLevel.MICRO_GRID, AreaLevel.SUB_GRID, AreaLevel.CELL, AreaLevel.POLICE_GRID)


@dataclass(frozen=True)
class House:
    """A building that may be chosen as the place."""

    code: str
    name: str
    address: str
    lon: float
    lat: float


def named(area: Area) -> Text:
    return Text(area.name_zh, area.name_en or area.name_zh)


def own_areas(actor: Actor) -> list[Area]:
    """The areas of the actor's posts, each once, smallest first in the order of their codes."""
    ids = {int(path.strip("/").rsplit("/", 1)[-1]) for path in actor.area_paths()}
    found = [area_by_id(pk) for pk in ids]
    return sorted(found, key=lambda area: (area.level not in SMALL, area.code))


def houses(actor: Actor, words: str) -> list[House]:
    """Buildings in the actor's own areas whose name or address holds the words."""
    words = words.strip()
    if len(words) < 2:
        return []
    rows = buildings_matching(words, actor.area_paths(), MOST_BUILDINGS)
    return [House(row.code, row.name_zh, row.address, row.lon, row.lat) for row in rows]


def house(actor: Actor, code: str) -> House | None:
    """One building of the actor's own areas."""
    rows = buildings_matching("", actor.area_paths(), 1, code=code)
    return House(rows[0].code, rows[0].name_zh, rows[0].address, rows[0].lon, rows[0].lat) if rows else None


@dataclass(frozen=True)
class Spot:
    """Where a draft is, in words. ``is_own``: inside the worker's areas; ``is_found``: inside the town at all."""

    words: Text
    is_own: bool
    is_found: bool
    accuracy_m: int | None = None


def spot_of(draft: Draft, actor: Actor) -> Spot:
    """The place that was said so far: the grid by its name, and whether it is one's own."""
    paths = tuple(actor.area_paths())
    if draft.lon is None or draft.lat is None:
        area = next((one for one in own_areas(actor) if one.code == draft.area), None)
        told = named(area) if area else Text("", "")
        return Spot(Text(joined(told.zh, draft.address), joined(told.en, draft.address)), True, True)
    found = locate(draft.lon, draft.lat)
    area_id = found.grid_id or found.area_id
    if area_id is None:
        told = Text("本平台范围以外", "Outside the area of this platform")
        return Spot(told, False, False, whole(draft.accuracy_m))
    told = named(area_by_id(area_id))
    words = Text(joined(told.zh, draft.address), joined(told.en, draft.address))
    return Spot(words, bool(paths) and found.area_path.startswith(paths), True, whole(draft.accuracy_m))


def joined(area: str, address: str) -> str:
    return " · ".join(part for part in (area, address) if part)


def whole(metres: float | None) -> int | None:
    return round(metres) if metres is not None else None
