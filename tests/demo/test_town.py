"""The demo town: its counts, its exact tiling, who lives and works there; and the maps drawn of it."""

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from importlib.resources import files
from xml.etree import ElementTree

import pytest
import shapely
from shapely.geometry import shape

from wangge.demo.basemap import NOTE, Border, MapSheet, Mark, base_map, svg_map
from wangge.demo.town import build
from wangge.kit.geo import LocalPlane, Locator, bbox_around, bbox_of, geojson_to_wkb

STREET = "370299003"


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.fixture(scope="module")
def town():
    return build()


@pytest.fixture(scope="module")
def flat(town):
    """Boundaries in metres, by code."""
    plane = LocalPlane(*town.centre)
    return {area.code: plane.flat(shape(area.boundary)) for area in town.areas}


@pytest.fixture(scope="module")
def sheet(town):
    return MapSheet(base_map(town)["features"])


def test_the_town_has_the_areas_of_the_model_subdistrict(town):
    levels = Counter(area.level for area in town.areas)
    assert levels["county"] == levels["street"] == 1
    assert levels["grid"] == 46
    assert levels["micro_grid"] == 433
    assert levels["police_grid"] == 24
    assert 18 <= levels["community"] <= 20
    assert 3 <= levels["zone"] <= 4
    kinds = Counter(area.kind for area in town.at_level("grid"))
    assert kinds == {"base": 42, "dedicated": 2, "forest": 1, "sea": 1}
    offices = {area.external_codes["police_office"] for area in town.at_level("police_grid")}
    assert len(offices) == 6
    assert len(town.stations) == 35


def test_codes_follow_the_statistical_division_and_the_reading_order(town):
    by_code = {area.code: area for area in town.areas}
    assert len(by_code) == len(town.areas)
    for grid in town.at_level("grid"):
        assert re.fullmatch(r"370299003\d{3}\d{3}", grid.code)
        assert grid.code[:12] == grid.parent
    for micro in town.at_level("micro_grid"):
        assert micro.code[:15] == micro.parent
        assert len(micro.code) == 17
    for area in town.areas:
        assert area.parent is None or area.parent in by_code
        assert area.name_zh
        assert area.name_en.isascii()
    first, last = town.at_level("community")[0], town.at_level("community")[-1]
    assert first.label[1] > last.label[1], "numbered from north to south"


@pytest.mark.parametrize("level", ["zone", "community", "grid", "micro_grid", "police_grid"])
def test_every_level_tiles_the_street_without_gap_or_overlap(town, flat, level):
    shapes = [flat[area.code] for area in town.at_level(level)]
    whole = shapely.union_all(shapes)
    assert all(one.is_valid and one.geom_type == "Polygon" for one in shapes), "contiguous"
    assert flat[STREET].symmetric_difference(whole).area < 1
    assert abs(sum(one.area for one in shapes) - whole.area) < 1
    assert shapely.coverage_is_valid(shapes)


def test_every_area_lies_inside_its_parent(town, flat):
    for area in town.areas:
        if area.parent:
            assert flat[area.code].difference(flat[area.parent]).area < 1


def test_the_town_is_six_to_eight_kilometres_wide_at_its_place(town, flat):
    west, south, east, north = flat[STREET].bounds
    assert 5_000 < north - south < 8_000
    assert 6_000 < east - west < 8_000
    assert town.centre == (120.19, 35.97)


def test_police_borders_cross_the_grids(town, flat):
    police = [flat[area.code] for area in town.at_level("police_grid")]
    crossed = [
        grid.code
        for grid in town.at_level("grid")
        if sum(flat[grid.code].intersection(one).area > 1000 for one in police) > 1
    ]
    assert len(crossed) >= 15


def test_base_grids_have_three_to_five_hundred_households(town):
    for grid in town.at_level("grid"):
        if grid.kind == "base":
            assert 300 <= grid.n_households <= 500, grid.name_zh
            assert 500 <= grid.n_people <= 1500
    assert 1500 <= len(town.buildings) <= 2500


