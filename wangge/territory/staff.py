"""Who holds which post, for the questions that the loop asks; each is one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import NotFound
from wangge.territory.changes import Kept
from wangge.territory.locator import area_by_id
from wangge.territory.models import Area, Post, Unit
from wangge.territory.roles import UNIT_ROLES, Role
from wangge.territory.scope import posts_in_force

MOST = 500


def _read_units() -> dict[int, Unit]:
    return {unit.pk: unit for unit in Unit.objects.select_related("area")}


_units = Kept("units", read=_read_units)


def _read_codes() -> dict[str, Unit]:
    return {unit.code: unit for unit in all_units() if unit.is_active}


_units_by_code = Kept("units", read=_read_codes)


def all_units() -> list[Unit]:
    """Every unit, active or not, from memory; shared between threads, so never change them."""
    return list(_units.get().values())


def unit_by_id(unit_id: int) -> Unit:
    """The unit, active or not, from memory; shared between threads, so never change it. NotFound (404)."""
    found = _units.get().get(unit_id)
    if found is None:
        raise NotFound()
    return found


def unit_by_code(code: str) -> Unit | None:
    """The active unit of this code, from memory; shared between threads, so never change it."""
    return _units_by_code.get().get(code)


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


def _read_professionals() -> dict[int, list[Post]]:
    found: dict[int, list[Post]] = defaultdict(list)
    posts = Post.objects.filter(role=Role.NAMED_PROFESSIONAL, unit__isnull=False, area__isnull=False)
    for post in posts.select_related("unit", "user").order_by("id"):
        found[post.area_id or 0].append(post)
    return dict(found)


_professionals = Kept("posts", "units", read=_read_professionals)


def professionals_of(area: Area, category_code: str, at: datetime) -> list[Post]:
    """Named professionals of the grid (or an area above) for this category, those of the smallest area first.

    From memory; shared between threads, so never change them.
    """
    held, day = _professionals.get(), at.astimezone(SHANGHAI).date()
    return [
        post
        for area_id in reversed(area.ancestor_ids())
        for post in held.get(area_id, ())
        if post.starts_on <= day and (post.ends_on is None or day <= post.ends_on)
        and category_code.startswith(post.specialty)
    ]  # fmt: skip


def ancestors_of(area: Area) -> list[Area]:
    """The areas from the root down to this one, with their supervising departments, from memory."""
    return [area_by_id(area_id) for area_id in area.ancestor_ids()]
