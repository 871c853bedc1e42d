"""Division: blocks into a given number of contiguous areas, and areas into strips between houses."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from wangge.demo.town.land import components, polygons_of, shared_borders, turned


@dataclass
class Piece:
    """A part of an area with the numbers of the houses that stand on it."""

    shape: BaseGeometry
    houses: list[int]
    turn_deg: float


def partition(shapes: Sequence[BaseGeometry], weights: Sequence[float], k: int, rng: Random) -> list[int]:
    """A label 0…k-1 for each shape, so that each label is contiguous and the weights are nearly even."""
    neighbours = shared_borders(shapes)
    centres = [(float(s.centroid.x), float(s.centroid.y)) for s in shapes]
    labels = _nearest_centres(centres, weights, k, rng)
    for _ in range(3):
        _mend(labels, neighbours, weights, k)
        _even_out(labels, neighbours, weights, centres, k)
    return labels


def _nearest_centres(
    centres: Sequence[tuple[float, float]], weights: Sequence[float], k: int, rng: Random
) -> list[int]:
    """Weighted k-means with seeds spread far from one another."""
    points = np.array(centres)
    seeds = [points[rng.randrange(len(points))]]
    nearest = np.hypot(*(points - seeds[0]).T)
    while len(seeds) < k:
        seeds.append(points[int(np.argmax(nearest))])
        nearest = np.minimum(nearest, np.hypot(*(points - seeds[-1]).T))
    middles, mass = np.array(seeds), np.asarray(weights, dtype=float)
    labels = np.zeros(len(points), dtype=int)
    for _ in range(25):
        labels = np.argmin(np.hypot(*(points[:, None] - middles[None]).transpose(2, 0, 1)), axis=1)
        for label in range(k):
            own = labels == label
            if mass[own].sum() > 0:
                middles[label] = (points[own] * mass[own, None]).sum(axis=0) / mass[own].sum()
    return [int(label) for label in labels]


def _mend(
    labels: list[int], neighbours: Sequence[dict[int, float]], weights: Sequence[float], k: int
) -> None:
    """Keep each label's heaviest part; give the others to the neighbour they share most border with."""
    for label in range(k):
        parts = components([i for i, other in enumerate(labels) if other == label], neighbours)
        parts.sort(key=lambda part: sum(weights[i] for i in part))
        for part in parts[:-1]:
            around: dict[int, float] = {}
            for index in part:
                for other, metres in neighbours[index].items():
                    if labels[other] != label:
                        around[labels[other]] = around.get(labels[other], 0) + metres
            if around:
                target = max(sorted(around), key=lambda name: around[name])
                for index in part:
                    labels[index] = target


def _even_out(
    labels: list[int],
    neighbours: Sequence[dict[int, float]],
    weights: Sequence[float],
    centres: Sequence[tuple[float, float]],
    k: int,
) -> None:
    """Move border shapes from heavy to light areas while both stay contiguous."""
    totals = [0.0] * k
    for index, label in enumerate(labels):
        totals[label] += weights[index]
    for _ in range(len(labels) * 2):
        best: tuple[float, int, int] | None = None
        for index, label in enumerate(labels):
            for other in sorted({labels[n] for n in neighbours[index]} - {label}):
                gain = totals[label] - totals[other] - weights[index]
                if gain > 0.12 * weights[index] and (best is None or gain * weights[index] > best[0]):
                    rest = [i for i, name in enumerate(labels) if name == label and i != index]
                    if rest and len(components(rest, neighbours)) == 1:
                        best = (gain * weights[index], index, other)
        if best is None:
            return
        _, index, other = best
        totals[labels[index]] -= weights[index]
        totals[other] += weights[index]
        labels[index] = other