def test_people_are_counted_the_same_on_every_level(town):
    total = sum(building.n_people for building in town.buildings)
    for level in ("street", "zone", "community", "grid", "micro_grid", "police_grid"):
        assert sum(area.n_people for area in town.at_level(level)) == total


def test_every_building_stands_inside_its_areas_and_has_its_own_address(town, flat):
    plane = LocalPlane(*town.centre)
    for building in town.buildings:
        outline = plane.flat(shape(building.footprint))
        assert flat[building.micro_grid].buffer(0.05).contains(outline)
        assert flat[building.grid].buffer(0.05).contains(outline)
        assert building.name_zh
    addresses = Counter(building.address for building in town.buildings)
    assert addresses.most_common(1)[0][1] == 1
    assert any(re.fullmatch(r"[\u4e00-\u9fff]+[路街道]\d+号\d+号楼", address) for address in addresses)


def test_houses_do_not_stand_on_one_another(town):
    plane = LocalPlane(*town.centre)
    outlines = [plane.flat(shape(building.footprint)) for building in town.buildings]
    pairs = zip(*shapely.STRtree(outlines).query(outlines, predicate="intersects"), strict=True)
    assert [(a, b) for a, b in pairs if a < b and outlines[a].intersection(outlines[b]).area > 1] == []


def test_one_point_answers_grid_micro_grid_police_grid_community_and_street(town):
    locator = Locator((area.code, area.level, geojson_to_wkb(area.boundary)) for area in town.areas)
    zone_of = {area.code: area.parent for area in town.at_level("community")}
    for building in town.buildings:
        assert locator.locate(*building.position) == {
            "county": "370299",
            "street": STREET,
            "zone": zone_of[building.community],
            "community": building.community,
            "grid": building.grid,
            "micro_grid": building.micro_grid,
            "police_grid": building.police_grid,
        }
    out_at_sea = locator.locate(120.215, 35.955)
    assert next(area.kind for area in town.areas if area.code == out_at_sea["grid"]) == "sea"


def test_stations_stand_in_their_grid(town):
    grids = {area.code: shape(area.boundary) for area in town.at_level("grid")}
    assert len({station.grid for station in town.stations}) == 35
    for station in town.stations:
        assert grids[station.grid].contains(shapely.Point(station.position))
    communities = Counter(s.community for s in town.stations if s.kind == "community_station")
    assert communities == dict.fromkeys((a.code for a in town.at_level("community")), 1)


def test_the_same_seed_gives_the_same_town_in_another_process(town):
    script = "from wangge.demo.town import build; print(build().digest())"
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    environment = os.environ | {"PYTHONHASHSEED": "77", "PYTHONPATH": root}
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert other.stdout.strip() == town.digest(), other.stderr


def test_another_seed_gives_another_sound_town(town):
    other = build(seed=7)
    assert other.digest() != town.digest()
    assert Counter(area.level for area in other.areas)["micro_grid"] == 433
    assert all(300 <= g.n_households <= 500 for g in other.at_level("grid") if g.kind == "base")
    assert shapely.coverage_is_valid([shape(area.boundary) for area in other.at_level("micro_grid")])


def test_the_town_is_plain_data(town):
    assert json.loads(json.dumps(town.as_json()))["buildings"][0]["address"] == town.buildings[0].address


def test_every_grid_has_a_head_and_a_worker(town):
    for role in ("grid_head", "grid_worker"):
        grids = [post.area for person in town.staff for post in person.posts if post.role == role]
        assert sorted(grids) == [area.code for area in town.at_level("grid")]
    doubles = [p for p in town.staff if sum(post.role == "grid_worker" for post in p.posts) == 2]
    assert len(doubles) == 10


