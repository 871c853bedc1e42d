"""Places: the transformations against published values, the locator against brute force."""

import math
import time

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from wangge.kit import geo
from wangge.kit.errors import DomainError
from wangge.kit.geo import Bbox, Datum, Locator

# (wgs lon, lat) → (gcj lon, lat): the test values of the public projects eviltransform (the first three)
# and coordtransform (the last).
GCJ_REFERENCE = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]
# (gcj lon, lat) ↔ (bd lon, lat), coordtransform
GCJ_AS_BD = (116.404, 39.915), (116.41036949371029, 39.92133699351021)

china_lon = st.floats(72.004, 137.8347)
china_lat = st.floats(0.8293, 55.8271)
shifted = st.sampled_from([Datum.GCJ02, Datum.BD09])


@pytest.mark.parametrize(("wgs", "gcj"), GCJ_REFERENCE)
def test_gcj02_agrees_with_published_values_both_ways(wgs, gcj):
    assert geo.from_wgs84(*wgs, Datum.GCJ02) == pytest.approx(gcj, abs=1e-12)
    assert geo.to_wgs84(*gcj, "gcj02") == pytest.approx(wgs, abs=1e-10)


def test_bd09_agrees_with_published_values():
    gcj, bd = GCJ_AS_BD
    wgs = geo.to_wgs84(*gcj, Datum.GCJ02)
    assert geo.from_wgs84(*wgs, Datum.BD09) == pytest.approx(bd, abs=1e-9)
    assert geo.to_wgs84(*bd, Datum.BD09) == pytest.approx(wgs, abs=1e-9)


@settings(max_examples=400)
@given(china_lon, china_lat, shifted)
@example(105.0, 35.0, Datum.GCJ02)  # the square root in the formula has a corner at 105° E
@example(105.0 + 1e-11, 35.0, Datum.BD09)
@example(120.19, 35.97, Datum.BD09)
@example(73.0, 0.8293, Datum.GCJ02)  # on the border of the box
def test_there_and_back_is_exact_inside_china(lon, lat, datum):
    there = geo.from_wgs84(lon, lat, datum)
    assert geo.to_wgs84(*there, datum) == pytest.approx((lon, lat), abs=1e-9)
    assert 20 < geo.distance_m(lon, lat, *there) < 3000


@given(st.floats(-180, 180), st.floats(-89, 89), shifted)
def test_outside_china_nothing_is_shifted(lon, lat, datum):
    if not geo.is_in_china(lon, lat):
        assert geo.from_wgs84(lon, lat, datum) == (lon, lat)
    if not Bbox(72, 0.8, 137.9, 55.9).holds(lon, lat):
        assert geo.to_wgs84(lon, lat, datum) == (lon, lat)


@given(st.floats(-180, 180), st.floats(-90, 90), st.sampled_from([Datum.WGS84, Datum.CGCS2000]))
def test_cgcs2000_is_taken_as_wgs84(lon, lat, datum):
    assert geo.to_wgs84(lon, lat, datum) == geo.from_wgs84(lon, lat, datum) == (lon, lat)


@pytest.mark.parametrize("datum", list(Datum))
def test_arrays_give_the_same_as_single_points(datum):
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(60, 150, 500), rng.uniform(-10, 60, 500)
    for many, one in ((geo.to_wgs84_many, geo.to_wgs84), (geo.from_wgs84_many, geo.from_wgs84)):
        x, y = many(lon, lat, datum)
        single = np.array([one(a, b, datum) for a, b in zip(lon, lat, strict=True)])
        np.testing.assert_allclose(np.column_stack([x, y]), single, atol=1e-11, rtol=0)


def test_an_unknown_datum_is_an_error():
    with pytest.raises(ValueError, match="mars"):
        geo.to_wgs84(120, 36, "mars")


@pytest.mark.parametrize(
    ("lon", "lat", "field", "word"),
    [
        (35.97, 120.19, "position", "写反"),
        (190, 30, "lon", "经度 190"),
        (120, -95, "lat", "纬度 -95"),
        (0, 0, "position", "点选"),
        ("east", 36, "lon", "不是数字"),
        (None, 36, "lon", "不是数字"),
        (120, math.nan, "lat", "不是数字"),
        (True, 36, "lon", "不是数字"),
        (math.inf, 36, "lon", "不是数字"),
    ],
)
def test_a_wrong_position_is_refused_with_a_sentence(lon, lat, field, word):
    with pytest.raises(DomainError) as refusal:
        geo.check_lonlat(lon, lat)
    assert refusal.value.status == 422
    assert refusal.value.details["field"] == field
    assert word in refusal.value.zh
    assert refusal.value.en.isascii()


