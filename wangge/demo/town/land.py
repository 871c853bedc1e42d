"""The ground of the town in metres: outline, coast, roads on a slightly irregular lattice, blocks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np
import shapely
from shapely import STRtree
from shapely.affinity import rotate
from shapely.geometry import LineString, MultiLineString, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge

from wangge.demo.town import names

XY = tuple[float, float]

# Control points in metres east and north of the town's centre; the sea lies east and south.
OUTLINE: list[XY] = [
    (-2750, 2250), (-2050, 2480), (-1150, 2400), (-300, 2560), (650, 2500), (2000, 2760), (3200, 2500),
    (3560, 900), (3400, -1200), (2900, -2450), (1100, -2720), (-1000, -2760), (-2600, -2600),
    (-2900, -1500), (-2650, -600), (-2880, 300), (-2680, 1300),
]  # fmt: skip
COAST: list[XY] = [
    (560, 3300), (620, 2500), (900, 2050), (1350, 1800), (1750, 1350), (1650, 950), (1150, 700), (760, 380),
    (700, -50), (980, -430), (1480, -640), (1760, -1000), (1560, -1480), (980, -1700), (300, -1650),
    (-350, -1800), (-1050, -2080), (-1750, -2000), (-2300, -1850), (-3000, -1900), (-3900, -1850),
]  # fmt: skip
HARBOUR_AXIS: tuple[float, float, float] = (1500, 1500, -32)  # where the quay stands, and its turn
HILL: tuple[float, float, float, float] = (-2150, 1650, 1180, 1050)  # centre and half axes
WORKS: tuple[float, float, float, float] = (-3300, -520, -1480, 300)  # the industrial park
LATTICE_TURN_DEG = 7.0
COLUMN_M, ROW_M = 258.0, 236.0
WIDE_EVERY = 4
SMALLEST_BLOCK_M2 = 14_000.0
SNAP_M = 0.01


@dataclass
class Block:
    """A piece of land between roads, the atom that grids and police grids are put together from."""

    shape: Polygon
    kind: str  # base, forest, harbour, industrial
    turn_deg: float  # direction of its rows of houses


@dataclass
class Street:
    """A road as drawn: its name, class (wide, street, lane, coast) and centre lines."""

    name: str
    grade: str
    lines: list[LineString] = field(default_factory=list)


@dataclass
class Ground:
    """Everything the town stands on."""

    outline: Polygon
    land: Polygon
    sea: Polygon
    blocks: list[Block]
    streets: list[Street]
    piers: list[Polygon]


def make_ground(rng: Random) -> Ground:
    """Draw the land, lay the roads and cut the land into blocks along them."""
    outline = Polygon(_wiggle(OUTLINE, rng, amount=18, closed=True))
    coast = LineString(_wiggle(COAST, rng, amount=26, closed=False))
    mainland = _west_of(coast).intersection(outline)
    piers = _piers()
    land = shapely.set_precision(_largest(shapely.union_all([mainland, *piers])), SNAP_M)
    land = _largest(land.intersection(outline.buffer(-1)).union(mainland))
    lattice = _lattice(rng)
    coast_road = _coast_road(mainland, outline)
    blocks = _blocks(land, lattice, coast_road)
    sea = _largest(outline.difference(land))
    outline = _largest(shapely.union_all([land, sea], grid_size=SNAP_M))
    streets = _streets(lattice, coast_road, blocks, mainland)
    return Ground(outline, land, sea, blocks, streets, piers)


def _largest(geometry: BaseGeometry) -> Polygon:
    parts = [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)]
    return Polygon(max(parts, key=lambda part: float(part.area)).exterior)


def _wiggle(points: Sequence[XY], rng: Random, *, amount: float, closed: bool) -> list[XY]:
    """A smooth line through the points (Catmull–Rom), roughened by two octaves of small waves."""
    phases = [rng.uniform(0, 2 * math.pi) for _ in range(4)]
    line = _spline(points, closed=closed)
    rough: list[XY] = []
    travelled = 0.0
    for number, (x, y) in enumerate(line):
        if number:
            travelled += math.dist(line[number - 1], (x, y))
        wave = math.sin(travelled / 140 + phases[0]) + 0.5 * math.sin(travelled / 47 + phases[1])
        across = math.sin(travelled / 170 + phases[2]) + 0.5 * math.sin(travelled / 61 + phases[3])
        rough.append((x + amount * wave, y + amount * across))
    return rough


def _spline(points: Sequence[XY], *, closed: bool, step_m: float = 45.0) -> list[XY]:
    count = len(points)
    spans = count if closed else count - 1
    line: list[XY] = []
    for span in range(spans):
        if closed:
            quad = [points[(span + k) % count] for k in (-1, 0, 1, 2)]
        else:
            quad = [points[min(max(span + k, 0), count - 1)] for k in (-1, 0, 1, 2)]
        steps = max(2, round(math.dist(quad[1], quad[2]) / step_m))
        line += [_catmull_rom(quad, number / steps) for number in range(steps)]
    if not closed:
        line.append(points[-1])
    return line


def _catmull_rom(quad: Sequence[XY], t: float) -> XY:
    weights = (
        -0.5 * t**3 + t**2 - 0.5 * t,
        1.5 * t**3 - 2.5 * t**2 + 1,
        -1.5 * t**3 + 2 * t**2 + 0.5 * t,
        0.5 * t**3 - 0.5 * t**2,
    )
    return (
        sum(w * p[0] for w, p in zip(weights, quad, strict=True)),
        sum(w * p[1] for w, p in zip(weights, quad, strict=True)),
    )


def _west_of(coast: LineString) -> Polygon:
    line = [(float(x), float(y)) for x, y in coast.coords]
    return Polygon([*line, (-6000, -1850), (-6000, 3400), (560, 3400)]).buffer(0)


def _piers() -> list[Polygon]:
    """The quay of the harbour and its fingers into the sea."""
    x, y, turn = HARBOUR_AXIS
    quay = box(x - 150, y - 620, x + 330, y + 620)
    fingers = [
        box(x + 300, y + at, x + 300 + reach, y + at + 90)
        for at, reach in ((-560, 420), (-60, 560), (430, 380))
    ]
    return [rotate(shape, turn, origin=(x, y)) for shape in (quay, *fingers)]


class _Lattice:
    """Crossings of the roads: rows from south to north, columns from west to east."""

    def __init__(self, nodes: np.ndarray, gone: set[tuple[int, int, str]]) -> None:
        self.nodes = nodes
        self.gone = gone

    def lines(self, way: str) -> list[list[LineString]]:
        """For each column (way "ns") or row (way "ew") its pieces between crossings that exist."""
        columns, rows = self.nodes.shape[:2]
        found: list[list[LineString]] = []
        for along in range(columns if way == "ns" else rows):
            pieces = []
            for step in range((rows if way == "ns" else columns) - 1):
                i, j = (along, step) if way == "ns" else (step, along)
                following = (i, j + 1) if way == "ns" else (i + 1, j)
                if (i, j, way) not in self.gone:
                    pieces.append(LineString([self.nodes[i, j], self.nodes[following]]))
            found.append(pieces)
        return found


def _lattice(rng: Random) -> _Lattice:
    columns, rows = 26, 27
    turn = math.radians(LATTICE_TURN_DEG)
    xs = np.cumsum([COLUMN_M * rng.uniform(0.82, 1.2) for _ in range(columns)])
    ys = np.cumsum([ROW_M * rng.uniform(0.82, 1.2) for _ in range(rows)])
    xs, ys = xs - xs[columns // 2] - 150, ys - ys[rows // 2]
    nodes = np.zeros((columns, rows, 2))
    for i in range(columns):
        for j in range(rows):
            x = xs[i] + 55 * math.sin(ys[j] / 800 + 0.4) + rng.uniform(-9, 9)
            y = ys[j] + 48 * math.sin(xs[i] / 950 + 1.1) + rng.uniform(-9, 9)
            nodes[i, j] = (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
    gone = set()
    for i in range(columns):
        for j in range(rows):
            for way, along in (("ns", i), ("ew", j)):
                if along % WIDE_EVERY and rng.random() < 0.10:
                    gone.add((i, j, way))
    return _Lattice(nodes, gone)


def _coast_road(mainland: BaseGeometry, outline: Polygon) -> LineString:
    """A road that follows the shore about 110 metres inland."""
    inland = mainland.buffer(150).buffer(-260).buffer(60).buffer(-60)
    shore_side = inland.boundary
    rim = shore_side.difference(outline.boundary.buffer(160))
    merged = linemerge(rim) if isinstance(rim, MultiLineString) else rim
    longest = max(shapely.get_parts(merged), key=lambda line: float(line.length))
    return LineString(longest.simplify(6).coords)


def _blocks(land: Polygon, lattice: _Lattice, coast_road: LineString) -> list[Block]:
    pieces = [piece for way in ("ns", "ew") for line in lattice.lines(way) for piece in line]
    inside = [piece.intersection(land) for piece in pieces]
    network = shapely.union_all([*inside, coast_road, land.boundary], grid_size=SNAP_M)
    faces = [face for face in shapely.get_parts(shapely.polygonize([network])) if face.area > 1]
    faces = _merge_small([Polygon(face.exterior) for face in faces])
    kinds = _kinds(faces)
    return [Block(face, kind, _turn_of(face)) for face, kind in zip(faces, kinds, strict=True)]


def _merge_small(faces: list[Polygon]) -> list[Polygon]:
    """Join faces too small or too thin for houses with the neighbour they share most road with."""
    faces = sorted(faces, key=_by_place)
    while True:
        neighbours = shared_borders(faces, least_m=1.0)
        groups = list(range(len(faces)))
        for index in sorted(range(len(faces)), key=lambda i: float(faces[i].area)):
            is_small = faces[index].area < SMALLEST_BLOCK_M2 or faces[index].buffer(-28).is_empty
            free = {n: m for n, m in neighbours[index].items() if groups[n] == n}
            if is_small and free and groups.count(groups[index]) == 1:
                groups[index] = max(sorted(free), key=lambda n: free[n])
        if groups == list(range(len(faces))):
            return faces
        joined = []
        for group in sorted(set(groups)):
            members = [face for face, own in zip(faces, groups, strict=True) if own == group]
            joined.append(_largest(shapely.union_all(members, grid_size=SNAP_M)))
        faces = sorted(joined, key=_by_place)


def _by_place(shape: BaseGeometry) -> XY:
    return float(shape.centroid.x), float(shape.centroid.y)


def shared_borders(shapes: Sequence[BaseGeometry], least_m: float = 20.0) -> list[dict[int, float]]:
    """For each shape its neighbours and the metres of border they share (at least ``least_m``)."""
    tree = STRtree(shapes)
    neighbours: list[dict[int, float]] = [{} for _ in shapes]
    for one, other in zip(*tree.query(shapes, predicate="intersects"), strict=True):
        if one < other:
            length = float(shapes[one].intersection(shapes[other]).length)
            if length >= least_m:
                neighbours[one][int(other)] = neighbours[other][int(one)] = length
    return neighbours


def _kinds(faces: list[Polygon]) -> list[str]:
    quay = shapely.union_all(_piers())
    x, y, half_width, half_height = HILL
    kinds = []
    for face in faces:
        middle = face.centroid
        in_hill = ((middle.x - x) / half_width) ** 2 + ((middle.y - y) / half_height) ** 2 < 1
        if in_hill:
            kinds.append("forest")
        elif face.intersection(quay).area > 0.35 * face.area:
            kinds.append("harbour")
        elif box(*WORKS).contains(middle):
            kinds.append("industrial")
        else:
            kinds.append("base")
    return _in_one_piece(faces, kinds)


def _in_one_piece(faces: list[Polygon], kinds: list[str]) -> list[str]:
    """Give stray faces of a special kind, and base faces enclosed by one, to what surrounds them."""
    neighbours = shared_borders(faces)
    for kind in ("forest", "harbour", "industrial", "base"):
        parts = components([i for i, k in enumerate(kinds) if k == kind], neighbours)
        for part in sorted(parts, key=len)[:-1]:
            for index in part:
                around = {kinds[n]: m for n, m in neighbours[index].items() if kinds[n] != kind}
                kinds[index] = max(sorted(around), key=lambda k: around[k]) if around else kind
    return kinds


def components(members: Iterable[int], neighbours: Sequence[dict[int, float]]) -> list[list[int]]:
    """The connected parts of a set of shapes."""
    left = set(members)
    parts = []
    while left:
        part, edge = [], [min(left)]
        left.discard(edge[0])
        while edge:
            index = edge.pop()
            part.append(index)
            for other in sorted(neighbours[index]):
                if other in left:
                    left.discard(other)
                    edge.append(other)
        parts.append(sorted(part))
    return parts


def _turn_of(face: Polygon) -> float:
    """The direction of its long side, folded into ±45 degrees: houses here face south."""
    ring = list(face.minimum_rotated_rectangle.exterior.coords)  # type: ignore[attr-defined]
    turn = math.degrees(math.atan2(ring[1][1] - ring[0][1], ring[1][0] - ring[0][0]))
    return (turn + 45) % 90 - 45


def _streets(
    lattice: _Lattice, coast_road: LineString, blocks: list[Block], mainland: BaseGeometry
) -> list[Street]:
    """The roads as drawn: not across the hill or the quay, and not beyond the coast road."""
    hidden = [block.shape for block in blocks if block.kind in ("forest", "harbour")]
    off_limits = shapely.union_all(hidden, grid_size=SNAP_M).buffer(-8, quad_segs=1)
    edges = shapely.union_all([block.shape.boundary for block in blocks]).buffer(0.5, quad_segs=1)
    seaward = mainland.boundary.buffer(105, quad_segs=2)
    streets = [Street(names.COAST_ROAD, "coast", _parts(coast_road.difference(off_limits)))]
    for way, words in (("ns", names.NORTH_SOUTH_ROADS), ("ew", names.EAST_WEST_ROADS)):
        wide, narrow = list(words[:4]), list(words[4:])
        for along, pieces in enumerate(lattice.lines(way)):
            grade = "wide" if along % WIDE_EVERY == 0 else "street"
            drawn = shapely.union_all(pieces).intersection(edges).difference(off_limits)
            if grade == "street":
                drawn = drawn.difference(seaward)
            lines = [line for line in _parts(drawn) if line.length > 60]
            if lines:
                pool = (wide or narrow) if grade == "wide" else (narrow or wide)
                streets.append(Street(pool.pop(0), grade, lines))
    return streets


def _parts(geometry: BaseGeometry) -> list[LineString]:
    merged = linemerge(geometry) if isinstance(geometry, MultiLineString) else geometry
    return [part for part in shapely.get_parts(merged) if isinstance(part, LineString) and not part.is_empty]


def turned(shapes: Sequence[BaseGeometry], degrees: float) -> list[BaseGeometry]:
    """Many shapes turned about the centre of the town."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix = np.array([[cos, sin], [-sin, cos]])
    return list(shapely.transform(np.array(shapes, dtype=object), lambda c: c @ matrix))


def polygons_of(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons of a polygon, multipolygon or collection."""
    if isinstance(geometry, Polygon):
        return [] if geometry.is_empty else [geometry]
    return [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon) and not part.is_empty]