def test_staff_fill_every_role_and_every_unit(town):
    assert 200 <= len(town.staff) <= 280
    assert len({person.username for person in town.staff}) == len(town.staff)
    assert len({person.display_name for person in town.staff}) == len(town.staff)
    posts = [post for person in town.staff for post in person.posts]
    roles = {post.role for post in posts}
    source = (files("wangge.territory") / "roles.py").read_text(encoding="utf-8")
    known = set(re.findall(r'^    [A-Z_]+ = "([a-z_]+)"', source, re.M))
    assert known - {"resident", "platform"} == roles
    areas, units = {area.code for area in town.areas}, {unit.code for unit in town.units}
    assert {post.area for post in posts} - {None} <= areas
    assert {post.unit for post in posts} - {None} == units
    for role in ("head_of_unit", "department_handler"):
        assert {post.unit for post in posts if post.role == role} == units
    admins = [person for person in town.staff if person.admin_role]
    assert {a.admin_role for a in admins} == {"system_admin", "security_admin", "audit_admin"}
    assert all(not admin.posts for admin in admins)


def test_units_cover_the_responsibility_list(town):
    data = files("wangge.catalog") / "data"
    kinds = {row["code"] for row in rows_of(data / "unit_kinds.csv")}
    assert {unit.kind for unit in town.units} <= kinds
    codes = [unit.code for unit in town.units]
    assert len(set(codes)) == len(codes)
    for unit in town.units:
        assert unit.parent is None or codes.index(unit.parent) < codes.index(unit.code)
    have = {(unit.kind, unit.level) for unit in town.units}
    assert {(row["lead_kind"], row["level"]) for row in rows_of(data / "responsibility.csv")} <= have
    supervisors = {area.supervising_unit for area in town.areas} - {None}
    assert len(supervisors) == 4
    assert supervisors <= set(codes)
    assert {a.external_codes["police_office"] for a in town.at_level("police_grid")} <= set(codes)


def test_the_base_map_names_its_roads_and_stands_in_degrees(town):
    features = base_map(town)["features"]
    classes = Counter(feature["properties"]["class"] for feature in features)
    assert {"sea", "land", "wood", "park", "road", "building", "harbour", "compound"} <= set(classes)
    assert classes["building"] == len(town.buildings)
    assert all(f["properties"]["name"] for f in features if f["properties"]["class"] == "road")
    around = bbox_around(*town.centre, 6000)
    for feature in features:
        west, south, east, north = shape(feature["geometry"]).bounds
        assert around.holds(west, south)
        assert around.holds(east, north)


def test_a_close_up_map_is_small_whole_and_readable(town, sheet):
    home = next(building for building in town.buildings if building.use == "residential")
    grid = next(area for area in town.areas if area.code == home.grid)
    drawn = svg_map(
        sheet,
        bbox_around(*home.position, 300),
        720,
        480,
        borders=[Border(grid.boundary, "chosen", grid.name_zh)],
        marks=[Mark(*home.position, name="路灯不亮 <b>", accuracy_m=40, href="/c/1?a=1&b=2", shape="square")],
        title="位置 & 网格",
        note=NOTE,
    )
    assert len(drawn.encode()) < 60_000
    root = ElementTree.fromstring(drawn)
    texts = ["".join(node.itertext()) for node in root.iter() if node.tag.endswith("text")]
    assert NOTE in texts
    assert "路灯不亮 <b>" in texts
    assert any(text.endswith(("路", "街", "大道")) for text in texts)
    assert "style=" not in drawn
    circle = next(node for node in root.iter() if node.tag.endswith("circle"))
    assert float(circle.get("r")) == pytest.approx(40 * 480 / 600, rel=0.02)
    assert float(circle.get("cx")) == pytest.approx(360, abs=1)


def test_the_whole_town_and_an_empty_sea_can_be_drawn(town, sheet):
    street = town.at_level("street")[0]
    borders = [Border(area.boundary, "grid") for area in town.at_level("grid")]
    whole = svg_map(sheet, bbox_of(shape(street.boundary)), 800, 600, borders=borders, is_dark=True)
    assert len(whole.encode()) < 120_000
    ElementTree.fromstring(whole)
    nothing = svg_map({"features": base_map(town)["features"]}, (121, 35, 121.1, 35.1), 300, 200)
    assert len(nothing) < 3000
