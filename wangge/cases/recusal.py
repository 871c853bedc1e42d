"""回避: who is complained of, and their subordinates, neither see nor handle the case. Source: workflow.md, Must."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wangge.cases.models import Case
from wangge.catalog.models import Sensitivity
from wangge.kit.errors import Conflict
from wangge.territory.models import AreaLevel, Post, Unit
from wangge.territory.roles import Role
from wangge.territory.scope import posts_in_force
from wangge.territory.staff import all_units

SENSITIVITY_ORDER = (Sensitivity.ORDINARY, Sensitivity.INTERNAL, Sensitivity.RESTRICTED)
GRID_PEOPLE = (
    Role.GRID_WORKER, Role.PART_TIME_WORKER, Role.GRID_ADVISER, Role.INFORMATION_OFFICER, Role.ASSISTANT,
    Role.SECURITY_HOUSEHOLDER, Role.BUILDING_HEAD,
)  # fmt: skip
DESK_PEOPLE = (Role.INTAKE_CLERK, Role.DISPATCHER, Role.CHECKER)
# superior → whose posts inside the superior's area are below it; a head of unit has the unit and those under it
BELOW: dict[Role, tuple[Role, ...]] = {
    Role.GRID_HEAD: GRID_PEOPLE,
    Role.COMMUNITY_MANAGER: (Role.GRID_HEAD, *GRID_PEOPLE),
    Role.ZONE_MANAGER: (Role.COMMUNITY_MANAGER, Role.GRID_HEAD, *GRID_PEOPLE),
    Role.SHIFT_LEADER: DESK_PEOPLE,
    Role.STREET_LEADER: (
        Role.SHIFT_LEADER, *DESK_PEOPLE, Role.ZONE_MANAGER, Role.COMMUNITY_MANAGER, Role.GRID_HEAD, *GRID_PEOPLE,
        Role.INSPECTOR, Role.SUPERVISION_OFFICER, Role.DUTY_OFFICER,
    ),
}  # fmt: skip


def recuse(case: Case, *, users: Iterable[int] = (), units: Iterable[int] = (), at: datetime) -> None:
    """Write into the case (unsaved) who must neither see nor handle it: these people and units with all below them.

    A residents' committee stands for its community manager. Of a county leader only the person is recused: such a
    complaint belongs to a legal channel outside (``transfer_out``).
    """
    unit_ids = with_units_below({*case.recused_unit_ids, *units})
    people = {*case.recused_user_ids, *users} | managers_of(unit_ids, at)
    for post in Post.objects.filter(posts_in_force(at), user_id__in=people).select_related("area"):
        if post.role == Role.HEAD_OF_UNIT and post.unit_id is not None:
            unit_ids |= with_units_below({post.unit_id})
        below = BELOW.get(Role(post.role))
        if below and post.area is not None:
            held = Post.objects.filter(
                posts_in_force(at), role__in=below, area__path__startswith=post.area.path
            )
            people |= set(held.values_list("user_id", flat=True))
        if post.role == Role.STREET_LEADER and post.area is not None:
            unit_ids |= with_units_below(
                {unit.pk for unit in all_units() if is_of_street(unit, post.area.path)}
            )
    case.recused_user_ids, case.recused_unit_ids = sorted(people), sorted(unit_ids)


def with_units_below(unit_ids: set[int]) -> set[int]:
    """The units and all that stand under them."""
    found = set(unit_ids)
    while more := {unit.pk for unit in all_units() if unit.parent_id in found} - found:
        found |= more
    return found


def managers_of(unit_ids: set[int], at: datetime) -> set[int]:
    """The community managers of the residents' committees among these units."""
    areas = [
        unit.area_id for unit in all_units() if unit.pk in unit_ids and unit.level == AreaLevel.COMMUNITY
        and unit.area_id is not None and not unit.is_partner
    ]  # fmt: skip
    if not areas:
        return set()
    held = Post.objects.filter(posts_in_force(at), role=Role.COMMUNITY_MANAGER, area_id__in=areas)
    return set(held.values_list("user_id", flat=True))


def is_of_street(unit: Unit, path: str) -> bool:
    """Whether the unit belongs to the street (or lies below it)."""
    return unit.area is not None and unit.area.path.startswith(path)


def take_on(case: Case, other: Case) -> bool:
    """The case becomes at least as protected as ``other``, with which it shares its matter; whether that changed it.

    Parts, followers and merged cases would otherwise tell what the first one hides.
    """
    before = (
        case.sensitivity,
        list(case.named_user_ids),
        list(case.recused_user_ids),
        list(case.recused_unit_ids),
    )
    if SENSITIVITY_ORDER.index(other.sensitivity) > SENSITIVITY_ORDER.index(case.sensitivity):
        case.sensitivity = other.sensitivity
    case.named_user_ids = sorted({*case.named_user_ids, *other.named_user_ids})
    case.recused_user_ids = sorted({*case.recused_user_ids, *other.recused_user_ids})
    case.recused_unit_ids = sorted({*case.recused_unit_ids, *other.recused_unit_ids})
    return before != (case.sensitivity, case.named_user_ids, case.recused_user_ids, case.recused_unit_ids)


def refuse_recused(case: Case, *units: Unit) -> None:
    """The unit complained of neither leads nor assists in the complaint."""
    if any(unit.pk in case.recused_unit_ids for unit in units):
        raise Conflict(
            "recused", "被反映的单位须回避,请改派。", "The unit complained of is recused; choose another."
        )


def refuse_recused_person(case: Case, user_id: int) -> None:
    """Who is complained of does not handle the complaint."""
    units = set(Post.objects.filter(user_id=user_id, unit__isnull=False).values_list("unit_id", flat=True))
    if user_id in case.recused_user_ids or units & set(case.recused_unit_ids):
        raise Conflict(
            "recused",
            "被反映的人员须回避,请另选他人。",
            "The person complained of is recused; choose another.",
        )
