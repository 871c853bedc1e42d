"""The demo town from a seed: ground, grids, houses, micro-grids, areas, stations, units, staff."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import shapely
from shapely.geometry.base import BaseGeometry

from wangge.demo.town import names, tiling
from wangge.demo.town.addresses import name_everything
from wangge.demo.town.areas import Codes, Divided, area_rows, group_grids
from wangge.demo.town.houses import Plan, build_dedicated, build_grid, build_hill
from wangge.demo.town.land import Ground, make_ground
from wangge.demo.town.model import Area, Building, Feature, LonLat, Road, Station, Town
from wangge.demo.town.people import make_staff
from wangge.demo.town.units import make_units
from wangge.kit.geo import LocalPlane, wkb_to_geojson

CENTRE: LonLat = (120.19, 35.97)
N_STATIONS = 35
N_VILLAGES, N_TOWERS = 4, 9
SHORE_M = 46.0


def build(seed: int = 2026) -> Town:
    """The demo town; the same seed gives the same town. Takes a few seconds, touches nothing outside."""
    rng = Random(seed)  # noqa: S311  a town, not a secret
    plane = LocalPlane(*CENTRE)
    ground = make_ground(rng)
    base = tiling.base_grids(ground, rng)
    plan = _build_houses(ground, base, rng)
    name_everything(ground, plan, rng)
    cut = _divide(ground, base, plan, plane, rng)
    areas, codes = area_rows(cut)
    buildings = _building_rows(plan, cut, codes)
    town = Town(
        seed=seed,
        centre=CENTRE,
        areas=areas,
        buildings=buildings,
        stations=_stations(areas, buildings),
        roads=_road_rows(ground, plane),
        scenery=_scenery_rows(ground, plan, plane),
    )
    town.units = make_units(town)
    town.staff = make_staff(town, rng)
    return town


def _build_houses(ground: Ground, base: Sequence[Sequence[int]], rng: Random) -> Plan:
    """Towers in the middle of the town, villages at its edge, slabs between."""
    plan = Plan()
    shore = ground.sea.buffer(SHORE_M)
    middle = shapely.Point(150, 150)
    grounds = [shapely.union_all([ground.blocks[b].shape for b in blocks]) for blocks in base]
    from_middle = sorted(range(len(base)), key=lambda g: float(grounds[g].centroid.distance(middle)))
    villages, towers = from_middle[-N_VILLAGES:], from_middle[:N_TOWERS]
    for grid, blocks in enumerate(base):
        style = (
            "village"
            if grid in villages
            else "tower"
            if grid in towers
            else rng.choice(("walkup", "walkup", "old"))
        )
        first = len(plan.houses)
        build_grid(plan, [(b, ground.blocks[b]) for b in blocks], style, shore, rng)
        for house in plan.houses[first:]:
            if house.use == "village":
                house.compound = names.VILLAGES[villages.index(grid)]
    edge = ground.sea.buffer(18)
    for number, block in enumerate(ground.blocks):
        if block.kind in ("industrial", "harbour"):
            build_dedicated(plan, number, block, edge, rng)
    hill = [number for number, block in enumerate(ground.blocks) if block.kind == "forest"]
    build_hill(plan, [(number, ground.blocks[number].shape) for number in hill], rng)
    return plan


def _divide(ground: Ground, base: Sequence[list[int]], plan: Plan, plane: LocalPlane, rng: Random) -> Divided:
    grids = [("base", list(blocks)) for blocks in base]
    for kind in ("harbour", "industrial", "forest"):
        grids.append((kind, [b for b, block in enumerate(ground.blocks) if block.kind == kind]))
    grids.append(("sea", []))
    kinds = [kind for kind, _ in grids]
    pieces = tiling.micro_grids(ground, grids, plan.houses, rng)
    micro_of = [(grid, number) for grid, own in enumerate(pieces) for number in range(len(own))]
    shapes = [piece.shape for own in pieces for piece in own]
    faces = tiling.Faces(shapes, [block.shape for block in ground.blocks])
    outlines = [_outline(ground, kind, blocks) for kind, blocks in grids]
    community_of, zone_of = group_grids(outlines, kinds, rng)
    police_of = tiling.police_grids(ground, rng)
    police_shapes = [
        shapely.union_all(
            [ground.blocks[b].shape for b, own in enumerate(police_of) if own == p], grid_size=0.01
        )
        for p in range(tiling.N_POLICE_GRIDS)
    ]
    return Divided(
        plane, plan.houses, kinds, pieces, faces, micro_of, community_of, zone_of, police_of,
        sea_police=tiling.neighbour_of(ground.sea, police_shapes),
        office_of=tiling.groups_of(police_shapes, 6, rng),
    )  # fmt: skip


def _outline(ground: Ground, kind: str, blocks: Sequence[int]) -> BaseGeometry:
    if kind == "sea":
        return ground.sea
    return shapely.union_all([ground.blocks[b].shape for b in blocks], grid_size=0.01)


def _building_rows(plan: Plan, cut: Divided, codes: Codes) -> list[Building]:
    place_of = {
        i: (g, n) for g, own in enumerate(cut.pieces) for n, piece in enumerate(own) for i in piece.houses
    }
    order = sorted(place_of, key=lambda i: (codes.micro[place_of[i]], i))
    rows = []
    for number, i in enumerate(order, start=1):
        house, (grid, piece) = plan.houses[i], place_of[i]
        degrees = cut.plane.round_earth(house.shape, decimals=7)
        lon, lat = degrees.centroid.x, degrees.centroid.y
        rows.append(
            Building(
                code=f"{names.STREET[0]}B{number:05d}", name_zh=house.name, address=house.address, use=house.use,
                floors=house.floors, n_households=house.n_households, n_people=house.n_people,
                position=(round(lon, 7), round(lat, 7)), footprint=wkb_to_geojson(degrees),
                grid=codes.grid[grid], micro_grid=codes.micro[grid, piece],
                community=codes.community[cut.community_of[grid]],
                police_grid=codes.police[cut.police_of[house.block]], compound=house.compound,
            )
        )  # fmt: skip
    return rows


def _stations(areas: Sequence[Area], buildings: Sequence[Building]) -> list[Station]:
    """One station in each community, then neighbourhood stations in the grids with most people."""
    grids = sorted(
        (a for a in areas if a.level == "grid" and a.kind == "base"), key=lambda a: (-a.n_people, a.code)
    )
    chosen: list[tuple[str, Area]] = []
    for community in [a for a in areas if a.level == "community"]:
        chosen.append(("community_station", next(g for g in grids if g.parent == community.code)))
    taken = {grid.code for _, grid in chosen}
    spare = [grid for grid in grids if grid.code not in taken][: N_STATIONS - len(chosen)]
    chosen += [("neighbourhood_station", grid) for grid in spare]
    by_code = {area.code: area for area in areas}
    stations = []
    for number, (kind, grid) in enumerate(chosen, start=1):
        home = _near_label(grid, buildings)
        short = by_code[grid.parent or ""].name_zh
        zh = f"{short}工作站" if kind == "community_station" else f"{grid.name_zh}民生小站"
        stations.append(
            Station(
                f"{names.STREET[0]}S{number:02d}",
                kind,
                zh,
                home.address,
                home.position,
                grid.code,
                grid.parent or "",
            )
        )
    return stations


def _near_label(grid: Area, buildings: Sequence[Building]) -> Building:
    own = [b for b in buildings if b.grid == grid.code]
    x, y = grid.label
    return min(own, key=lambda b: ((b.position[0] - x) ** 2 + (b.position[1] - y) ** 2, b.code))


def _road_rows(ground: Ground, plane: LocalPlane) -> list[Road]:
    rows = []
    for street in ground.streets:
        lines = []
        for line in street.lines:
            degrees = plane.round_earth(line.simplify(0.5), decimals=7)
            lines.append([(float(x), float(y)) for x, y in degrees.coords])
        rows.append(Road(street.name, street.grade, lines))
    return rows


def _scenery_rows(ground: Ground, plan: Plan, plane: LocalPlane) -> list[Feature]:
    def row(kind: str, name: str, shape: BaseGeometry) -> Feature:
        degrees = plane.round_earth(shape.simplify(0.6), decimals=7)
        return Feature(kind, name, wkb_to_geojson(degrees))

    rows = [row("sea", names.SEA, ground.sea), row("land", "", ground.land)]
    harbour = [block.shape for block in ground.blocks if block.kind == "harbour"]
    works = [block.shape for block in ground.blocks if block.kind == "industrial"]
    rows.append(row("harbour", names.HARBOUR, shapely.union_all(harbour, grid_size=0.01)))
    rows.append(row("industrial", names.INDUSTRIAL_PARK, shapely.union_all(works, grid_size=0.01)))
    shore = ground.sea.buffer(26).intersection(ground.land).difference(shapely.union_all(harbour).buffer(60))
    rows.append(row("beach", "", shore))
    return rows + [
        row(scene.kind, scene.name, scene.shape) for scene in plan.scenery if not scene.shape.is_empty
    ]
