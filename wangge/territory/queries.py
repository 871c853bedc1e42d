"""Reading territory: the tree today and as it was, who works where, which unit is nearest, what is vacant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from wangge.kit.clock import REAL_CLOCK, SHANGHAI
from wangge.kit.errors import NotFound
from wangge.territory.locator import in_force
from wangge.territory.models import Area, AreaForm, AreaLevel, Building, Post, Unit
from wangge.territory.roles import Role
from wangge.territory.scope import posts_in_force
from wangge.territory.staff import all_units


@dataclass(frozen=True)
class TreeRow:
    """An area in the tree of a day; ``depth`` 0 is a root, ``path`` the chain of ids on that day."""

    area_id: int
    code: str
    level: str
    kind: str
    name_zh: str
    name_en: str
    parent_id: int | None
    path: str
    depth: int
    supervising_unit_id: int | None


@dataclass(frozen=True)
class Vacancy:
    """A grid that has nobody in a role."""

    area_id: int
    code: str
    name_zh: str
    name_en: str
    role: Role


@dataclass(frozen=True)
class GridCard:
    """All about one grid on one page: what it is, who works there, whom to call."""

    area: Area
    chain: list[Area]  # from the root down to the grid itself
    staff: list[Post]
    micro_grids: list[Area]
    supervising_unit: Unit | None
    n_buildings: int
    n_households: int
    n_people: int
    vacant: list[Role]


def today() -> date:
    """The day in Shanghai."""
    return REAL_CLOCK.now().astimezone(SHANGHAI).date()


def areas_on(on: date | None = None) -> QuerySet[Area]:
    """Areas in force on a day (today when left out), in their present form, without boundaries."""
    return Area.objects.filter(in_force(on or today())).defer("boundary")


def tree(on: date | None = None) -> list[TreeRow]:
    """The tree as it was on a day (today when left out), parents before their children, by code.

    Names, kinds, parents and supervising departments are those of that day; areas that began later or had ended
    are not there. An area whose parent is not in force on that day stands as a root.
    """
    day = on or today()
    rows = {area.pk: _row_of(area) for area in areas_on(day)}
    earlier = AreaForm.objects.filter(until_on__gt=day, from_on__lte=day, area_id__in=rows).defer("boundary")
    for form in earlier.order_by("-until_on"):
        rows[form.area_id] = _row_of(form)
    below: dict[int | None, list[TreeRow]] = defaultdict(list)
    for row in sorted(rows.values(), key=lambda row: row.code):
        below[row.parent_id if row.parent_id in rows else None].append(row)
    listed: list[TreeRow] = []
    _descend(below, None, "/", 0, listed)
    return listed


def boundary_on(area_id: int, on: date) -> bytes | None:
    """The boundary (WKB) that an area had on a day; None when it had none or did not exist."""
    form = (
        AreaForm.objects.filter(area_id=area_id, from_on__lte=on, until_on__gt=on)
        .order_by("until_on")
        .first()
    )
    if form is not None:
        return bytes(form.boundary) if form.boundary is not None else None
    area = Area.objects.filter(in_force(on), pk=area_id).first()
    return bytes(area.boundary) if area is not None and area.boundary is not None else None


def staff_of(
    area: Area, roles: Collection[Role] = (), at: datetime | None = None, *, upward: bool = False
) -> list[Post]:
    """Posts in force over an area (with ``upward`` also over the areas above it, the nearest first).

    ``roles``: only these (all when empty). Stand-ins are among them with ``stands_in_for`` set. One query.
    """
    ids = area.ancestor_ids() if upward else [area.pk]
    posts = Post.objects.filter(posts_in_force(at or REAL_CLOCK.now()), area_id__in=ids, user__is_active=True)
    if roles:
        posts = posts.filter(role__in=list(roles))
    depth = {area_id: index for index, area_id in enumerate(ids)}
    found = posts.select_related("user", "area", "unit", "stands_in_for__user").defer("area__boundary")
    return sorted(found, key=lambda post: (-depth[post.area_id or 0], post.pk))


def staff_in(unit: Unit, roles: Collection[Role] = (), at: datetime | None = None) -> list[Post]:
    """Posts in force in a unit."""
    posts = Post.objects.filter(posts_in_force(at or REAL_CLOCK.now()), unit=unit, user__is_active=True)
    if roles:
        posts = posts.filter(role__in=list(roles))
    return list(posts.select_related("user", "unit", "stands_in_for__user").order_by("pk"))


def units_of_kind_near(kind: str, area: Area) -> list[Unit]:
    """Units in use of a kind that serve an area: the nearest up the tree first, those without an area last.

    From memory; several at the same level come by code.
    """
    depth = {area_id: index for index, area_id in enumerate(area.ancestor_ids())}
    units = [
        unit
        for unit in all_units()
        if unit.kind == kind and unit.is_active and (unit.area_id is None or unit.area_id in depth)
    ]
    return sorted(units, key=lambda unit: (-depth.get(unit.area_id or 0, -1), unit.code))


def vacancies(
    within: Area | None = None,
    at: datetime | None = None,
    roles: Iterable[Role] = (Role.GRID_HEAD, Role.GRID_WORKER),
) -> list[Vacancy]:
    """Grids in force without anybody in a role (a stand-in fills it), by code."""
    now = at or REAL_CLOCK.now()
    grids = areas_on(now.astimezone(SHANGHAI).date()).filter(level=AreaLevel.GRID)
    if within is not None:
        grids = grids.filter(path__startswith=within.path)
    found: list[Vacancy] = []
    for role in roles:
        held = Post.objects.filter(posts_in_force(now), area=OuterRef("pk"), role=role, user__is_active=True)
        for grid in grids.exclude(Exists(held)).order_by("code"):
            found.append(Vacancy(grid.pk, grid.code, grid.name_zh, grid.name_en, role))
    return sorted(found, key=lambda vacancy: (vacancy.code, vacancy.role))


def grid_card(area_id: int, at: datetime | None = None) -> GridCard:
    """The card of a grid (or of any other area): chain, staff, micro-grids, counts, vacant roles."""
    now = at or REAL_CLOCK.now()
    area = Area.objects.select_related("supervising_unit").defer("boundary").filter(pk=area_id).first()
    if area is None:
        raise NotFound()
    inside = areas_on(now.astimezone(SHANGHAI).date()).filter(path__startswith=area.path)
    chain = {found.pk: found for found in Area.objects.defer("boundary").filter(pk__in=area.ancestor_ids())}
    staff = staff_of(area, at=now)
    counts = Building.objects.filter(area__path__startswith=area.path).aggregate(
        n=Count("pk"), n_households=Sum("n_households"), n_people=Sum("n_people")
    )
    held = {Role(post.role) for post in staff}
    needed = (Role.GRID_HEAD, Role.GRID_WORKER) if area.level == AreaLevel.GRID else ()
    return GridCard(
        area=area,
        chain=[chain[pk] for pk in area.ancestor_ids() if pk in chain],
        staff=staff,
        micro_grids=list(inside.filter(level=AreaLevel.MICRO_GRID).order_by("code")),
        supervising_unit=area.supervising_unit,
        n_buildings=counts["n"],
        n_households=counts["n_households"] or area.n_households or 0,
        n_people=counts["n_people"] or area.n_people or 0,
        vacant=[role for role in needed if role not in held],
    )


def _row_of(area: Area | AreaForm) -> TreeRow:
    area_id = area.area_id if isinstance(area, AreaForm) else area.pk
    return TreeRow(
        area_id, area.code, area.level, area.kind, area.name_zh, area.name_en, area.parent_id, "", 0,
        area.supervising_unit_id,
    )  # fmt: skip


def _descend(
    below: dict[int | None, list[TreeRow]],
    parent_id: int | None,
    path: str,
    depth: int,
    listed: list[TreeRow],
) -> None:
    for row in below.get(parent_id, []):
        own_path = f"{path}{row.area_id}/"
        listed.append(replace(row, parent_id=parent_id, path=own_path, depth=depth))
        _descend(below, row.area_id, own_path, depth + 1, listed)


def buildings_matching(words: str, paths: Iterable[str], n: int, *, code: str = "") -> list[Building]:
    """Up to ``n`` buildings below these area paths whose name or address holds the words (or the one of this code)."""
    below = Q(pk__in=[])
    for path in paths:
        below |= Q(area__path__startswith=path)
    rows = Building.objects.filter(below)
    if code:
        rows = rows.filter(code=code)
    if words:
        rows = rows.filter(Q(name_zh__icontains=words) | Q(address__icontains=words))
    return list(rows.defer("outline").order_by("address", "pk")[:n])
