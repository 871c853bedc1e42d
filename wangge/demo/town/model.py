"""What the demo town is made of: plain rows in WGS-84 degrees that any loader can turn into its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

GeoJson = dict[str, Any]
LonLat = tuple[float, float]


@dataclass
class Area:
    """A county, street, zone, community, grid, micro-grid or police grid with its boundary."""

    code: str
    level: str  # county, street, zone, community, grid, micro_grid, police_grid
    kind: str  # base, dedicated, forest, sea, overlay (police grids)
    name_zh: str
    name_en: str
    parent: str | None  # code of the area above
    boundary: GeoJson
    label: LonLat  # where the name may stand
    n_households: int = 0
    n_people: int = 0
    supervising_unit: str | None = None  # a dedicated grid is also supervised by a department (unit code)
    external_codes: dict[str, str] = field(default_factory=dict)


@dataclass
class Building:
    """A building with its address, households, and the areas it stands in (codes)."""

    code: str
    name_zh: str  # compound, school, shop …
    address: str
    use: str  # residential, village, shop, office, school, market, workshop, warehouse, public
    floors: int
    n_households: int
    n_people: int
    position: LonLat
    footprint: GeoJson
    grid: str
    micro_grid: str
    community: str
    police_grid: str
    compound: str = ""


@dataclass
class Station:
    """A service station: one in each community, and neighbourhood stations (民生小站) in further grids."""

    code: str
    kind: str  # community_station, neighbourhood_station
    name_zh: str
    address: str
    position: LonLat
    grid: str
    community: str


@dataclass
class Unit:
    """A department, street section, office, committee or partner; ``kind`` is a word of the unit kinds."""

    code: str
    kind: str
    level: str  # county, street, community
    name_zh: str
    name_en: str
    parent: str | None  # code of the unit above
    area: str  # code of the area it serves
    phone: str = ""
    is_partner: bool = False


@dataclass
class Post:
    """A role over an area or in a unit (codes); ``specialty`` is a category code of a named professional."""

    role: str
    area: str | None = None
    unit: str | None = None
    specialty: str = ""


@dataclass
class Person:
    """An invented member of the staff; administrators have an ``admin_role`` and no post."""

    username: str
    display_name: str
    posts: list[Post] = field(default_factory=list)
    admin_role: str = ""


@dataclass
class Road:
    """A road with its class (wide, street, coast) and its centre lines in degrees."""

    name: str
    grade: str
    lines: list[list[LonLat]]


@dataclass
class Feature:
    """Scenery: sea, land, pier, beach, wood, park, field, green, pond, track, yard, compound."""

    kind: str
    name: str
    geometry: GeoJson


@dataclass
class Town:
    """The whole town. The same seed gives the same town."""

    seed: int
    centre: LonLat
    areas: list[Area]
    buildings: list[Building]
    stations: list[Station]
    roads: list[Road]
    scenery: list[Feature]
    units: list[Unit] = field(default_factory=list)
    staff: list[Person] = field(default_factory=list)

    def at_level(self, level: str) -> list[Area]:
        """The areas of one level, in the order of their codes."""
        return sorted((area for area in self.areas if area.level == level), key=lambda area: area.code)

    def as_json(self) -> dict[str, Any]:
        """Everything as JSON values."""
        return asdict(self)

    def digest(self) -> str:
        """SHA-256 over everything: equal for equal towns."""
        text = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()
