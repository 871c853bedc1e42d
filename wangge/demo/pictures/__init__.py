"""Drawn pictures for the demo: before and after, clearly marked as drawings."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Literal

from wangge.demo.pictures import indoors, outdoors, roads
from wangge.demo.pictures.canvas import Canvas
from wangge.demo.pictures.themes import theme_of

__all__ = ["SCENES", "VARIANTS", "draw", "theme_of"]

Scene = Callable[[Canvas, Random, bool], None]
Phase = Literal["before", "after"]
VARIANTS = 3  # different pictures of one theme; what is drawn once is kept

SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        outdoors.street_lamp, outdoors.rubbish, outdoors.bins, roads.spoil, roads.manhole, roads.pothole,
        roads.parking, roads.bicycles, outdoors.fly_posters, roads.water_leak, roads.flooding,
        outdoors.fallen_tree, outdoors.dirty_water, outdoors.cables, outdoors.fire_passage, outdoors.stalls,
        outdoors.smoke, roads.site, roads.traffic_sign, outdoors.facility, outdoors.illegal_building,
        outdoors.place, indoors.ebike_stairwell, indoors.stairwell_clutter, indoors.fire_equipment,
        indoors.roof_leak, indoors.facade, indoors.meeting,
    )
}  # fmt: skip


def draw(category: str, phase: Phase, seed: int) -> bytes:
    """A JPEG of 1024 × 768, at most 60 kB, for a theme word or a category code.

    The same seed gives the same place before and after. Unknown categories give a marked place.
    """
    return _drawn(theme_of(category), phase == "after", seed % VARIANTS)


@lru_cache(maxsize=512)
def _drawn(theme: str, is_after: bool, variant: int) -> bytes:
    rng = Random(f"{theme}-{variant}")  # noqa: S311  a picture, not a secret
    canvas = Canvas()
    SCENES[theme](canvas, rng, is_after)
    canvas.mark_as_drawing()
    return canvas.jpeg()
