"""A little place for the stories of territory: a county, two streets, squares of 0.01° as grids.

::

    35.92  +--------+--------+
           | north  | quay   |    quay: dedicated, supervised by the harbour office
    35.91  +--------+--------+
           | south  | east   |    south has two micro-grids, its western and eastern half
    35.90  +--------+--------+
         120.10   120.11   120.12          the hill street has no grids at all
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from shapely.geometry import box

from wangge.territory.actions import put_areas, put_units
from wangge.territory.models import Area, Unit

AT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
TODAY = date(2026, 11, 16)
BY = "admin"


def square(west: float, south: float, east: float, north: float) -> bytes:
    return box(west, south, east, north).wkb


def row(
    code: str, level: str, name_zh: str, parent_code: str, *corners: float, **more: Any
) -> dict[str, Any]:
    boundary = square(*corners) if corners else None
    return {
        "code": code, "level": level, "name_zh": name_zh, "parent_code": parent_code, "boundary": boundary, **more,
    }  # fmt: skip


COUNTY, STREET, HILL, ZONE, COMMUNITY = "370999", "370999001", "370999002", "Z001", "370999001001"
SOUTH, NORTH, EAST, QUAY = (f"370999001001{n:03d}" for n in (1, 2, 3, 4))
WEST_HALF, EAST_HALF, POLICE = SOUTH + "01", SOUTH + "02", "J001"

UNITS = [
    {"code": "harbour", "kind": "marine", "name_zh": "港航局", "name_en": "Harbour office"},
    {"code": "squad", "kind": "street_enforcement", "name_zh": "执法中队", "level": "street"},
]
AREAS = [
    row(WEST_HALF, "micro_grid", "南格西片", SOUTH, 120.10, 35.90, 120.105, 35.91),
    row(EAST_HALF, "micro_grid", "南格东片", SOUTH, 120.105, 35.90, 120.11, 35.91),
    row(SOUTH, "grid", "南网格", COMMUNITY, 120.10, 35.90, 120.11, 35.91, n_households=320),
    row(NORTH, "grid", "北网格", COMMUNITY, 120.10, 35.91, 120.11, 35.92),
    row(EAST, "grid", "东网格", COMMUNITY, 120.11, 35.90, 120.12, 35.91),
    row(QUAY, "grid", "码头网格", COMMUNITY, 120.11, 35.91, 120.12, 35.92, kind="dedicated",
        supervising_unit_code="harbour"),
    row(COMMUNITY, "community", "海边社区", ZONE, 120.10, 35.90, 120.12, 35.92),
    row(ZONE, "zone", "东管区", STREET),
    row(POLICE, "police_grid", "第一警格", STREET, 120.10, 35.90, 120.12, 35.92, kind="overlay"),
    row(STREET, "street", "海街道", COUNTY, 120.10, 35.90, 120.12, 35.92),
    row(HILL, "street", "山街道", COUNTY, 120.13, 35.90, 120.15, 35.92),
    row(COUNTY, "county", "望海县", "", 120.10, 35.90, 120.15, 35.92),
]  # fmt: skip


def build_place() -> dict[str, Area]:
    """The place, made by the actions; areas by code."""
    put_units(UNITS, by=BY, at=AT)
    put_areas(AREAS, by=BY, at=AT)
    return areas()


def areas() -> dict[str, Area]:
    return {area.code: area for area in Area.objects.filter(valid_to_on=None)}


def units() -> dict[str, Unit]:
    return {unit.code: unit for unit in Unit.objects.all()}
