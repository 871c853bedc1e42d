"""Who holds which post, for the questions that the loop asks; each is one query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from wangge.kit.errors import NotFound
from wangge.territory.changes import Kept
from wangge.territory.models import Area, Post, Unit
from wangge.territory.roles import UNIT_ROLES, Role
from wangge.territory.scope import posts_in_force

MOST = 500


def _read_units() -> dict[int, Unit]:
    return {unit.pk: unit for unit in Unit.objects.select_related("area")}


_units = Kept("units", read=_read_units)


def all_units() -> list[Unit]:
    """Every unit, active or not, from memory; shared between threads, so never change them."""
    return list(_units.get().values())


def unit_by_id(unit_id: int) -> Unit:
    """The unit, active or not, from memory; shared between threads, so never change it. NotFound (404)."""
    found = _units.get().get(unit_id)
    if found is None:
        raise NotFound()
    return found


def members_of_unit(unit_id: int, at: datetime) -> set[int]:
    """Ids of the users who hold a post in the unit at that moment."""
    posts = Post.objects.filter(posts_in_force(at), unit_id=unit_id, role__in=UNIT_ROLES)
    return set(posts.values_list("user_id", flat=True)[:MOST])


def heads_of_unit(unit_id: int, at: datetime) -> set[int]:
    """Ids of the users who head the unit at that moment."""
    posts = Post.objects.filter(posts_in_force(at), unit_id=unit_id, role=Role.HEAD_OF_UNIT)
    return set(posts.values_list("user_id", flat=True)[:MOST])


def users_over(path: str, roles: Iterable[Role], at: datetime) -> set[int]:
    """Ids of the users whose post of one of the roles covers this area path: held over it or over an area above."""
    ids = [int(part) for part in path.split("/") if part]
    posts = Post.objects.filter(posts_in_force(at), area_id__in=ids, role__in=list(roles))
    return set(posts.values_list("user_id", flat=True)[:MOST])


def professionals_of(area: Area, category_code: str, at: datetime) -> list[Post]:
    """Named professionals of the grid (or an area above) for this category, those of the smallest area first."""
    ids = area.ancestor_ids()
    posts = (
        Post.objects.filter(
            posts_in_force(at), area_id__in=ids, role=Role.NAMED_PROFESSIONAL, unit__isnull=False
        )
        .filter(
            Q(specialty="") | Q(specialty__in=[category_code[:n] for n in range(1, len(category_code) + 1)])
        )
        .select_related("unit", "user", "area")
    )
    return sorted(posts[:MOST], key=lambda post: -len(post.area.path if post.area else ""))


def ancestors_of(area: Area) -> list[Area]:
    """The areas from the root down to this one, with their supervising departments."""
    found = Area.objects.filter(pk__in=area.ancestor_ids()).select_related("supervising_unit")
    return sorted(found, key=lambda one: len(one.path))
