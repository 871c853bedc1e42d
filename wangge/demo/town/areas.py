"""The tree of areas: who lies in whom, codes, names, boundaries in degrees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from wangge.demo.town import names, tiling
from wangge.demo.town.divide import Piece
from wangge.demo.town.houses import House
from wangge.demo.town.model import Area
from wangge.kit.geo import LocalPlane, label_point, wkb_to_geojson

N_COMMUNITIES, N_ZONES, N_POLICE_OFFICES = 19, 4, 6
NUMERALS = "零一二三四五六七八九十"
SPECIAL_NAMES = {
    "harbour": (f"{names.HARBOUR}专属网格", "Wanglan Harbour, dedicated grid", "dedicated"),
    "industrial": (
        f"{names.INDUSTRIAL_PARK}专属网格",
        "Qingchuan Industrial Park, dedicated grid",
        "dedicated",
    ),
    "forest": (f"{names.FOREST}山林网格", "Pinglan Hill, forest grid", "forest"),
    "sea": (f"{names.SEA}海上网格", "Wanglan Bay, sea grid", "sea"),
}
SUPERVISORS = {"harbour": "transport", "industrial": "industry", "forest": "forestry", "sea": "marine"}


@dataclass
class Divided:
    """The town cut up: for each grid its kind, micro-grids and faces; the groups above; the overlay."""

    plane: LocalPlane
    houses: Sequence[House]
    kinds: list[str]
    pieces: list[list[Piece]]
    faces: tiling.Faces
    micro_of: list[tuple[int, int]]  # for each micro shape of the faces: grid, place in the grid
    community_of: list[int]
    zone_of: list[int]
    police_of: list[int]  # for each block
    sea_police: int
    office_of: list[int]  # for each police grid


@dataclass
class Codes:
    """The codes given, by the numbers of the division."""

    grid: dict[int, str] = field(default_factory=dict)
    micro: dict[tuple[int, int], str] = field(default_factory=dict)
    community: dict[int, str] = field(default_factory=dict)
    police: dict[int, str] = field(default_factory=dict)


def group_grids(
    shapes: Sequence[BaseGeometry], kinds: Sequence[str], rng: Random
) -> tuple[list[int], list[int]]:
    """A community for each grid (special grids join a neighbour's), and a zone for each community."""
    base = [number for number, kind in enumerate(kinds) if kind == "base"]
    labels = tiling.groups_of([shapes[number] for number in base], N_COMMUNITIES, rng)
    community_of = [-1] * len(shapes)
    for number, label in zip(base, labels, strict=True):
        community_of[number] = label
    for kind in ("harbour", "industrial", "forest", "sea"):  # the sea last: it meets the harbour
        number = kinds.index(kind)
        others = [n for n, label in enumerate(community_of) if label >= 0]
        nearest = tiling.neighbour_of(shapes[number], [shapes[n] for n in others])
        community_of[number] = community_of[others[nearest]]
    grounds = [
        shapely.union_all(
            [s for s, label in zip(shapes, community_of, strict=True) if label == c], grid_size=0.01
        )
        for c in range(N_COMMUNITIES)
    ]
    return community_of, tiling.groups_of(grounds, N_ZONES, rng)


def reading_order(shapes: Iterable[tuple[int, BaseGeometry]], band_m: float) -> list[int]:
    """Numbers ordered as areas are coded: bands from north to south, each from west to east."""
    placed = [(-round(shape.centroid.y / band_m), shape.centroid.x, number) for number, shape in shapes]
    return [number for _, _, number in sorted(placed)]


def area_rows(cut: Divided) -> tuple[list[Area], Codes]:
    """All areas from the county to the micro-grids and police grids, with the codes given to them."""
    codes = Codes()
    grid_of_face = [cut.micro_of[micro][0] for micro in cut.faces.micro]
    grid_shapes = {
        grid: cut.faces.joined(own == grid for own in grid_of_face) for grid in range(len(cut.kinds))
    }
    rows = _upper_rows(cut, grid_shapes, codes)
    for community in sorted(codes.community, key=lambda c: codes.community[c]):
        own = [(g, grid_shapes[g]) for g, label in enumerate(cut.community_of) if label == community]
        order = reading_order(own, band_m=350)
        for place, grid in enumerate(order, start=1):
            code = f"{codes.community[community]}{place:03d}"
            codes.grid[grid] = code
            rows.append(
                _grid_row(cut, grid, place, code, codes.community[community], grid_shapes[grid], rows)
            )
            rows += _micro_rows(cut, grid, code, codes)
    rows += _police_rows(cut, codes)
    _count_people(rows, cut, codes)
    return rows, codes


def _row(
    cut: Divided, shape: BaseGeometry, level: str, code: str, words: Sequence[str], parent: str | None,
    kind: str = "base",
) -> Area:  # fmt: skip
    degrees = cut.plane.round_earth(shape)
    return Area(
        code, level, kind, words[0], words[1], parent, wkb_to_geojson(degrees), _rounded(label_point(degrees))
    )


def _rounded(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0], 7), round(point[1], 7)


