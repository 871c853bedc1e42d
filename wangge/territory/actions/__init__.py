"""Changing areas, units, posts and buildings: one function a verb, each writes who and when, nothing is deleted.

``put_…`` takes many rows at once (imports, the demo town): what is new is added, what differs is changed, the rest
is left alone; a handful of statements however many rows.
"""

from wangge.territory.actions.areas import close_area, create_area, put_areas, update_area
from wangge.territory.actions.buildings import put_buildings
from wangge.territory.actions.posts import end_post, give_post, prolong_post, put_posts, stand_in
from wangge.territory.actions.put import Put
from wangge.territory.actions.units import create_unit, put_units, update_unit

__all__ = [
    "Put",
    "close_area",
    "create_area",
    "create_unit",
    "end_post",
    "give_post",
    "prolong_post",
    "put_areas",
    "put_buildings",
    "put_posts",
    "put_units",
    "stand_in",
    "update_area",
    "update_unit",
]
