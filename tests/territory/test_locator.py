"""One point answers everything at once; positions keep what was given."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
import shapely

from tests.territory.place import (
    AT,
    BY,
    COMMUNITY,
    COUNTY,
    EAST,
    EAST_HALF,
    HILL,
    NORTH,
    POLICE,
    QUAY,
    SOUTH,
    STREET,
    TODAY,
    WEST_HALF,
    ZONE,
    areas,
    row,
    square,
)
from wangge.kit.datum import from_wgs84
from wangge.kit.errors import Conflict, Invalid, NotFound
from wangge.territory.actions import close_area, put_areas, put_units, update_area
from wangge.territory.locator import area_by_id, home_area, locate
from wangge.territory.position import Position


def test_one_point_answers_all(place, django_assert_num_queries):
    found = locate(120.102, 35.905)
    ids = {code: area.pk for code, area in place.items()}
    assert found.grid_id == ids[SOUTH]
    assert found.micro_grid_id == ids[WEST_HALF]
    assert found.police_grid_id == ids[POLICE]
    assert found.community_id == ids[COMMUNITY]
    assert found.zone_id == ids[ZONE]  # it has no boundary: the tree knows
    assert found.street_id == ids[STREET]
    assert found.county_id == ids[COUNTY]
    assert (found.area_id, found.area_path) == (ids[WEST_HALF], place[WEST_HALF].path)
    assert found.police_path == place[POLICE].path
    assert found.distance_m == 0
    with django_assert_num_queries(0):
        assert locate(120.112, 35.905).area_id == ids[EAST]


def test_a_little_outside_counts_to_the_nearest_grid_and_far_outside_to_none(place):
    near = locate(120.0985, 35.905)  # about 135 m west of the south grid
    assert near.grid_id == place[SOUTH].pk
    assert 100 < near.distance_m < 170
    assert not locate(120.09, 35.905).is_found
    hill = locate(120.14, 35.91)  # a street without grids
    assert (hill.grid_id, hill.area_id, hill.distance_m) == (None, place[HILL].pk, 0)


def test_a_dedicated_grid_goes_before_the_base_grid_around_it(place):
    campus = row(
        COMMUNITY + "009", "grid", "校园", COMMUNITY, 120.101, 35.912, 120.104, 35.915, kind="dedicated"
    )
    put_areas([campus], by=BY, at=AT)
    assert locate(120.102, 35.913).grid_id == areas()[COMMUNITY + "009"].pk
    assert locate(120.108, 35.913).grid_id == place[NORTH].pk


def test_an_edit_is_seen_at_once(place):
    assert locate(120.115, 35.905).grid_id == place[EAST].pk
    update_area(
        place[EAST].pk, boundary=square(120.11, 35.90, 120.112, 35.91), by=BY, at=AT + timedelta(days=1)
    )
    found = locate(120.118, 35.905)
    assert (found.grid_id, found.area_id) == (None, place[COMMUNITY].pk)
    close_area(place[EAST].pk, on=TODAY - timedelta(days=1), by=BY, at=AT)
    assert locate(120.111, 35.905).area_id != place[EAST].pk


def test_located_as_by_looking_at_every_boundary(place):
    dice = random.Random(2026)
    shapes = {code: shapely.from_wkb(bytes(a.boundary)) for code, a in place.items() if a.boundary}
    for _ in range(500):
        lon, lat = dice.uniform(120.09, 120.16), dice.uniform(35.89, 35.93)
        holding = {code for code, shape in shapes.items() if shape.contains(shapely.Point(lon, lat))}
        found = locate(lon, lat)
        grids = holding & {SOUTH, NORTH, EAST, QUAY}
        if grids:
            assert {place[code].pk for code in grids} == {found.grid_id}
        else:
            assert found.grid_id is None or found.distance_m > 0
        if micro := holding & {WEST_HALF, EAST_HALF}:
            assert {place[code].pk for code in micro} == {found.micro_grid_id}
        assert (found.police_grid_id is not None) == (POLICE in holding)
        if holding & {STREET, HILL}:
            assert {found.street_id} == {place[code].pk for code in holding & {STREET, HILL}}


def test_where_a_report_without_a_place_goes(db):
    with pytest.raises(Conflict, match="还没有任何区域"):
        home_area()
    put_areas([row("370999", "county", "望海县", "")], by=BY, at=AT)
    assert home_area().code == "370999"
    put_areas([row("370999001", "street", "海街道", "370999")], by=BY, at=AT)
    assert home_area().code == "370999001"
    put_areas([row("370999001001", "community", "社区", "370999001")], by=BY, at=AT)
    assert home_area().code == "370999001", "never below a street"
    put_areas([row("370999002", "street", "山街道", "370999")], by=BY, at=AT)
    assert home_area().code == "370999", "two streets: the county sorts it"


def test_areas_by_id_come_from_memory(place, django_assert_num_queries):
    assert area_by_id(place[QUAY].pk).supervising_unit.name_zh == "港航局"
    with django_assert_num_queries(0):
        assert area_by_id(place[QUAY].pk).name_zh == "码头网格"
    put_units([{"code": "harbour", "name_zh": "港口局"}], by=BY, at=AT)
    assert area_by_id(place[QUAY].pk).supervising_unit.name_zh == "港口局"
    with pytest.raises(NotFound):
        area_by_id(0)


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09", "cgcs2000", "GCJ02"])
def test_a_position_is_converted_once_and_the_original_kept(datum):
    shown = from_wgs84(120.19, 35.96, datum.lower())
    position = Position.given(str(shown[0]), str(shown[1]), datum, "12.5", "gps")
    assert (position.lon, position.lat) == pytest.approx((120.19, 35.96), abs=1e-8)
    assert (position.raw_lon, position.raw_lat, position.datum) == (*shown, datum.lower())
    assert (position.accuracy_m, position.source) == (12.5, "gps")


@pytest.mark.parametrize(
    ("given", "zh"),
    [
        ((0, 0), "没有得到定位"),
        ((35.9, 120.1), "写反"),
        (("x", 1), "不是数字"),
        ((120.1, 35.9, "mars"), "坐标系"),
        ((120.1, 35.9, "wgs84", -3), "精度"),
        ((120.1, 35.9, "wgs84", "nan"), "精度"),
        ((120.1, 35.9, "wgs84", 3, "dream"), "位置来源"),
    ],
)
def test_a_position_that_is_none_is_refused(given, zh):
    with pytest.raises(Invalid, match=zh):
        Position.given(*given)


def test_an_unknown_accuracy_stays_unknown():
    assert Position.given(120.1, 35.9).accuracy_m is None
    assert Position.given(120.1, 35.9, accuracy_m="").accuracy_m is None
