"""The drawn base map of the demo town: GeoJSON for the maps on screen, a sheet for maps drawn by the server."""

from __future__ import annotations

from typing import Any

from wangge.demo.town.model import Town
from wangge.kit.mapsheet import Border, MapSheet, Mark, svg_map

__all__ = ["NOTE", "Border", "MapSheet", "Mark", "base_map", "svg_map"]

NOTE = "演示底图,虚构城镇"


def base_map(town: Town) -> dict[str, Any]:
    """A GeoJSON FeatureCollection in WGS-84: sea, land, roads by class with names, buildings, woods, parks.

    Each feature has ``class`` (a word of the map styles) and ``name``; roads have ``grade``, buildings
    ``use`` and ``floors``. Features stand in drawing order.
    """
    features = [_feature(scene.geometry, scene.kind, scene.name) for scene in town.scenery]
    for road in town.roads:
        lines = {
            "type": "MultiLineString",
            "coordinates": [[list(point) for point in line] for line in road.lines],
        }
        features.append(_feature(lines, "road", road.name, grade=road.grade))
    for house in town.buildings:
        features.append(
            _feature(house.footprint, "building", house.name_zh, use=house.use, floors=house.floors)
        )
    return {"type": "FeatureCollection", "features": features}


def _feature(geometry: dict[str, Any], kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"class": kind, "name": name, **more}}
