"""The desk: what waits, in the right order, counted, narrowed; and only what a person may see."""

import re

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.cases.steps import docketed, handling
from tests.cast import DAMAGED_ROAD, IN_GRID_3, IN_OTHER_GRID, Town
from wangge.cases.actions import desk, intake
from wangge.catalog.models import Sensitivity
from wangge.office.models import Disclosure

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.office.urls")]


def numbers(html: str) -> list[str]:
    """Case numbers of the list in their order."""
    return re.findall(r'href="/office/cases/([^/"]+)/" data-open', html)


def test_the_clerk_finds_what_waits_soonest_first(town: Town, sit_down, morning) -> None:
    late = town.reported("门口道路破了一个大坑").case
    morning.shift(3600)
    town.later(hours=1)
    urgent = town.reported("井盖没了,有人差点掉下去", category="2101").case
    noise = town.case_at(IN_OTHER_GRID)

    clerk = sit_down("intake_clerk").open("/office/?wait=")

    assert set(numbers(clerk.html)) == {late.number, urgent.number}
    assert noise.number not in clerk.html
    assert "还剩" in clerk.html
    assert numbers(clerk.html) == [urgent.number, late.number]  # two hours against three days


def test_every_count_is_the_length_of_its_list(town: Town, sit_down) -> None:
    town.reported("路灯不亮")
    town.reported("垃圾没人收", at=IN_GRID_3)
    docketed(town)
    handling(town)
    town.case_at(IN_OTHER_GRID)
    for name in (
        "intake_clerk",
        "dispatcher",
        "shift_leader",
        "works_handler",
        "county_dispatcher",
        "zone_manager",
    ):
        seat = sit_down(name).open("/office/?wait=")
        counted = dict(re.findall(r'data-wait="(\w+)" data-n="(\d+)"', seat.html))
        for key, n in counted.items():
            assert len(numbers(seat.open(f"/office/?wait={key}").html)) == int(n), (name, key)


def test_filters_narrow_and_stand_in_the_address(town: Town, sit_down) -> None:
    road = docketed(town).case
    rubbish = town.reported("小区门口垃圾没人收", at=IN_GRID_3).case
    clerk = sit_down("intake_clerk")

    def found(query: str) -> set[str]:
        return set(numbers(clerk.open(f"/office/cases/?{query}").html))

    assert found("") == {road.number, rubbish.number}
    assert found("state=docketed") == {road.number}
    assert found(f"category={DAMAGED_ROAD}") == {road.number}
    assert found(f"category={DAMAGED_ROAD}+路面破损") == {road.number}
    assert found("area=370999001002") == {rubbish.number}
    assert found("area=银沙滩社区") == {rubbish.number}
    assert found("q=垃圾") == {rubbish.number}
    assert "小区门口<mark>垃圾</mark>没人收" in clerk.html
    assert found(f"q={road.number[:-2]}&open=open") == {road.number}
    assert clerk.open(f"/office/cases/?q={road.number.lower()}").address == f"/office/cases/{road.number}/"
    assert found("light=red") == set()
    assert found("light=green") == {road.number, rubbish.number}
    assert found("channel=hotline_12345") == set()
    assert "没有符合条件的案件" in clerk.html


def test_looking_for_a_telephone_is_exact_and_written_down(town: Town, sit_down) -> None:
    mine = town.reported(phone="13900001111").case
    town.reported(phone="13900002222")
    clerk = sit_down("intake_clerk").open("/office/cases/")

    assert numbers(clerk.send("/by-phone/", phone="139 0000 1111").html) == [mine.number]
    assert numbers(clerk.send("/by-phone/", phone="1390000").html) == []
    assert clerk.says("没有这个电话的案件")
    rows = Disclosure.objects.order_by("id")
    assert [(row.kind, row.asked, row.n_rows) for row in rows] == [
        ("phone_search", "139****1111", 1), ("phone_search", "****0000", 0)
    ]  # fmt: skip
    assert "13900001111" not in str(list(rows.values()))
    assert numbers(clerk.open("/office/cases/?q=13900001111").html) == []
    grid = sit_down("grid_worker").open("/office/cases/")
    assert "/by-phone/" not in grid.html
    assert grid.client.post("/office/cases/by-phone/", {"phone": "13900001111"}).status_code == 403


