"""Who stands above whom: for recusal (回避), which reaches the subordinates of whoever is complained of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from wangge.kit.clock import SHANGHAI
from wangge.territory.changes import Kept
from wangge.territory.models import AreaLevel, Post, Unit
from wangge.territory.roles import Role
from wangge.territory.scope import Actor
from wangge.territory.staff import all_units

GRID_PEOPLE = (
    Role.GRID_WORKER, Role.PART_TIME_WORKER, Role.GRID_ADVISER, Role.INFORMATION_OFFICER, Role.ASSISTANT,
    Role.SECURITY_HOUSEHOLDER, Role.BUILDING_HEAD,
)  # fmt: skip
COMMUNITY_PEOPLE = (Role.COMMUNITY_MANAGER, Role.GRID_HEAD, *GRID_PEOPLE)
DESK_PEOPLE = (Role.INTAKE_CLERK, Role.DISPATCHER, Role.CHECKER)
# superior → whose posts inside the superior's area are below it; a head of unit has the unit and those under it
BELOW: dict[Role, tuple[Role, ...]] = {
    Role.GRID_HEAD: GRID_PEOPLE,
    Role.COMMUNITY_MANAGER: (Role.GRID_HEAD, *GRID_PEOPLE),
    Role.ZONE_MANAGER: COMMUNITY_PEOPLE,
    Role.SHIFT_LEADER: DESK_PEOPLE,
    Role.STREET_LEADER: (
        Role.SHIFT_LEADER, *DESK_PEOPLE, Role.ZONE_MANAGER, *COMMUNITY_PEOPLE, Role.INSPECTOR, Role.SUPERVISION_OFFICER,
        Role.DUTY_OFFICER,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Held:
    """One superior's post."""

    role: Role
    user_id: int
    starts_on: date
    ends_on: date | None

    def counts(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass
class Superiors:
    """Superiors' posts by area and by unit, also those that have ended or not begun."""

    of_area: dict[int, list[Held]] = field(default_factory=lambda: defaultdict(list))
    of_unit: dict[int, list[Held]] = field(default_factory=lambda: defaultdict(list))


def _read() -> Superiors:
    found = Superiors()
    for post in Post.objects.filter(role__in=[*BELOW, Role.HEAD_OF_UNIT]).order_by("id"):
        held = Held(Role(post.role), post.user_id, post.starts_on, post.ends_on)
        if held.role is Role.HEAD_OF_UNIT:
            found.of_unit[post.unit_id or 0].append(held)
        else:
            found.of_area[post.area_id or 0].append(held)
    return found


_superiors = Kept("posts", read=_read)


def superiors_of(actor: Actor) -> set[int]:
    """Ids of the users under whom this actor works now; from memory."""
    day = actor.now().astimezone(SHANGHAI).date()
    found = heads_over(actor.unit_ids(), day)
    for grant in actor.grants:
        found |= {held.user_id for held in over_area(grant.area_path, day) if grant.role in BELOW[held.role]}
    return found


def heads_over(unit_ids: Iterable[int], day: date) -> set[int]:
    """Heads of the units and of those above them; and the leaders of the street that the units belong to."""
    found = set()
    for unit in with_units_above(unit_ids):
        held = [one for one in _superiors.get().of_unit.get(unit.pk, ()) if one.counts(day)]
        held += [
            one
            for one in over_area(unit.area.path if unit.area else "", day)
            if one.role is Role.STREET_LEADER
        ]
        found |= {one.user_id for one in held}
    return found


def over_area(path: str, day: date) -> Iterator[Held]:
    """Superiors' posts in force over the area at the end of this path, or over one above it."""
    held = _superiors.get().of_area
    for part in path.split("/"):
        if part:
            yield from (one for one in held.get(int(part), ()) if one.counts(day))


def with_units_above(unit_ids: Iterable[int]) -> list[Unit]:
    """The units and those under which they stand; from memory."""
    by_id = {unit.pk: unit for unit in all_units()}
    found: dict[int, Unit] = {}
    for unit_id in unit_ids:
        unit = by_id.get(unit_id)
        while unit is not None and unit.pk not in found:
            found[unit.pk] = unit
            unit = by_id.get(unit.parent_id or 0)
    return list(found.values())


def units_of(actor: Actor) -> set[int]:
    """Units to which this actor belongs: by posts in them or under them, and as the people of a residents' committee."""
    found = {unit.pk for unit in with_units_above(actor.unit_ids())}
    paths = [grant.area_path for grant in actor.grants if grant.role in COMMUNITY_PEOPLE and grant.area_path]
    if paths:
        found |= {
            unit.pk for unit in all_units() if unit.level == AreaLevel.COMMUNITY and not unit.is_partner
            and unit.area is not None and any(path.startswith(unit.area.path) for path in paths)
        }  # fmt: skip
    return found
