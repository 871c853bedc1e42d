"""Posts give scope from a day to a day; a stand-in acts for the holder; who works where."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.territory.place import (
    AT,
    BY,
    COMMUNITY,
    COUNTY,
    EAST,
    NORTH,
    QUAY,
    SOUTH,
    STREET,
    TODAY,
    areas,
    units,
)
from wangge.accounts.models import User
from wangge.kit.clock import MovedClock
from wangge.kit.errors import Conflict, Invalid
from wangge.kit.models import OutboxRow
from wangge.territory import queries
from wangge.territory.actions import (
    close_area,
    create_unit,
    end_post,
    give_post,
    put_buildings,
    stand_in,
    update_unit,
)
from wangge.territory.models import Post, TerritoryRevision
from wangge.territory.roles import Role
from wangge.territory.scope import actor_for

SINCE = date(2026, 1, 1)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def give(user, area, role=Role.GRID_WORKER, **more):
    return give_post(user=user, role=role, area=area, starts_on=SINCE, by=BY, at=AT, **more)


def test_a_post_gives_scope_and_an_ended_one_nothing_at_once(place, worker):
    post = give(worker, place[SOUTH])
    assert actor_for(worker, MovedClock(AT)).area_paths(Role.GRID_WORKER) == [place[SOUTH].path]
    end_post(post.pk, on=YESTERDAY, by=BY, at=AT)
    assert actor_for(worker, MovedClock(AT)).grants == ()
    assert OutboxRow.objects.get(kind="post_ended").payload["user_id"] == worker.pk
    verbs = list(TerritoryRevision.objects.filter(kind="post").order_by("id").values_list("verb", flat=True))
    assert verbs == ["given", "ended"]


def test_the_last_day_counts_whole(place, worker):
    give(worker, place[SOUTH], ends_on=TODAY)
    late = AT.replace(hour=15, minute=59)  # 23:59 in Shanghai
    assert actor_for(worker, MovedClock(late)).roles == {Role.GRID_WORKER}
    assert actor_for(worker, MovedClock(late + timedelta(minutes=1))).roles == set()


def test_a_post_that_never_began_never_counts(place, worker):
    post = give_post(user=worker, role=Role.GRID_HEAD, area=place[SOUTH], starts_on=TOMORROW, by=BY, at=AT)
    end_post(post.pk, on=YESTERDAY, by=BY, at=AT)
    assert actor_for(worker, MovedClock(AT + timedelta(days=1))).grants == ()


def test_a_stand_in_acts_for_the_holder(place, worker, colleague):
    post = give(worker, place[SOUTH])
    stand_in(post, colleague, from_on=TODAY, to_on=TOMORROW, by=BY, at=AT)
    [grant] = actor_for(colleague, MovedClock(AT)).grants
    assert (grant.role, grant.area_path, grant.for_user) == (Role.GRID_WORKER, place[SOUTH].path, "王网")
    assert actor_for(colleague, MovedClock(AT + timedelta(days=2))).grants == ()
    here = queries.staff_of(place[SOUTH], [Role.GRID_WORKER], AT)
    assert [p.user.username for p in here] == ["worker", "colleague"]
    assert here[1].stands_in_for_id == post.pk

    end_post(post.pk, on=YESTERDAY, by=BY, at=AT)
    assert queries.staff_of(place[SOUTH], at=AT) == []


@pytest.mark.parametrize(
    ("change", "zh"),
    [
        ({"role": "king"}, "不认识"),
        ({"role": Role.RESIDENT}, "不是岗位"),
        ({"role": Role.HEAD_OF_UNIT}, "要设在单位上"),
        ({"ends_on": date(2025, 1, 1)}, "早于开始"),
    ],
)
def test_an_impossible_post_is_refused(place, worker, change, zh):
    given = {"user": worker, "role": Role.GRID_WORKER, "area": place[SOUTH], "starts_on": SINCE} | change
    with pytest.raises(Invalid, match=zh):
        give_post(**given, by=BY, at=AT)
    assert not Post.objects.exists()


def test_the_same_post_twice_is_refused_and_so_are_wrong_stand_ins(place, worker, colleague):
    post = give(worker, place[SOUTH])
    with pytest.raises(Conflict, match="已经有这个岗位"):
        give(worker, place[SOUTH])
    with pytest.raises(Invalid, match="顶自己"):
        stand_in(post, worker, from_on=TODAY, to_on=TOMORROW, by=BY, at=AT)
    with pytest.raises(Invalid, match="任期之内"):
        stand_in(post, colleague, from_on=date(2025, 1, 1), to_on=TOMORROW, by=BY, at=AT)
    double = stand_in(post, colleague, from_on=TODAY, to_on=TOMORROW, by=BY, at=AT)
    with pytest.raises(Conflict, match="顶岗"):
        stand_in(double, worker, from_on=TODAY, to_on=TOMORROW, by=BY, at=AT)
    worker.is_active = False
    worker.save()
    with pytest.raises(Invalid, match="停用"):
        give(worker, place[EAST])


def test_nobody_gets_a_post_in_what_has_ended(place, worker):
    close_area(place[EAST].pk, on=TODAY, by=BY, at=AT)
    with pytest.raises(Invalid, match="已失效"):
        give_post(user=worker, role=Role.GRID_WORKER, area=Post.area.field.related_model.objects.get(code=EAST),
                  starts_on=TODAY, by=BY, at=AT)  # fmt: skip
    update_unit(units()["squad"].pk, is_active=False, by=BY, at=AT)
    with pytest.raises(Invalid, match="已停用"):
        give_post(user=worker, role=Role.HEAD_OF_UNIT, unit=units()["squad"], starts_on=TODAY, by=BY, at=AT)


def test_the_nearest_unit_of_a_kind_comes_first(place, django_assert_num_queries):
    for code, area in (("far", COUNTY), ("near", COMMUNITY), ("street", STREET), ("other", "370999002")):
        create_unit(code=code, kind="sanitation", name_zh=code, area_code=area, by=BY, at=AT)
    create_unit(code="everywhere", kind="sanitation", name_zh="全域", by=BY, at=AT)
    create_unit(code="noise", kind="water", name_zh="水务", area_code=COMMUNITY, by=BY, at=AT)
    queries.units_of_kind_near("water", place[SOUTH])
    with django_assert_num_queries(0):
        found = queries.units_of_kind_near("sanitation", place[SOUTH])
    assert [unit.code for unit in found] == ["near", "street", "far", "everywhere"]


def test_vacancies_and_the_grid_card(place, worker, colleague):
    give(worker, place[SOUTH])
    give(colleague, place[SOUTH], Role.GRID_HEAD)
    give(colleague, place[NORTH], Role.GRID_HEAD)
    vacant = [(v.code, v.role) for v in queries.vacancies(place[STREET], AT)]
    assert vacant == [
        (NORTH, Role.GRID_WORKER), (EAST, Role.GRID_HEAD), (EAST, Role.GRID_WORKER), (QUAY, Role.GRID_HEAD),
        (QUAY, Role.GRID_WORKER),
    ]  # fmt: skip
    put_buildings(
        [
            {"code": "B1", "address": "海边路1号", "area_code": SOUTH + "01", "lon": 120.101, "lat": 35.905,
             "n_households": 30, "n_people": 70},
            {"code": "noise", "address": "东路1号", "area_code": EAST, "lon": 120.115, "lat": 35.905,
             "n_households": 9},
        ],
        by=BY, at=AT,
    )  # fmt: skip
    card = queries.grid_card(place[SOUTH].pk, AT)
    assert [area.code for area in card.chain][-1] == SOUTH
    assert {post.user.username for post in card.staff} == {"worker", "colleague"}
    assert [micro.name_zh for micro in card.micro_grids] == ["南格西片", "南格东片"]
    assert (card.n_buildings, card.n_households, card.n_people, card.vacant) == (1, 30, 70, [])
    assert queries.grid_card(place[QUAY].pk, AT).supervising_unit.name_zh == "港航局"


def test_staff_upwards_the_nearest_first(place, worker, colleague):
    boss = User.objects.create_user("boss", None)
    give(boss, place[COUNTY], Role.COUNTY_LEADER)
    give(colleague, place[COMMUNITY], Role.COMMUNITY_MANAGER)
    give(worker, place[SOUTH])
    found = queries.staff_of(areas()[SOUTH], at=AT, upward=True)
    assert [post.user.username for post in found] == ["worker", "colleague", "boss"]


def test_units_are_edited_never_deleted(place):
    with pytest.raises(Conflict, match="已被"):
        create_unit(code="squad", kind="x", name_zh="又一个", by=BY, at=AT)
    create_unit(code="team", kind="street_enforcement", name_zh="一班", parent_code="squad", by=BY, at=AT)
    with pytest.raises(Conflict, match="自己的下级"):
        update_unit(units()["squad"].pk, parent_code="team", by=BY, at=AT)
    with pytest.raises(Invalid, match="区域“nowhere”不存在"):
        update_unit(units()["squad"].pk, area_code="nowhere", by=BY, at=AT)
    with pytest.raises(Invalid, match="请填写单位名称"):
        update_unit(units()["squad"].pk, name_zh=" ", by=BY, at=AT)
    assert units()["team"].parent.code == "squad"
