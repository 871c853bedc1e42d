"""Lists of areas and units for doors that show them page by page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from wangge.kit.paging import page
from wangge.kit.words import Text
from wangge.territory.locator import Located, area_by_id
from wangge.territory.models import Area, Unit
from wangge.territory.queries import areas_on

BY_CODE = ("code", "id")


@dataclass(frozen=True)
class AreaRow:
    """An area in force."""

    code: str
    name: Text
    level: str
    kind: str
    parent: str | None
    supervising_unit: str | None
    n_households: int | None
    n_people: int | None


@dataclass(frozen=True)
class UnitRow:
    """A unit in use."""

    code: str
    name: Text
    kind: str
    level: str
    area: str | None
    parent: str | None
    phone: str
    is_partner: bool


@dataclass(frozen=True)
class AreaRows:
    items: list[AreaRow]
    next: str


@dataclass(frozen=True)
class UnitRows:
    items: list[UnitRow]
    next: str


@dataclass(frozen=True)
class Spot:
    """Where a point lies, each area with its code and names; ``distance_m`` over 0: outside every grid, the nearest."""

    grid: AreaRow | None
    micro_grid: AreaRow | None
    community: AreaRow | None
    street: AreaRow | None
    zone: AreaRow | None
    county: AreaRow | None
    police_grid: AreaRow | None
    lowest: AreaRow | None
    distance_m: float


def areas_listed(
    level: str = "", parent: str = "", q: str = "", after: str = "", size: int | None = None
) -> AreaRows:
    """Areas in force by code. ``parent``: the code of the area directly above; ``q``: part of a name or a code."""
    rows = areas_on().select_related("parent", "supervising_unit").defer("boundary", "parent__boundary")
    if level:
        rows = rows.filter(level=level)
    if parent:
        rows = rows.filter(parent__code=parent, parent__valid_to_on=None)
    if q:
        rows = rows.filter(Q(name_zh__icontains=q) | Q(name_en__icontains=q) | Q(code__startswith=q))
    found = page(rows, key=BY_CODE, after=after or None, size=size)
    return AreaRows([area_row(area) for area in found.items], found.next_cursor)


def area_row(area: Area) -> AreaRow:
    return AreaRow(
        area.code, Text(area.name_zh, area.name_en or area.name_zh), area.level, area.kind,
        area.parent.code if area.parent else None, area.supervising_unit.code if area.supervising_unit else None,
        area.n_households, area.n_people,
    )  # fmt: skip


def units_listed(
    kind: str = "", level: str = "", q: str = "", after: str = "", size: int | None = None
) -> UnitRows:
    """Units in use by code; ``q``: part of a name or a code."""
    rows = Unit.objects.filter(is_active=True).select_related("area", "parent").defer("area__boundary")
    if kind:
        rows = rows.filter(kind=kind)
    if level:
        rows = rows.filter(level=level)
    if q:
        rows = rows.filter(Q(name_zh__icontains=q) | Q(name_en__icontains=q) | Q(code__startswith=q))
    found = page(rows, key=BY_CODE, after=after or None, size=size)
    return UnitRows([unit_row(unit) for unit in found.items], found.next_cursor)


def unit_row(unit: Unit) -> UnitRow:
    return UnitRow(
        unit.code, Text(unit.name_zh, unit.name_en or unit.name_zh), unit.kind, unit.level,
        unit.area.code if unit.area else None, unit.parent.code if unit.parent else None, unit.phone, unit.is_partner,
    )  # fmt: skip


def spot_of(found: Located) -> Spot:
    """A located point with codes and names; the areas are read once and then from memory."""

    def named(area_id: int | None) -> AreaRow | None:
        return area_row(area_by_id(area_id)) if area_id is not None else None

    return Spot(
        grid=named(found.grid_id), micro_grid=named(found.micro_grid_id), community=named(found.community_id),
        street=named(found.street_id), zone=named(found.zone_id), county=named(found.county_id),
        police_grid=named(found.police_grid_id), lowest=named(found.area_id), distance_m=found.distance_m,
    )  # fmt: skip
