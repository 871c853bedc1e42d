"""The tree: made in any order, moved, closed, and readable as it was on an earlier day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, transaction

from tests.territory.place import (
    AT,
    BY,
    COMMUNITY,
    COUNTY,
    EAST,
    HILL,
    NORTH,
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
from wangge.kit.errors import Conflict, Invalid
from wangge.kit.geo import geometry_of
from wangge.kit.models import OutboxRow
from wangge.territory import queries
from wangge.territory.actions import close_area, create_area, give_post, put_areas, put_buildings, update_area
from wangge.territory.models import Area, AreaForm, Building, TerritoryRevision
from wangge.territory.roles import Role

NEXT_WEEK = AT + timedelta(days=7)


def test_parents_may_stand_after_their_children(place):
    south, county = place[SOUTH], place[COUNTY]
    assert county.path == f"/{county.pk}/"
    chain = [place[code].pk for code in (COUNTY, STREET, ZONE, COMMUNITY, SOUTH, WEST_HALF)]
    assert place[WEST_HALF].ancestor_ids() == chain
    assert (south.min_lon, south.min_lat, south.max_lon, south.max_lat) == (120.10, 35.90, 120.11, 35.91)
    assert place[QUAY].supervising_unit.code == "harbour"
    assert place[ZONE].boundary is None
    made = TerritoryRevision.objects.filter(kind="area", verb="created")
    assert made.count() == len(place)
    assert {r.changed_by for r in made} == {BY}
    assert {r.changed_at for r in made} == {AT}


def test_putting_the_same_again_changes_nothing(place):
    before = TerritoryRevision.objects.count()
    again = put_areas(
        [row(SOUTH, "grid", "南网格", COMMUNITY, 120.10, 35.90, 120.11, 35.91)], by=BY, at=NEXT_WEEK
    )
    assert (again.n_new, again.n_changed, again.n_same) == (0, 0, 1)
    assert TerritoryRevision.objects.count() == before
    assert not AreaForm.objects.exists()


def test_a_moved_area_takes_everything_below_along(place):
    update_area(place[ZONE].pk, parent_code=HILL, by=BY, at=NEXT_WEEK, code_rule=None)
    now = areas()
    hill = now[HILL]
    for code in (ZONE, COMMUNITY, SOUTH, WEST_HALF):
        assert now[code].path.startswith(hill.path)
        assert now[code].path.endswith(f"/{now[code].pk}/")
    assert not now[NORTH].path.startswith(now[STREET].path)
    assert now[STREET].path == place[STREET].path
    event = OutboxRow.objects.get(kind="area_moved")
    assert event.payload == {
        "area_id": place[ZONE].pk,
        "old_path": place[ZONE].path,
        "new_path": now[ZONE].path,
    }


def test_the_tree_as_it_was_on_an_earlier_day(place):
    day = TODAY + timedelta(days=7)
    old_shape = bytes(place[SOUTH].boundary)
    wider = square(120.095, 35.90, 120.11, 35.91)
    update_area(place[SOUTH].pk, name_zh="南岸网格", boundary=wider, n_households=400, by=BY, at=NEXT_WEEK)
    update_area(place[COMMUNITY].pk, parent_code=STREET, by=BY, at=NEXT_WEEK)
    create_area(**row(COMMUNITY + "005", "grid", "新网格", COMMUNITY), valid_from_on=day, by=BY, at=NEXT_WEEK)

    now = {r.code: r for r in queries.tree(day)}
    then = {r.code: r for r in queries.tree(day - timedelta(days=1))}
    assert now[SOUTH].name_zh == "南岸网格"
    assert then[SOUTH].name_zh == "南网格"
    assert COMMUNITY + "005" in now
    assert COMMUNITY + "005" not in then
    assert (
        now[SOUTH].path == f"/{place[COUNTY].pk}/{place[STREET].pk}/{place[COMMUNITY].pk}/{place[SOUTH].pk}/"
    )
    assert then[SOUTH].path == place[SOUTH].path
    assert then[COMMUNITY].parent_id == place[ZONE].pk
    assert queries.boundary_on(place[SOUTH].pk, day - timedelta(days=1)) == old_shape
    assert geometry_of(queries.boundary_on(place[SOUTH].pk, day) or b"").bounds[0] == 120.095
    assert [r.depth for r in queries.tree(day)][:2] == [0, 1]


def test_a_correction_on_the_same_day_keeps_no_earlier_form(place):
    update_area(place[SOUTH].pk, name_zh="南一网格", by=BY, at=NEXT_WEEK)
    update_area(place[SOUTH].pk, name_zh="南二网格", by=BY, at=NEXT_WEEK + timedelta(hours=1))
    assert [form.name_zh for form in AreaForm.objects.all()] == ["南网格"]
    said = [r.content["name_zh"] for r in TerritoryRevision.objects.filter(verb="changed").order_by("id")]
    assert said == ["南一网格", "南二网格"]


def test_counts_are_facts_not_forms(place):
    update_area(place[SOUTH].pk, n_people=900, by=BY, at=NEXT_WEEK)
    assert not AreaForm.objects.exists()
    assert areas()[SOUTH].n_people == 900


@pytest.mark.parametrize(
    ("code", "level", "parent", "zh"),
    [
        (COMMUNITY + "009", "grid", SOUTH, "不能放在"),  # a grid below a grid
        (COMMUNITY + "009", "grid", "nowhere", "不存在"),
        ("370888001001001", "grid", COMMUNITY, "开头"),  # the code of another county
        (COMMUNITY + "09", "grid", COMMUNITY, "14 位"),
        (COMMUNITY + "000", "grid", COMMUNITY, "顺序号是 0"),
        ("网格一", "grid", COMMUNITY, "只能用数字"),
        (SOUTH + "03", "village", COMMUNITY, "层级"),
        (SOUTH, "grid", COMMUNITY, "已被"),
    ],
)
def test_an_impossible_area_is_refused_with_a_sentence(place, code, level, parent, zh):
    before = Area.objects.count()
    with pytest.raises((Invalid, Conflict)) as refusal:
        create_area(code=code, level=level, name_zh="坏", parent_code=parent, by=BY, at=AT)
    assert zh in refusal.value.zh
    assert refusal.value.en.isascii() or "“" in refusal.value.en
    assert Area.objects.count() == before


def test_a_loop_is_impossible(place):
    with pytest.raises(Conflict, match="不能放在"):
        update_area(place[COMMUNITY].pk, parent_code=SOUTH, by=BY, at=NEXT_WEEK)


def test_a_change_never_lies_in_the_future(place):
    with pytest.raises(Invalid, match="不能晚于今天"):
        update_area(place[SOUTH].pk, name_zh="未来", on=date(2027, 1, 1), by=BY, at=AT)


def test_closing_ends_the_posts_and_leaves_nobody_behind(place, worker):
    with pytest.raises(Conflict, match="2 个区域"):
        close_area(place[SOUTH].pk, on=TODAY, by=BY, at=AT)
    put_buildings(
        [{"code": "B1", "address": "海边路1号", "area_code": EAST, "lon": 120.115, "lat": 35.905}],
        by=BY,
        at=AT,
    )
    with pytest.raises(Conflict, match="1 栋楼"):
        close_area(place[EAST].pk, on=TODAY, by=BY, at=AT)
    put_buildings([{"code": "B1", "area_code": SOUTH}], by=BY, at=AT)
    post = give_post(
        user=worker, role=Role.GRID_WORKER, area=place[EAST], starts_on=date(2026, 1, 1), by=BY, at=AT
    )

    close_area(place[EAST].pk, on=TODAY, by=BY, at=AT)

    post.refresh_from_db()
    assert post.ends_on == TODAY - timedelta(days=1)
    assert EAST not in {r.code for r in queries.tree(TODAY)}
    assert EAST in {r.code for r in queries.tree(TODAY - timedelta(days=1))}
    assert OutboxRow.objects.get(kind="area_closed").payload["area_id"] == place[EAST].pk
    # the number may be used again, and the earlier grid is still known by it
    create_area(**row(EAST, "grid", "东网格(新)", COMMUNITY), valid_from_on=TODAY, by=BY, at=AT)
    assert [r.name_zh for r in queries.tree(TODAY) if r.code == EAST] == ["东网格(新)"]
    assert [r.name_zh for r in queries.tree(TODAY - timedelta(days=1)) if r.code == EAST] == ["东网格"]
    assert Building.objects.get().area.code == SOUTH


def test_one_bad_row_and_nothing_is_written(place):
    rows = [row(COMMUNITY + "005", "grid", "好", COMMUNITY), row(COMMUNITY + "006", "grid", "", COMMUNITY)]
    with pytest.raises(Invalid, match="名称"):
        put_areas(rows, by=BY, at=AT)
    assert COMMUNITY + "005" not in areas()


@pytest.mark.parametrize("model", [TerritoryRevision, AreaForm])
def test_what_was_is_never_rewritten(place, model):
    update_area(place[SOUTH].pk, name_zh="南岸网格", by=BY, at=NEXT_WEEK)
    assert model.objects.exists()
    for attempt in (
        lambda: model.objects.update(code="x"),
        lambda: model.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            attempt()