def _upper_rows(cut: Divided, grids: dict[int, BaseGeometry], codes: Codes) -> list[Area]:
    """County, street, zones, communities."""
    ground = cut.faces.joined(True for _ in cut.faces.shapes)
    around = Polygon(ground.buffer(2600).simplify(150).exterior)  # type: ignore[attr-defined]
    (county, *county_names), (street, *street_names) = names.COUNTY, names.STREET
    rows = [
        _row(cut, around, "county", county, county_names, None),
        _row(cut, ground, "street", street, street_names, county),
    ]
    for row in rows:
        row.external_codes = {"statistics": row.code.ljust(12, "0")}
    grounds = {c: _union(grids[g] for g in grids if cut.community_of[g] == c) for c in range(N_COMMUNITIES)}
    zones = {z: _union(grounds[c] for c in grounds if cut.zone_of[c] == z) for z in range(N_ZONES)}
    zone_codes: dict[int, str] = {}
    for zone, (zh, en) in zip(reading_order(zones.items(), band_m=1200), names.ZONES.items(), strict=True):
        zone_codes[zone] = f"{street}Z{len(zone_codes) + 1:02d}"
        rows.append(_row(cut, zones[zone], "zone", zone_codes[zone], (f"{zh}管区", f"{en} zone"), street))
    order = reading_order(grounds.items(), band_m=700)
    for place, (community, (zh, en)) in enumerate(
        zip(order, names.COMMUNITIES.items(), strict=True), start=1
    ):
        codes.community[community] = f"{street}{place:03d}"
        both = f"{zh}社区", f"{en} community"
        zone_code = zone_codes[cut.zone_of[community]]
        shape = grounds[community]
        rows.append(_row(cut, shape, "community", codes.community[community], both, zone_code))
    return rows


def _union(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
    return shapely.union_all(list(shapes), grid_size=0.01)


def _grid_row(
    cut: Divided, grid: int, place: int, code: str, parent: str, shape: BaseGeometry, rows: Sequence[Area]
) -> Area:
    kind = cut.kinds[grid]
    if kind in SPECIAL_NAMES:
        zh, en, area_kind = SPECIAL_NAMES[kind]
        row = _row(cut, shape, "grid", code, (zh, en), parent, area_kind)
        row.supervising_unit = f"{names.COUNTY[0]}-{SUPERVISORS[kind]}"
        return row
    community = next(row for row in rows if row.code == parent)
    words = f"{community.name_zh}第{NUMERALS[place]}网格", f"{community.name_en}, grid {place}"
    return _row(cut, shape, "grid", code, words, parent)


def _micro_rows(cut: Divided, grid: int, code: str, codes: Codes) -> list[Area]:
    shapes = {
        number: cut.faces.joined(cut.micro_of[micro] == (grid, number) for micro in cut.faces.micro)
        for number in range(len(cut.pieces[grid]))
    }
    rows = []
    for place, number in enumerate(reading_order(shapes.items(), band_m=90), start=1):
        micro = f"{code}{place:02d}"
        codes.micro[grid, number] = micro
        about = _houses_in_words([cut.houses[i] for i in cut.pieces[grid][number].houses])
        kind = SPECIAL_NAMES[cut.kinds[grid]][2] if cut.kinds[grid] in SPECIAL_NAMES else "base"
        words = f"第{place}微网格{about}", f"Micro-grid {place}"
        rows.append(_row(cut, shapes[number], "micro_grid", micro, words, code, kind))
    return rows


def _houses_in_words(houses: Sequence[House]) -> str:
    """The compound and the numbers of its houses: (听涛小区1-4号楼)."""
    homes = [house for house in houses if house.compound]
    if not homes:
        return f"({houses[0].address.rstrip('0123456789号')}沿街)" if houses else ""
    name = homes[0].compound
    numbers = sorted(
        int(h.name.removeprefix(name).removesuffix("号楼")) for h in homes if h.name.endswith("号楼")
    )
    if not numbers:
        return f"({name})"
    span = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
    is_run = numbers[-1] - numbers[0] == len(numbers) - 1
    return f"({name}{span if is_run else '、'.join(map(str, numbers))}号楼)"


def _police_rows(cut: Divided, codes: Codes) -> list[Area]:
    """The overlay of 24 police grids; the code of the office is kept beside the area."""
    police_of_face = [cut.sea_police if block is None else cut.police_of[block] for block in cut.faces.block]
    shapes = {
        police: cut.faces.joined(own == police for own in police_of_face)
        for police in range(len(cut.office_of))
    }
    rows = []
    offices = {o: _union(s for p, s in shapes.items() if cut.office_of[p] == o) for o in set(cut.office_of)}
    for place, office in enumerate(reading_order(offices.items(), band_m=1500), start=1):
        own = [(p, shape) for p, shape in shapes.items() if cut.office_of[p] == office]
        for number, police in enumerate(reading_order(own, band_m=500), start=1):
            codes.police[police] = f"{names.STREET[0]}P{place:02d}{number:02d}"
            zh = f"{names.POLICE_OFFICES[place - 1]}警务室第{NUMERALS[number]}警格"
            words = zh, f"Police office {place}, police grid {number}"
            code = codes.police[police]
            row = _row(cut, shapes[police], "police_grid", code, words, names.STREET[0], "overlay")
            row.external_codes = {"police_office": f"{names.STREET[0]}-police-{place}"}
            rows.append(row)
    return rows


def _count_people(rows: list[Area], cut: Divided, codes: Codes) -> None:
    by_code = {row.code: row for row in rows}
    for (grid, number), micro in codes.micro.items():
        homes = [cut.houses[i] for i in cut.pieces[grid][number].houses]
        for house in homes:
            police = codes.police[cut.police_of[house.block]]
            _add_people(by_code, micro, house)
            _add_people({police: by_code[police]}, police, house)


def _add_people(by_code: dict[str, Area], code: str | None, house: House) -> None:
    """Count the house's people in the area and in all areas above it."""
    while code is not None and code in by_code:
        by_code[code].n_households += house.n_households
        by_code[code].n_people += house.n_people
        code = by_code[code].parent
