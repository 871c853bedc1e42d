"""Which areas a point lies in, answered from memory; and where a report without a place goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from wangge.kit.clock import REAL_CLOCK, SHANGHAI
from wangge.kit.errors import Conflict, NotFound
from wangge.kit.geo import Locator
from wangge.territory.changes import Kept
from wangge.territory.models import Area, AreaKind, AreaLevel

NEAR_M = 200.0  # how far outside every grid a point still counts to the nearest one
BASE_LEVELS = (
    AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.STREET, AreaLevel.ZONE, AreaLevel.COMMUNITY, AreaLevel.GRID,
    AreaLevel.MICRO_GRID, AreaLevel.SUB_GRID, AreaLevel.CELL,
)  # fmt: skip
DEDICATED = "dedicated_grid"  # a layer of its own: a campus inside a base grid answers for itself


@dataclass(frozen=True)
class Located:
    """Where a point lies; an id is None when there is no such area.

    ``area_id`` and ``area_path`` are the lowest area of the tree that holds the point (a micro-grid or cell where
    there are some), ``police_path`` the police grid's. ``distance_m`` is 0 inside the grid, more when the point
    lies outside every grid and the nearest one (at most 200 m away) was taken.
    """

    grid_id: int | None = None
    micro_grid_id: int | None = None
    police_grid_id: int | None = None
    community_id: int | None = None
    street_id: int | None = None
    zone_id: int | None = None
    county_id: int | None = None
    area_id: int | None = None
    area_path: str = ""
    police_path: str = ""
    distance_m: float = 0.0

    @property
    def is_found(self) -> bool:
        """Whether any area of the tree holds the point."""
        return self.area_id is not None


NOWHERE = Located()


@dataclass(frozen=True)
class Place:
    """What the locator remembers of an area."""

    level: str
    path: str


@dataclass(frozen=True)
class Memory:
    """All areas in force today and their boundaries."""

    places: Mapping[int, Place]
    shapes: Locator[int]
    home_id: int | None
    by_code: Mapping[str, int]
    areas: dict[int, Area] = field(default_factory=dict)  # those that were asked for

    def locate(self, lon: float, lat: float) -> Located:
        """See :func:`locate`."""
        found = self.shapes.locate(lon, lat)
        grid_id, distance_m = found.get(DEDICATED, found.get(AreaLevel.GRID.value)), 0.0
        lowest = self._lowest(found, grid_id)
        if grid_id is None and (lowest is None or self.places[lowest].level in BASE_LEVELS[:5]):
            near = self._nearest(lon, lat)
            if near is not None and (lowest is None or self._is_inside(near[0], lowest)):
                lowest, distance_m = near
        police = found.get(AreaLevel.POLICE_GRID.value)
        police_path = self.places[police].path if police is not None else ""
        if lowest is None:
            return Located(police_grid_id=police, police_path=police_path)
        return self._answer(lowest, police, police_path, distance_m)

    def _nearest(self, lon: float, lat: float) -> tuple[int, float] | None:
        layers = (AreaLevel.GRID.value, DEDICATED)
        near = [hit for layer in layers if (hit := self.shapes.nearest(lon, lat, layer, NEAR_M))]
        return min(near, key=lambda hit: (hit[1], hit[0]), default=None)

    def _is_inside(self, area_id: int, above: int) -> bool:
        return self.places[area_id].path.startswith(self.places[above].path)

    def _lowest(self, found: Mapping[str, int], grid_id: int | None) -> int | None:
        """The lowest area that holds the point; below the grid only what belongs to that grid."""
        for level in reversed(BASE_LEVELS):
            area_id = grid_id if level == AreaLevel.GRID else found.get(level.value)
            if area_id is None:
                continue
            below_grid = level in BASE_LEVELS[6:] and grid_id is not None
            if not below_grid or f"/{grid_id}/" in self.places[area_id].path:
                return area_id
        return None

    def _answer(self, lowest: int, police: int | None, police_path: str, distance_m: float) -> Located:
        path = self.places[lowest].path
        by_level: dict[str, int] = {}
        for part in path.strip("/").split("/"):
            if int(part) in self.places:
                by_level[self.places[int(part)].level] = int(part)
        return Located(
            grid_id=by_level.get(AreaLevel.GRID),
            micro_grid_id=by_level.get(AreaLevel.MICRO_GRID),
            police_grid_id=police,
            community_id=by_level.get(AreaLevel.COMMUNITY),
            street_id=by_level.get(AreaLevel.STREET),
            zone_id=by_level.get(AreaLevel.ZONE),
            county_id=by_level.get(AreaLevel.COUNTY),
            area_id=lowest,
            area_path=path,
            police_path=police_path,
            distance_m=distance_m,
        )


def locate(lon: float, lat: float) -> Located:
    """The areas that hold a WGS-84 point: grid, micro-grid, police grid, community, street, zone, county at once.

    Answered from memory in some microseconds; an edit of areas counts within two seconds everywhere, at once in the
    process that made it. A dedicated grid goes before the base grid around it. A point outside every grid but within
    200 m of one (GPS drift, the shore) belongs to the nearest; ``distance_m`` says so. Far outside: nothing found.
    """
    return _memory.get().locate(lon, lat)


def home_area() -> Area:
    """Where reports without a place go: from the root down while there is exactly one area below, to street level.

    Raises Conflict (409) while there are no areas.
    """
    home_id = _memory.get().home_id
    if home_id is None:
        raise Conflict(
            "no_areas",
            "还没有任何区域。请管理员运行 wangge init,或在管理后台导入区域。",
            "There are no areas yet. Run `wangge init`, or import areas in the administration.",
        )
    return area_by_id(home_id)


def area_by_id(area_id: int) -> Area:
    """The area without its boundary, read once and then from memory; shared between threads, so never change it.

    Raises NotFound (404).
    """
    held = _memory.get().areas
    if area_id not in held:
        found = Area.objects.select_related("supervising_unit").defer("boundary").filter(pk=area_id).first()
        if found is None:
            raise NotFound()
        held[area_id] = found
    return held[area_id]


def area_by_code(code: str) -> Area | None:
    """The area in force today of this code; see :func:`area_by_id`."""
    area_id = _memory.get().by_code.get(code)
    return None if area_id is None else area_by_id(area_id)


def in_force(on: date) -> Q:
    """Areas that exist on a day."""
    return Q(valid_from_on__lte=on) & (Q(valid_to_on=None) | Q(valid_to_on__gt=on))


def _read() -> Memory:
    today = REAL_CLOCK.now().astimezone(SHANGHAI).date()
    rows = Area.objects.filter(in_force(today))
    places: dict[int, Place] = {}
    parents: dict[int, int | None] = {}
    shapes: list[tuple[int, str, bytes]] = []
    by_code: dict[str, int] = {}
    listed = rows.values_list("id", "level", "kind", "path", "parent_id", "boundary", "code").order_by("id")
    for pk, level, kind, path, parent_id, boundary, code in listed:
        by_code[code] = pk
        places[pk] = Place(level, path)
        parents[pk] = parent_id
        if boundary is not None:
            is_dedicated = level == AreaLevel.GRID and kind == AreaKind.DEDICATED
            shapes.append((pk, DEDICATED if is_dedicated else level, bytes(boundary)))
    return Memory(places, Locator(shapes), _home(places, parents), by_code)


def _home(places: Mapping[int, Place], parents: Mapping[int, int | None]) -> int | None:
    above = [level.value for level in BASE_LEVELS[:3]]
    below: dict[int | None, list[int]] = {}
    for pk, parent_id in parents.items():
        if places[pk].level in above:
            below.setdefault(parent_id if parent_id in places else None, []).append(pk)
    home, here = None, below.get(None, [])
    if not here:
        return min(places, default=None)
    if len(here) > 1:
        return min(here)
    while len(here) == 1:
        home = here[0]
        here = below.get(home, [])
    return home


_memory = Kept("areas", "units", read=_read, daily=True)