def test_a_position_in_words_of_digits_is_accepted():
    assert geo.check_lonlat("120.19", " 35.97 ") == (120.19, 35.97)
    assert geo.check_lonlat(-58.4, -34.6) == (-58.4, -34.6)


def test_distances_known_from_elsewhere():
    # a degree of a great circle; Paris–London as given with the haversine formula on the mean sphere
    assert geo.distance_m(0, 0, 1, 0) == pytest.approx(111_195, abs=1)
    assert geo.distance_m(2.3522, 48.8566, -0.1278, 51.5074) == pytest.approx(343_556, abs=100)
    assert geo.distance_m(120, 36, 120, 36) == 0
    many = geo.distance_m_many(120, 36, [120, 121], [36, 37])
    assert many == pytest.approx([0, geo.distance_m(120, 36, 121, 37)])


@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(1, 50_000), st.floats(0, 360))
def test_a_rectangle_around_a_point_holds_its_circle(lon, lat, radius_m, bearing):
    east, north = radius_m * math.sin(bearing), radius_m * math.cos(bearing)
    x, y = geo.LocalPlane(lon, lat).to_degrees(east, north)
    if geo.distance_m(lon, lat, x, y) <= radius_m:
        assert geo.bbox_around(lon, lat, radius_m).holds(x, y)


def test_rectangles():
    one, two = Bbox(0, 0, 2, 2), Bbox(2, 2, 3, 4)
    assert one.meets(two)
    assert not one.meets(Bbox(2.1, 0, 3, 1))
    assert one.joined(two) == (0, 0, 3, 4)
    assert geo.bbox_of(box(1, 2, 3, 4)) == (1, 2, 3, 4)
    assert one.grown(-1000).east < 2 < one.grown(1000).east


def test_area_of_a_degree_and_of_the_whole_earth():
    # WGS-84: total area 510 065 621.7 km²; the one-degree cell at the equator 12 308.78 km² (Snyder's q)
    assert geo.area_m2(box(-180, -90, 180, 90)) == pytest.approx(5.1006562172e14, rel=1e-9)
    cell = geo.area_m2(shapely.to_wkb(box(0, 0, 1, 1)))
    assert cell == pytest.approx(12_308.8e6, rel=1e-4)
    plane = geo.LocalPlane(120.19, 35.97)
    square = plane.round_earth(box(-500, -500, 500, 500), decimals=12)
    assert geo.area_m2(square) == pytest.approx(1e6, rel=1e-6)
    np.testing.assert_allclose(plane.flat(square).bounds, (-500, -500, 500, 500), atol=1e-5)


def test_boundaries_go_through_geojson_and_wkb_unchanged():
    ring = [[120, 36], [120.1, 36], [120.1, 36.1], [120, 36.1], [120, 36]]
    wkb = geo.geojson_to_wkb({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}})
    assert geo.wkb_to_geojson(wkb) == {"type": "Polygon", "coordinates": [ring]}
    three_d = '{"type":"MultiPolygon","coordinates":[[[[1,1,9],[2,1,9],[2,2,9],[1,1,9]]]]}'
    assert geo.wkb_to_geojson(geo.geojson_to_wkb(three_d))["coordinates"][0][0][0] == [1, 1]
    assert geo.wkb_to_geojson(Point(1 / 3, 2), decimals=3) == {"type": "Point", "coordinates": [0.333, 2.0]}