def test_pages_of_a_long_list_neither_repeat_nor_lose(town: Town, sit_down) -> None:
    for n in range(53):
        town.reported(f"第{n}件事", is_anonymous=True)
    clerk = sit_down("intake_clerk").open("/office/?wait=accept")
    first = numbers(clerk.html)
    town.reported("新来的一件")
    older = re.search(r'rel="next" href="([^"]+)"', clerk.html)
    second = numbers(clerk.open("/office/" + older[1].replace("&amp;", "&")).html)

    assert len(first) == 50
    assert not set(first) & set(second)
    assert len(second) == 4  # three of the list, and the one that came meanwhile


def test_a_list_costs_the_same_however_long_it_is(town: Town, sit_down) -> None:
    town.reported()
    clerk = sit_down("intake_clerk").open("/office/?wait=accept")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            clerk.open("/office/?wait=accept")
        return sum(
            "changestamp" not in query["sql"] for query in seen
        )  # looked at every two seconds, not every page

    clerk.open("/office/?wait=accept")
    one = queries()
    for _ in range(20):
        town.reported(is_anonymous=True)
    # session, user, posts, what waits, cases, clocks, areas, unread messages
    assert queries() == one == 8


def test_a_restricted_case_is_nowhere_for_the_others(town: Town, sit_down) -> None:
    made = town.reported("邻居家孩子的事,请面谈")
    desk_clerk = town.actor("intake_clerk")
    intake.accept(made.case.pk, actor=desk_clerk)
    desk.triage(made.case.pk, actor=desk_clerk, sensitivity=Sensitivity.RESTRICTED, named=["shift_leader"])

    for name in (
        "dispatcher",
        "checker",
        "community_manager",
        "grid_worker",
        "street_leader",
        "county_dispatcher",
    ):
        seat = sit_down(name)
        assert made.case.number not in seat.open("/office/cases/?open=").html, name
        assert seat.open(f"/office/cases/{made.case.number}/").status == 404
        assert "邻居家孩子" not in seat.html
    leader = sit_down("shift_leader")
    assert made.case.number in leader.open("/office/cases/").html
    assert "限定" in leader.html
    exported = leader.client.get("/office/cases/export.csv").getvalue().decode("utf-8-sig")
    assert made.case.number not in exported


def test_exports_hold_no_number_of_a_person(town: Town, sit_down) -> None:
    town.reported(
        "请打我电话13812341234,我是张三丰", address="海边路3号 电话13812341234", title="求助 13812341234"
    )
    clerk = sit_down("intake_clerk")

    exported = clerk.client.get("/office/cases/export.csv?wait=accept").getvalue().decode("utf-8-sig")
    book = clerk.client.get("/office/cases/export.xlsx?wait=accept")

    assert "13812341234" not in exported
    assert "张三丰" not in exported
    assert "※ 导出人 by: 褚受" in exported
    assert "共 1 条" in exported
    assert book["Content-Type"].startswith("application/vnd.openxmlformats")
    assert list(Disclosure.objects.order_by("id").values_list("kind", "n_rows")) == [
        ("export_csv", 1),
        ("export_xlsx", 1),
    ]


def test_empty_lists_say_why(town: Town, sit_down) -> None:
    assert sit_down("dispatcher").open("/office/?wait=").says("现在没有等您办理的案件")
    assert sit_down("dispatcher").open("/office/cases/").says("还没有案件")


@pytest.mark.parametrize("name", ["volunteer", "security_admin"])
def test_without_an_office_post_nobody_enters(town: Town, sit_down, name: str) -> None:
    town.reported()
    for path in (
        "/office/cases/",
        "/office/figures/",
        "/office/areas/",
        "/office/import/",
        "/office/cases/new/",
    ):
        assert sit_down(name).open(path).status == 403


def test_people_on_foot_go_on_to_the_phone(town: Town, sit_down) -> None:
    answer = sit_down("grid_worker").client.get("/office/")
    assert answer.status_code in (200, 302)  # 302 where the phone's pages are mounted
    assert sit_down("security_admin").client.get("/office/").url == "/admin/"


def test_what_was_taken_out_can_be_read_but_not_changed(town: Town, sit_down) -> None:
    sit_down("intake_clerk").client.get("/office/cases/export.csv").getvalue()
    row = Disclosure.objects.get()
    with pytest.raises(ProgrammingError), transaction.atomic():
        Disclosure.objects.filter(pk=row.pk).update(n_rows=0)
    with pytest.raises(ProgrammingError), transaction.atomic():
        row.delete()
    assert town.people["audit_admin"].has_perm("office.view_disclosure")
    assert not town.people["system_admin"].has_perm("office.view_disclosure")
