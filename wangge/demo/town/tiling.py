"""One exact tiling: every area is put together from the same faces, so borders never gap or overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

import shapely
from shapely import STRtree
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from wangge.demo.town.divide import Piece, cut_between_houses, partition
from wangge.demo.town.houses import House
from wangge.demo.town.land import SNAP_M, Ground, shared_borders

N_BASE_GRIDS = 42
N_MICRO_GRIDS = 433
N_POLICE_GRIDS = 24
SPECIAL_MICRO_GRIDS = {"harbour": 5, "industrial": 6, "forest": 3, "sea": 4}
# People per ground differ: grids are smaller where the town is dense.
DENSE_WITHIN_M = 1800.0


class Faces:
    """The smallest pieces of the town: cut by every border of micro-grids and of blocks at once."""

    def __init__(self, micro_shapes: Sequence[BaseGeometry], block_shapes: Sequence[BaseGeometry]) -> None:
        lines = [shape.boundary for shape in (*micro_shapes, *block_shapes)]
        network = shapely.union_all(lines, grid_size=SNAP_M)
        faces = [face for face in shapely.get_parts(shapely.polygonize([network])) if face.area > 0]
        points = [face.representative_point() for face in faces]
        micro, block = _owners(points, micro_shapes), _owners(points, block_shapes)
        kept = [i for i in range(len(faces)) if micro[i] is not None]
        self.shapes = [faces[i] for i in kept]
        self.micro = [int(micro[i] or 0) for i in kept]
        self.block = [block[i] for i in kept]

    def joined(self, kept: Iterable[bool]) -> BaseGeometry:
        """The union of the faces that are kept."""
        own = [shape for shape, is_kept in zip(self.shapes, kept, strict=True) if is_kept]
        return _clean(shapely.union_all(own, grid_size=SNAP_M))


def _owners(points: Sequence[BaseGeometry], shapes: Sequence[BaseGeometry]) -> list[int | None]:
    tree = STRtree(shapes)
    owners: list[int | None] = [None] * len(points)
    for point, shape in zip(*tree.query(points, predicate="intersects"), strict=True):
        if owners[point] is None:
            owners[point] = int(shape)
    return owners


def _clean(geometry: BaseGeometry) -> BaseGeometry:
    """Without pinholes that rounding may leave."""
    parts = []
    for part in shapely.get_parts(geometry):
        if isinstance(part, Polygon) and part.area > 1:
            holes = [hole for hole in part.interiors if Polygon(hole).area > 1]
            parts.append(Polygon(part.exterior, holes))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def base_grids(ground: Ground, rng: Random) -> list[list[int]]:
    """The blocks of each of the 42 base grids."""
    base = [i for i, block in enumerate(ground.blocks) if block.kind == "base"]
    shapes = [ground.blocks[i].shape for i in base]
    weights = []
    for shape in shapes:
        far = shape.centroid.distance(shapely.Point(100, 100)) / DENSE_WITHIN_M
        weights.append(shape.area * max(0.6, 1.5 - 0.5 * far))
    labels = partition(shapes, weights, N_BASE_GRIDS, rng)
    return [[base[i] for i, label in enumerate(labels) if label == grid] for grid in range(N_BASE_GRIDS)]


def police_grids(ground: Ground, rng: Random) -> list[int]:
    """For each block the number of its police grid: drawn on their own, so they cross the grids."""
    shapes = [block.shape for block in ground.blocks]
    share = {"base": 1.0, "forest": 0.25, "harbour": 1.2, "industrial": 0.8}
    weights = [block.shape.area * share[block.kind] for block in ground.blocks]
    return partition(shapes, weights, N_POLICE_GRIDS, rng)


def groups_of(shapes: Sequence[BaseGeometry], k: int, rng: Random) -> list[int]:
    """k contiguous groups with about the same number of shapes."""
    return partition(shapes, [1.0] * len(shapes), k, rng)


def neighbour_of(shape: BaseGeometry, others: Sequence[BaseGeometry]) -> int:
    """The number of the area that shares most border with the shape."""
    borders = shared_borders([shape, *others], least_m=0.5)[0]
    return max(sorted(borders), key=lambda number: borders[number]) - 1


def micro_grids(
    ground: Ground, grids: Sequence[tuple[str, list[int]]], houses: Sequence[House], rng: Random
) -> list[list[Piece]]:
    """The micro-grids of each grid; together exactly 433."""
    outlines = [house.shape for house in houses]
    loads = [1.0 + house.n_households for house in houses]
    special = sum(SPECIAL_MICRO_GRIDS.values())
    found: list[list[Piece]] = []
    for kind, blocks in grids:
        pieces = _first_pieces(ground, kind, blocks, houses, rng)
        wanted = SPECIAL_MICRO_GRIDS.get(kind) or (N_MICRO_GRIDS - special) // N_BASE_GRIDS
        found.append(cut_between_houses(pieces, outlines, loads, wanted))
    while (missing := N_MICRO_GRIDS - sum(map(len, found))) > 0:
        base = [number for number, (kind, _) in enumerate(grids) if kind == "base"]
        base.sort(key=lambda number: (len(found[number]), number))
        for number in base[:missing]:
            found[number] = cut_between_houses(found[number], outlines, loads, len(found[number]) + 1)
    return found


def _first_pieces(
    ground: Ground, kind: str, blocks: Sequence[int], houses: Sequence[House], rng: Random
) -> list[Piece]:
    """What is cut further: each block of a base grid, a few groups of blocks elsewhere."""
    if kind == "sea":
        return [Piece(ground.sea, [], 20.0)]
    here = set(blocks)
    homes = {b: [i for i, house in enumerate(houses) if house.block == b] for b in here}
    if kind == "base":
        return [Piece(ground.blocks[b].shape, homes[b], ground.blocks[b].turn_deg) for b in blocks]
    shapes = [ground.blocks[b].shape for b in blocks]
    labels = partition(shapes, [shape.area for shape in shapes], SPECIAL_MICRO_GRIDS[kind], rng)
    pieces = []
    for label in sorted(set(labels)):
        own = [b for b, name in zip(blocks, labels, strict=True) if name == label]
        shape = shapely.union_all([ground.blocks[b].shape for b in own], grid_size=SNAP_M)
        pieces.append(Piece(shape, [i for b in own for i in homes[b]], ground.blocks[own[0]].turn_deg))
    return pieces
