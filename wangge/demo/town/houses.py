"""Buildings on the blocks: compounds, villages, shops along the roads, schools, works; who lives in them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np
import shapely
from shapely.affinity import rotate
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from wangge.demo.town.land import Block, polygons_of, turned

SETBACK_M = 13.0
FEWEST_HOUSEHOLDS, MOST_HOUSEHOLDS = 325, 475


@dataclass
class House:
    """A building before it has codes: footprint in metres, use, who lives in it."""

    shape: Polygon
    use: str  # residential, village, shop, office, school, market, workshop, warehouse, public
    block: int
    style: str = ""
    per_floor: int = 0
    floors: int = 1
    n_households: int = 0
    n_people: int = 0
    compound: str = ""
    name: str = ""
    address: str = ""


@dataclass
class Scenery:
    """What is drawn but is no building: park, pond, playground, yard, beach, wood."""

    shape: BaseGeometry
    kind: str
    name: str = ""
    block: int = -1


@dataclass(frozen=True)
class Style:
    """A way of building homes: footprints (length, depth), distances, floors, homes on a floor."""

    lengths: tuple[float, ...]
    depth: float
    gap: float
    row: float
    floors: tuple[int, int]
    per_floor: dict[float, int]
    typical: int  # households of a typical house


STYLES = {
    "walkup": Style((38, 52), 12.5, 11, 31, (4, 7), {38: 4, 52: 6}, 27),
    "old": Style((34, 46), 11, 10, 25, (3, 5), {34: 4, 46: 4}, 16),
    "tower": Style((27,), 23, 26, 54, (9, 18), {27: 5}, 66),
    "village": Style((14,), 11, 5, 21, (1, 3), {14: 1}, 2),
}


@dataclass
class Plan:
    """What has been built so far."""

    houses: list[House] = field(default_factory=list)
    scenery: list[Scenery] = field(default_factory=list)


def build_grid(
    plan: Plan, blocks: Sequence[tuple[int, Block]], style: str, shore: BaseGeometry, rng: Random
) -> None:
    """Fill the blocks of one base grid so that 300 to 500 households live there."""
    target = rng.randint(FEWEST_HOUSEHOLDS, MOST_HOUSEHOLDS) if style != "village" else rng.randint(315, 345)
    ranked = sorted(blocks, key=lambda entry: -_room(entry[1], shore).area)
    n_needed = math.ceil(target / STYLES[style].typical)
    n_dwelling_blocks = 1 if len(ranked) == 1 else 2
    homes: list[House] = []
    for place, (number, block) in enumerate(ranked):
        if len(homes) < n_needed and (place < n_dwelling_blocks or len(homes) < 0.8 * n_needed):
            share = math.ceil((n_needed - len(homes)) / max(1, n_dwelling_blocks - place))
            room = _shop_fronts(plan, number, block, _room(block, shore), rng)
            plan.scenery.append(Scenery(_room(block, shore).buffer(5), "compound", block=number))
            homes += _dwellings(number, block, room, style, share, rng)
        else:
            _other_use(plan, number, block, _room(block, shore), style, rng)
    _settle_people(homes, style, target, rng)
    plan.houses += homes


def _room(block: Block, shore: BaseGeometry) -> BaseGeometry:
    """Where one may build: back from the roads and from the sea."""
    room = block.shape.buffer(-SETBACK_M, join_style="mitre").difference(shore)
    parts = polygons_of(room)
    return max(parts, key=lambda part: float(part.area)) if parts else Polygon()


def _slots(
    room: BaseGeometry, turn: float, lengths: Sequence[float], depth: float, gap: float, row: float
) -> list[Polygon]:
    """Rectangles in rows that fit, from the north row to the south, each row from the west."""
    if room.is_empty:
        return []
    upright = turned([room], -turn)[0]
    west, south, east, north = upright.bounds
    rects: list[tuple[float, float, float, float]] = []
    y = north - depth - 1
    while y > south:
        x, number = west + 1, 0
        while x < east:
            length = lengths[number % len(lengths)]
            rects.append((x, y, x + length, y + depth))
            x, number = x + length + gap, number + 1
        y -= row
    if not rects:
        return []
    boxes = shapely.box(*np.array(rects).T)
    shapely.prepare(upright)
    fitting = boxes[shapely.contains_properly(upright, boxes)]
    return polygons_of(shapely.GeometryCollection(turned(fitting, turn)))


def _dwellings(
    number: int, block: Block, room: BaseGeometry, style: str, wanted: int, rng: Random
) -> list[House]:
    """As many homes as wanted (or fit), spread over the block, sometimes around a green middle."""
    kind = STYLES[style]
    lengths = list(kind.lengths)
    rng.shuffle(lengths)
    slots = _slots(room, block.turn_deg, lengths, kind.depth, kind.gap, kind.row)
    for spread in (1.9, 1.7, 1.5, 1.3, 1.15, 1.0):
        wide = _slots(room, block.turn_deg, lengths, kind.depth, kind.gap * spread**2, kind.row * spread)
        if len(wide) >= wanted:
            slots = wide
            break
    if len(slots) > wanted * 1.2:
        centre = room.centroid
        slots = sorted(slots, key=lambda slot: slot.centroid.distance(centre))[(len(slots) - wanted) // 2 :]
    if len(slots) > wanted:
        corner = rng.choice(list(room.minimum_rotated_rectangle.exterior.coords)[:4])  # type: ignore[attr-defined]
        slots = sorted(slots, key=lambda slot: slot.distance(shapely.Point(corner)))[:wanted]
    slots.sort(key=lambda slot: (-round(slot.centroid.y / kind.row), slot.centroid.x))
    use = "village" if style == "village" else "residential"
    houses = []
    for slot in slots:
        length = min(kind.per_floor, key=lambda size: abs(size - _length(slot)))
        shape = _uneven(slot, rng) if style == "village" else slot
        houses.append(House(shape, use, number, style, per_floor=kind.per_floor[length]))
    return houses


def _length(slot: Polygon) -> float:
    (x1, y1), (x2, y2), (x3, y3) = [point[:2] for point in list(slot.exterior.coords)[:3]]
    return max(math.hypot(x2 - x1, y2 - y1), math.hypot(x3 - x2, y3 - y2))


def _uneven(slot: Polygon, rng: Random) -> Polygon:
    """Village houses are not all alike."""
    scaled = shapely.affinity.scale(slot, rng.uniform(0.78, 1.0), rng.uniform(0.8, 1.0))
    return shapely.affinity.rotate(scaled, rng.uniform(-3, 3))


def _settle_people(homes: list[House], style: str, target: int, rng: Random) -> None:
    """Choose floors so that the households add up to about the target, then people for them."""
    low, high = STYLES[style].floors
    typical = max(low, min(high, round(target / max(1, sum(home.per_floor for home in homes)))))
    for home in homes:
        home.floors = max(low, min(high, typical + rng.choice((-1, 0, 0, 1))))
    for _ in range(40):
        missing = target - sum(home.floors * home.per_floor for home in homes)
        if abs(missing) <= 6:
            break
        for home in rng.sample(homes, len(homes)):
            step = 1 if missing > 0 else -1
            if abs(missing) > 3 and low <= home.floors + step <= high:
                home.floors += step
                missing -= step * home.per_floor
    for home in homes:
        home.n_households = home.floors * home.per_floor
    _fill_up(homes, target, rng)
    for home in homes:
        home.n_people = sum(rng.choice((1, 2, 2, 2, 3, 3, 4)) for _ in range(home.n_households))


def _fill_up(homes: list[House], target: int, rng: Random) -> None:
    """Rooms let to new residents close the rest of the gap where floors alone do not."""
    missing = target - sum(home.n_households for home in homes)
    while missing > 6:
        home = rng.choice(homes)
        home.n_households += 1
        missing -= 1


def _shop_fronts(plan: Plan, number: int, block: Block, room: BaseGeometry, rng: Random) -> BaseGeometry:
    """Small shops along one or two sides of a block; gives the room that is left behind them."""
    if room.is_empty:
        return room
    ring = [point[:2] for point in room.simplify(4).exterior.coords]  # type: ignore[attr-defined]
    sides = [(a, b) for a, b in itertools.pairwise(ring) if math.dist(a, b) > 80]
    rng.shuffle(sides)
    built: list[Polygon] = []
    for a, b in sides[: rng.choice((0, 0, 1, 1, 2))]:
        for shape in _along(a, b, rng):
            inside = room.buffer(0.2).contains(shape)
            if inside and all(shape.distance(other) > 1.5 for other in built):
                built.append(shape)
    for shape in built:
        plan.houses.append(House(shape, "shop", number, floors=rng.choice((1, 1, 2, 2, 3))))
    left = room.difference(shapely.union_all(built).buffer(9)) if built else room
    parts = polygons_of(left)
    return max(parts, key=lambda part: float(part.area)) if parts else Polygon()


def _along(a: tuple[float, ...], b: tuple[float, ...], rng: Random) -> list[Polygon]:
    """Shop footprints from a to b, on the left side of the line or its right, whichever is inside."""
    length = math.dist(a, b)
    dx, dy = (b[0] - a[0]) / length, (b[1] - a[1]) / length
    shapes, at = [], 12.0
    while at < length - 34:
        wide, deep = rng.uniform(16, 30), rng.uniform(10, 13)
        corners = [(at, 0.3), (at + wide, 0.3), (at + wide, deep), (at, deep)]
        for side in (1, -1):
            ring = [(a[0] + dx * u - dy * v * side, a[1] + dy * u + dx * v * side) for u, v in corners]
            shapes.append(Polygon(ring))
        at += wide + rng.choice((3.0, 3.0, 14.0))
    return shapes


def _other_use(plan: Plan, number: int, block: Block, room: BaseGeometry, style: str, rng: Random) -> None:
    """Schools, offices, markets, works and parks on the blocks where few people live."""
    if room.is_empty or room.area < 3000:
        plan.scenery.append(Scenery(block.shape.buffer(-8), "green", block=number))
        return
    uses = ["office", "office", "office", "school", "market", "market", "park", "park", "workshop"]
    if style == "village":
        uses = ["workshop", "workshop", "park", "field", "field"]
    use = rng.choice(uses)
    if use in ("park", "field"):
        _park(plan, number, room, use, rng)
    elif use == "school":
        _school(plan, number, block, room, rng)
    else:
        room = _shop_fronts(plan, number, block, room, rng)
        size = {"office": (34, 20, 30, 58), "market": (62, 44, 30, 80), "workshop": (56, 26, 24, 52)}[use]
        slots = _slots(room, block.turn_deg, (size[0],), size[1], size[2], size[3])
        chosen = rng.sample(slots, min(len(slots), {"office": 5, "market": 2, "workshop": 6}[use]))
        for slot in chosen:
            floors = {"office": rng.randint(4, 16), "market": 3, "workshop": 1}[use]
            plan.houses.append(House(slot, use, number, floors=floors))


def _park(plan: Plan, number: int, room: BaseGeometry, kind: str, rng: Random) -> None:
    plan.scenery.append(Scenery(room.buffer(7), kind, block=number))
    if kind == "park":
        middle = room.representative_point()
        reach = math.sqrt(room.area)
        pond = rotate(
            shapely.affinity.scale(
                middle.buffer(1), reach * rng.uniform(0.12, 0.2), reach * rng.uniform(0.07, 0.12)
            ),
            rng.uniform(0, 180),
        )
        plan.scenery.append(Scenery(pond.intersection(room), "pond", block=number))
        for slot in _slots(room, 0, (14,), 10, 60, 60):
            if slot.distance(pond) > 12:
                plan.houses.append(House(slot, "public", number))
                break


def _school(plan: Plan, number: int, block: Block, room: BaseGeometry, rng: Random) -> None:
    """Teaching blocks on one side, a running track on the other."""
    slots = _slots(room, block.turn_deg, (62,), 15, 14, 34)
    tracks = _slots(room, block.turn_deg, (92,), 48, 20, 60)
    track = tracks[-1] if tracks else None
    if track is not None:
        plan.scenery.append(Scenery(track.buffer(-14).buffer(14), "track", block=number))
        slots = [slot for slot in slots if slot.distance(track) > 12]
    for slot in slots[: rng.randint(3, 5)]:
        plan.houses.append(House(slot, "school", number, floors=rng.randint(3, 5)))


def build_dedicated(plan: Plan, number: int, block: Block, shore: BaseGeometry, rng: Random) -> None:
    """Sheds of the industrial park, or warehouses and container yards of the harbour."""
    room = _room(block, shore)
    if block.kind == "industrial":
        slots = _slots(room, block.turn_deg, (72,), 38, 24, 62)
        for slot in rng.sample(slots, min(len(slots), 5)):
            plan.houses.append(House(slot, "workshop", number, floors=rng.choice((1, 1, 2, 4))))
        return
    slots = _slots(room, block.turn_deg, (88,), 34, 22, 54)
    for place, slot in enumerate(slots):
        if place % 2 and place < 9:
            plan.houses.append(House(slot, "warehouse", number, floors=1))
        else:
            plan.scenery.append(Scenery(slot, "yard", block=number))


def build_hill(plan: Plan, blocks: Sequence[tuple[int, Polygon]], rng: Random) -> None:
    """The woods, a reservoir, and a few rangers' posts."""
    hill = shapely.union_all([shape for _, shape in blocks], grid_size=0.01)
    woods = hill.buffer(-30).buffer(45).buffer(-15).intersection(hill.buffer(-6))
    pond = rotate(shapely.affinity.scale(hill.centroid.buffer(1), 150, 62), 35)
    water = shapely.affinity.translate(pond, 260, -310).intersection(hill)
    plan.scenery.append(Scenery(woods, "wood", block=blocks[0][0]))
    plan.scenery.append(Scenery(water, "pond"))
    for number, shape in rng.sample(list(blocks), min(4, len(blocks))):
        x, y = shape.representative_point().coords[0][:2]
        post = box(x - 11, y - 6, x + 11, y + 6)
        if shape.buffer(-12).contains(post) and post.distance(water) > 15:
            plan.houses.append(House(post, "public", number, name="护林点"))
