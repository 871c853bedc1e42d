"""网格 and 我的."""

from __future__ import annotations

import pytest

from tests.cast import IN_GRID_3, Town
from wangge.territory.actions.buildings import put_buildings

pytestmark = pytest.mark.django_db


def text_of(answer: object) -> str:
    return answer.content.decode()


def test_my_grid_with_its_people_and_cases(town: Town, phone) -> None:
    put_buildings(
        [{"code": "B1", "name_zh": "1号楼", "address": "长江路1号", "area_code": town.areas["grid_1"].code, "lon": 120.104, "lat": 35.904,
          "n_households": 36, "n_people": 101}],
        by="test", at=town.clock.at,
    )  # fmt: skip
    mine = town.reported("楼下垃圾").case
    noise = town.reported("别处", at=IN_GRID_3).case
    worker = phone("grid_worker")
    page = text_of(worker.get("/field/grids/"))
    assert "长江路第一网格" in page
    assert all(word in page for word in ("王网", "赵长", ">36<", ">101<", "1 件未办结", "<svg"))
    assert "银沙滩" not in page
    listed = worker.get(f"/field/grids/{town.areas['grid_1'].code}/cases/")
    assert [line.number for line in listed.context["lines"]] == [mine.number]
    assert noise.number not in text_of(listed)
    assert worker.get(f"/field/grids/{town.areas['grid_3'].code}/cases/").status_code == 404


def test_me(town: Town, phone) -> None:
    town.reported("我报的", by="grid_worker")
    worker = phone("grid_worker")
    page = text_of(worker.get("/field/me/"))
    assert all(word in page for word in ("专职网格员", "长江路第一网格", "大字", "English", "关于与投诉"))
    assert "我报的" in text_of(worker.get("/field/me/reports/"))
    assert "还没有上报过" in text_of(phone("grid_worker_3").get("/field/me/reports/"))


def test_about_names_the_owner_or_says_that_nobody_is_named(phone, settings) -> None:
    settings.OWNER, settings.FILING, settings.COMPLAINTS = "望海县社会治理中心", "测备0001号", "0532-12345"
    page = text_of(phone("grid_worker").get("/field/me/about/"))
    assert all(word in page for word in ("望海县社会治理中心", "测备0001号", "tel:0532-12345", "不打卡"))
    settings.OWNER = ""
    assert "尚未登记" in text_of(phone("grid_worker").get("/field/me/about/"))


@pytest.mark.parametrize(
    "name", ["police_officer", "volunteer", "station_handler", "dispatcher", "named_professional"]
)
def test_others_with_a_post_may_use_it_too(town: Town, phone, name: str) -> None:
    who = phone({"named_professional": "professional"}.get(name, name))
    for address in ("", "grids/", "report/", "me/"):
        assert who.get(f"/field/{address}").status_code == 200


def test_large_type_and_english(phone) -> None:
    worker = phone("grid_worker")
    worker.post("/type-size/", {"size": "large", "next": "/field/me/"})
    page = text_of(worker.get("/field/me/", headers={"accept-language": "en"}))
    assert 'class="large"' in page
    assert "My reports" in page
    assert "我报过的" not in page


def test_strict_headers(phone) -> None:
    answer = phone("grid_worker").get("/field/")
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
