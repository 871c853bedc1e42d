"""Names and house numbers: every building gets an address that a person would write."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import shapely
from shapely import STRtree
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from wangge.demo.town import names
from wangge.demo.town.houses import House, Plan
from wangge.demo.town.land import Ground, Street

METRES_A_NUMBER = 9.0
LANES = 9


class Addresses:
    """House numbers along the roads: odd on one side, even on the other, none given twice."""

    def __init__(self, streets: Sequence[Street]) -> None:
        self._streets = streets
        self._lines = [(line, street) for street in streets for line in street.lines]
        self._tree = STRtree([line for line, _ in self._lines])
        self._origins = {street.name: _start_of(street) for street in streets}
        self._given: set[tuple[str, int]] = set()

    def number(self, shape: BaseGeometry) -> tuple[str, int]:
        """The road next to a building or compound, and a new number on it."""
        line, street = self._lines[int(self._tree.nearest(shape))]
        middle = shape.centroid
        on_road = line.interpolate(line.project(middle))
        is_upright, start = self._origins[street.name]
        along = (on_road.y if is_upright else on_road.x) - start
        is_right = (middle.x > on_road.x) if is_upright else (middle.y > on_road.y)
        number = 2 * int(max(0.0, along) / METRES_A_NUMBER) + (1 if is_right else 2)
        while (street.name, number) in self._given:
            number += 2
        self._given.add((street.name, number))
        return street.name, number


def _start_of(street: Street) -> tuple[bool, float]:
    """Whether a road runs north–south, and where its numbers begin."""
    west, south, east, north = shapely.MultiLineString(street.lines).bounds
    is_upright = north - south > east - west
    return is_upright, south if is_upright else west


def name_everything(ground: Ground, plan: Plan, rng: Random) -> None:
    """Give compounds, buildings and parks their names and addresses (villages have their name already)."""
    addresses = Addresses(ground.streets)
    by_block: dict[int, list[House]] = {}
    for house in plan.houses:
        by_block.setdefault(house.block, []).append(house)
    compounds = _compound_names(rng)
    n_in_village: dict[str, int] = {}
    for number in sorted(by_block):
        homes = [house for house in by_block[number] if house.use in ("residential", "village")]
        if homes and homes[0].use == "village":
            _name_village(homes, n_in_village)
        elif homes:
            _name_compound(homes, ground.blocks[number].shape, compounds, addresses)
        _name_others([house for house in by_block[number] if house not in homes], addresses, rng)
    _name_scenery(plan)


def _compound_names(rng: Random) -> dict[str, list[str]]:
    """Names for each style of compound, no first part twice."""
    first = list(names.COMPOUND_FIRST)
    rng.shuffle(first)
    pools: dict[str, list[str]] = {}
    for place, (style, last) in enumerate(names.COMPOUND_LAST.items()):
        own = first[place :: len(names.COMPOUND_LAST)]
        pools[style] = [one + two for two in last for one in own]
        rng.shuffle(pools[style])
    return pools


def _name_village(homes: list[House], n_in_village: dict[str, int]) -> None:
    for house in homes:
        number = n_in_village.get(house.compound, 0)
        n_in_village[house.compound] = number + 1
        lane, door = divmod(number, LANES)
        house.name = house.compound
        house.address = f"{house.compound}{lane + 1}巷{door + 1}号"


def _name_compound(
    homes: list[House], outline: Polygon, pools: dict[str, list[str]], addresses: Addresses
) -> None:
    name = pools[homes[0].style].pop()
    road, number = addresses.number(outline)
    for place, house in enumerate(homes, start=1):
        house.compound = name
        house.name = f"{name}{place}号楼"
        house.address = f"{road}{number}号{place}号楼"


def _name_others(houses: list[House], addresses: Addresses, rng: Random) -> None:
    pools = {"shop": names.SHOPS, "office": names.OFFICES, "workshop": names.WORKSHOPS}
    school = rng.choice(names.SCHOOLS)
    for place, house in enumerate(houses, start=1):
        road, number = addresses.number(house.shape)
        house.address = f"{road}{number}号"
        if house.use == "school":
            house.name = f"{road}{school}{place}号楼"
        elif house.use in pools:
            house.name = f"{road}{rng.choice(pools[house.use])}"
        else:
            word = {"market": "便民市场", "warehouse": "仓库", "public": "管理房"}[house.use]
            house.name = house.name or f"{road}{word}"


def _name_scenery(plan: Plan) -> None:
    """The largest parks get a name; the compounds the one of their houses."""
    compounds = {house.block: house.compound for house in plan.houses if house.compound}
    parks = sorted((s for s in plan.scenery if s.kind == "park"), key=lambda s: -float(s.shape.area))
    for park, name in zip(parks, names.PARK_NAMES, strict=False):
        park.name = name
    for scene in plan.scenery:
        if scene.kind == "compound":
            scene.name = compounds.get(scene.block, "")
        elif scene.kind == "wood":
            scene.name = names.FOREST
