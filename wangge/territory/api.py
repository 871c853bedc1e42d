"""Where and who for programs: which areas a point lies in, areas, units."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from wangge.kit.answers import answer, schema_of
from wangge.territory.listing import AreaRows, Spot, UnitRows, areas_listed, spot_of, units_listed
from wangge.territory.locator import locate
from wangge.territory.position import Position

router = Router(tags=["区域与单位 Areas and units"])
SpotOut, AreasOut, UnitsOut = schema_of(Spot), schema_of(AreaRows), schema_of(UnitRows)


class PointIn(BaseModel):
    """A place on the map."""

    lon: float = Field(description="经度 / longitude")
    lat: float = Field(description="纬度 / latitude")
    datum: Literal["wgs84", "gcj02", "bd09", "cgcs2000"] = Field(
        default="wgs84", description="坐标系 / datum"
    )


class AreasIn(BaseModel):
    """Which areas."""

    level: str = Field(default="", max_length=20, description="层级 / level")
    parent: str = Field(default="", max_length=30, description="上级区域编码 / code of the area above")
    q: str = Field(default="", max_length=60, description="名称或编码 / part of a name or code")
    after: str = Field(default="", max_length=400)
    size: int = Field(default=50, ge=1, le=200)


class UnitsIn(BaseModel):
    """Which units."""

    kind: str = Field(default="", max_length=40, description="单位类型 / kind of unit")
    level: str = Field(default="", max_length=20, description="层级 / level")
    q: str = Field(default="", max_length=60, description="名称或编码 / part of a name or code")
    after: str = Field(default="", max_length=400)
    size: int = Field(default=50, ge=1, le=200)


@router.get("/locate", response=SpotOut, operation_id="locate", summary="定位到网格 · Locate a point")
def locate_point(request: HttpRequest, point: Query[PointIn]) -> HttpResponse:
    """坐标落在哪个网格、微网格、警格、社区、街道。Grid, micro-grid, police grid, community, street of a point at once."""
    place = Position.given(point.lon, point.lat, datum=point.datum)
    return answer(SpotOut, spot_of(locate(place.lon, place.lat)))


@router.get("/areas", response=AreasOut, operation_id="list_areas", summary="区域 · Areas")
def list_areas(request: HttpRequest, given: Query[AreasIn]) -> HttpResponse:
    """现行区域,按编码排列。Areas in force, by code."""
    return answer(AreasOut, areas_listed(given.level, given.parent, given.q, given.after, given.size))


@router.get("/units", response=UnitsOut, operation_id="list_units", summary="单位 · Units")
def list_units(request: HttpRequest, given: Query[UnitsIn]) -> HttpResponse:
    """在用单位,按代码排列。Units in use, by code."""
    return answer(UnitsOut, units_listed(given.kind, given.level, given.q, given.after, given.size))