def cut_between_houses(
    pieces: Sequence[Piece], houses: Sequence[Polygon], loads: Sequence[float], wanted: int
) -> list[Piece]:
    """Split the heaviest piece again and again by straight lines between houses until ``wanted`` are there.

    Gives fewer when no line is left that keeps every house whole and each side with one.
    """
    queue: list[tuple[float, int, Piece]] = []
    done: list[Piece] = []
    number = 0
    for piece in pieces:
        heapq.heappush(queue, (-_load(piece, loads), number, piece))
        number += 1
    while queue and len(queue) + len(done) < wanted:
        _, _, piece = heapq.heappop(queue)
        halves = _halve(piece, houses, loads)
        if halves is None:
            done.append(piece)
            continue
        for half in halves:
            heapq.heappush(queue, (-_load(half, loads), number, half))
            number += 1
    return done + [piece for _, _, piece in sorted(queue, key=lambda entry: entry[1])]


def _load(piece: Piece, loads: Sequence[float]) -> float:
    return sum(loads[i] for i in piece.houses) + piece.shape.area / 2000


def _halve(piece: Piece, houses: Sequence[Polygon], loads: Sequence[float]) -> tuple[Piece, Piece] | None:
    """The best straight cut of a piece along or across its rows of houses."""
    upright, *homes = turned([piece.shape, *(houses[i] for i in piece.houses)], -piece.turn_deg)
    boxes = {i: home.bounds for i, home in zip(piece.houses, homes, strict=True)}
    west, south, east, north = upright.bounds
    longest = max(east - west, north - south)
    best: tuple[float, int, float] | None = None
    for axis, (low, high) in enumerate(((west, east), (south, north))):
        for at in _gaps([(b[axis], b[axis + 2]) for b in boxes.values()], low, high):
            left = sum(loads[i] for i, b in boxes.items() if b[axis + 2] <= at)
            total = sum(loads[i] for i in boxes) or 1.0
            share = left / total if boxes else (at - low) / (high - low)
            badness = abs(share - 0.5) + 0.35 * (1 - (high - low) / longest)
            if best is None or badness < best[0] - 1e-9:
                best = (badness, axis, at)
    if best is None:
        return None
    return _cut(piece, boxes, upright, best[1], best[2])


def _gaps(spans: list[tuple[float, float]], low: float, high: float) -> list[float]:
    """Where a line can pass between houses; in the middle when there are none."""
    if not spans:
        return [(low + high) / 2] if high - low > 60 else []
    spans = sorted(spans)
    reach, gaps = spans[0][1], []
    for start, end in spans[1:]:
        if start - reach > 2.0:
            gaps.append((start + reach) / 2)
        reach = max(reach, end)
    return gaps


def _cut(
    piece: Piece, boxes: Mapping[int, tuple[float, ...]], upright: BaseGeometry, axis: int, at: float
) -> tuple[Piece, Piece] | None:
    far = 1e5
    knife = LineString([(at, -far), (at, far)] if axis == 0 else [(-far, at), (far, at)])
    parts = polygons_of(split(upright, knife))
    sides: list[list[Polygon]] = [[], []]
    for part in parts:
        middle = part.representative_point()
        sides[int((middle.x if axis == 0 else middle.y) > at)].append(part)
    if not sides[0] or not sides[1]:
        return None
    keep = [_main_part(side) for side in sides]
    # What a cut leaves hanging on one side touches the other side, and goes there.
    for number in (0, 1):
        strays = [part for part in sides[number] if part is not keep[number]]
        for part in strays:
            sides[number].remove(part)
            sides[1 - number].append(part)
    shapes = [shapely.union_all(side) for side in sides]
    homes: list[list[int]] = [[], []]
    for index, b in boxes.items():
        middle = shapely.Point((b[0] + b[2]) / 2, (b[1] + b[3]) / 2)
        homes[0 if shapes[0].distance(middle) <= shapes[1].distance(middle) else 1].append(index)
    if boxes and not (homes[0] and homes[1]):
        return None
    back = turned(shapes, piece.turn_deg)
    if any(len(polygons_of(shape)) != 1 for shape in back):
        return None
    return tuple(Piece(s, h, piece.turn_deg) for s, h in zip(back, homes, strict=True))  # type: ignore[return-value]


def _main_part(parts: list[Polygon]) -> Polygon:
    return max(parts, key=lambda part: float(part.area))