@pytest.mark.parametrize(
    ("geojson", "word"),
    [
        ("{", "GeoJSON"),
        ("[]", "GeoJSON"),
        ({"type": "Polygon"}, "GeoJSON"),
        ({"type": "Polygon", "coordinates": [[["a", 1], [2, 2], [3, 1], ["a", 1]]]}, "GeoJSON"),
        ({"type": "Polygon", "coordinates": [[[1, 1], [2, 2]]]}, "GeoJSON"),
        ({"type": "Point", "coordinates": [1, 2]}, "Point"),
        ({"type": "Polygon", "coordinates": []}, "空"),
        ({"type": "Polygon", "coordinates": [[[5e5, 4e6], [6e5, 4e6], [6e5, 5e6], [5e5, 4e6]]]}, "WGS-84"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "自相交"),
    ],
)
def test_an_unsound_boundary_is_refused_with_a_sentence(geojson, word):
    with pytest.raises(DomainError) as refusal:
        geo.geojson_to_wkb(geojson)
    assert refusal.value.status == 422
    assert word in refusal.value.zh


def test_a_label_stands_inside_a_crescent_and_in_the_largest_part():
    crescent = Point(0, 0).buffer(1).difference(Point(0.4, 0).buffer(0.9))
    assert crescent.contains(Point(geo.label_point(crescent)))
    two = shapely.union_all([box(0, 0, 1, 1), box(5, 5, 9, 9)])
    assert geo.label_point(shapely.to_wkb(two)) == pytest.approx((7, 7), abs=0.2)


def _random_areas(rng):
    """Overlapping stars in three layers, and a tiling with shared borders in a fourth."""
    rows = []
    for number in range(120):
        centre, size = rng.uniform(-1, 1, 2), rng.uniform(0.05, 0.4)
        angles = np.sort(rng.uniform(0, 2 * math.pi, 9))
        radii = size * rng.uniform(0.3, 1, 9)
        ring = np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None] + centre
        rows.append((number, f"layer{number % 3}", shapely.to_wkb(shapely.make_valid(Polygon(ring)))))
    for number in range(100):
        i, j = divmod(number, 10)
        cell = box(i / 5 - 1, j / 5 - 1, (i + 1) / 5 - 1, (j + 1) / 5 - 1)
        rows.append((200 + number, "tiles", shapely.to_wkb(cell)))
    rng.shuffle(rows)
    return [(int(a), str(b), c) for a, b, c in rows]


@pytest.mark.parametrize("seed", range(3))
def test_the_locator_agrees_with_brute_force(seed):
    rng = np.random.default_rng(seed)
    areas = _random_areas(rng)
    locator = Locator(areas)
    shapes = [(ident, layer, shapely.from_wkb(wkb)) for ident, layer, wkb in sorted(areas)]
    points = [*rng.uniform(-1.1, 1.1, (300, 2)), *rng.integers(-5, 6, (60, 2)) / 5]
    for lon, lat in points:
        expected = {}
        for ident, layer, area in shapes:
            if area.intersects(Point(lon, lat)):
                expected.setdefault(layer, ident)
        assert locator.locate(float(lon), float(lat)) == expected


def test_a_point_on_a_border_belongs_to_the_smallest_id_in_any_order():
    areas = [("b", "grid", shapely.to_wkb(box(0, 0, 1, 1))), ("a", "grid", shapely.to_wkb(box(1, 0, 2, 1)))]
    assert Locator(areas).locate(1, 0.5) == Locator(areas[::-1]).locate(1, 0.5) == {"grid": "a"}


def test_an_empty_locator_finds_nothing():
    assert Locator([]).locate(1, 1) == {}
    assert len(Locator([])) == 0


def test_the_nearest_area_is_proposed_within_reach_only():
    shore = Locator([("a", "grid", shapely.to_wkb(box(120, 36, 120.01, 36.01)))])
    found = shore.nearest(120.011, 36.005, "grid", within_m=200)
    assert found is not None
    assert found[0] == "a"
    assert found[1] == pytest.approx(90, abs=1)
    assert shore.nearest(120.005, 36.005, "grid", within_m=200) == ("a", 0)
    assert shore.nearest(120.02, 36.005, "grid", within_m=200) is None
    assert shore.nearest(120.011, 36.005, "street", within_m=200) is None


def test_locating_is_fast_enough_for_every_report():
    rng = np.random.default_rng(1)
    locator = Locator(_random_areas(rng))
    points = rng.uniform(-1, 1, (2000, 2)).tolist()
    best = math.inf
    for _ in range(5):
        start = time.process_time()
        for lon, lat in points:
            locator.locate(lon, lat)
        best = min(best, (time.process_time() - start) / len(points))
    assert best < 50e-6, f"{best * 1e6:.0f} µs"
