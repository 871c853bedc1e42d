"""Registering for somebody at the counter or on the telephone: place by address, area or a click on the map."""

import base64
import re

import pytest

from tests.cast import RUBBISH, Town
from wangge.cases.models import Case, Reporter
from wangge.kit.geo import Bbox
from wangge.kit.map_view import View

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.office.urls")]

NEW = "/office/cases/new/"


def test_a_walk_in_is_registered_and_told_the_code(town: Town, sit_down) -> None:
    clerk = sit_down("intake_clerk").open(NEW)
    _, fields = clerk.form("")
    clerk.send_form(
        NEW, fields, text="楼下垃圾桶满了没人收", name="李四", phone="139 0000 1111", address="长江路3号", category_other=RUBBISH,
        channel="hotline_12345", origin_number="GD-77", area="370999001001001 长江路第一网格",
    )  # fmt: skip

    case = Case.objects.get()
    assert clerk.address == f"/office/cases/{case.number}/"
    assert re.search(r"请把查询码告诉诉求人:[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{6}", clerk.html)
    assert (case.category.code, case.channel, case.origin_number) == (RUBBISH, "hotline_12345", "GD-77")
    assert case.area.code == "370999001001001"
    assert case.submitter == town.people["intake_clerk"]
    assert Reporter.objects.get().phone_sealed is not None


def test_the_code_stands_in_no_cookie_and_no_session(town: Town, sit_down) -> None:
    clerk = sit_down("intake_clerk").open(NEW)
    _, fields = clerk.form("")
    given = {
        **fields,
        "text": "楼下垃圾桶满了没人收",
        "phone": "13900001111",
        "area": "370999001001001 长江路第一网格",
    }
    answer = clerk.client.post(NEW, given)
    assert answer.status_code == 302
    carried = answer.cookies["messages"].value
    page = clerk.client.get(answer["Location"]).content.decode()
    code = re.search(r"请把查询码告诉诉求人:([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{6})", page)
    assert code is not None
    for hidden in (carried.encode(), base64.urlsafe_b64decode(carried)):
        assert code[1].encode() not in hidden
        assert code[1][:4].encode() not in hidden
    assert code[1] not in str(dict(clerk.client.session))
    assert code[1] not in clerk.client.get(answer["Location"]).content.decode()  # shown once

    for odd in (carried[:-4] + "AAAA", "x", carried[8:]):  # what is not ours says nothing and breaks nothing
        clerk.client.cookies["messages"] = odd
        again = clerk.client.get(answer["Location"])
        assert (again.status_code, code[1] in again.content.decode()) == (200, False)


def test_a_click_on_the_map_is_a_position(town: Town, sit_down) -> None:
    clerk = sit_down("intake_clerk").open(NEW)
    _, fields = clerk.form("")
    extent = Bbox(*(float(part) for part in fields["extent"][0].split(",")))
    view = View(extent, 560, 400)
    x, y = view.point(120.105, 35.905)

    clerk.send_form(NEW, fields, text="这里有个坑", **{"spot.x": f"{x:.0f}", "spot.y": f"{y:.0f}"})
    assert clerk.status == 200
    assert Case.objects.count() == 0
    _, fields = clerk.form("")
    assert fields["text"] == ["这里有个坑"]
    assert abs(float(fields["lon"][0]) - 120.105) < 0.0002
    assert abs(float(fields["lat"][0]) - 35.905) < 0.0002
    assert fields["extent"] != [",".join(f"{edge:.6f}" for edge in extent)]  # closer now
    clerk.send_form(NEW, fields, is_anonymous="on")

    case = Case.objects.get()
    assert case.area.code == "370999001001001"
    assert case.position_source == "dispatcher"


def test_categories_are_proposed_from_the_words(town: Town, sit_down) -> None:
    clerk = sit_down("intake_clerk").open(NEW)
    _, fields = clerk.form("")
    clerk.send_form(NEW, fields, text="门口垃圾没人收,臭气熏天", classify="1")

    assert "文中提到" in clerk.html
    assert 'data-key="1"' in clerk.html
    assert "门口垃圾没人收" in clerk.html


def test_somewhere_it_must_be_and_nothing_is_lost(town: Town, sit_down) -> None:
    clerk = sit_down("intake_clerk").open(NEW)
    _, fields = clerk.form("")
    clerk.send_form(NEW, fields, text="很长的一段话", phone="12")

    assert clerk.status == 422
    assert "很长的一段话" in clerk.html
    assert "至少一项" in clerk.html
    clerk.send_form(NEW, clerk.form("")[1], address="长江路3号", lon="120.1")
    assert clerk.status == 422
    assert "经度和纬度要一起填" in clerk.html
    clerk.send_form(NEW, clerk.form("")[1], lon="")
    assert clerk.status == 422
    assert "电话号码不对" in clerk.html
    assert Case.objects.count() == 0


def test_departments_do_not_register_for_residents(town: Town, sit_down) -> None:
    assert sit_down("works_handler").open(NEW).status == 403
    assert "代为上报" not in sit_down("works_handler").open("/office/cases/").html


def test_the_same_original_number_twice_is_said_and_nothing_breaks(town: Town, sit_down) -> None:
    clerk = sit_down("intake_clerk").open(NEW)
    given = {"text": "路灯不亮", "address": "长江路3号", "channel": "hotline_12345", "origin_number": "GD-77"}
    clerk.send_form(NEW, clerk.form("")[1], **given)
    clerk.open(NEW).send_form(NEW, clerk.form("")[1], **given)

    assert Case.objects.count() == 1
    assert clerk.status == 409
    assert "GD-77" in clerk.html
    assert "路灯不亮" in clerk.html


def test_what_is_no_verb_is_no_page(town: Town, sit_down) -> None:
    made = town.reported()
    clerk = sit_down("intake_clerk")
    page = f"/office/cases/{made.case.number}/"

    assert clerk.client.post(f"{page}do/nothing/").status_code == 404
    assert clerk.client.post(f"{page}do/report/").status_code == 404
    assert (
        clerk.client.post(f"{page}do/rate/", {"service": "satisfied", "result": "solved"}).status_code == 403
    )
    assert clerk.client.post(f"{page}do/archive/").status_code == 403
    assert clerk.client.get(f"{page}do/accept/").status_code == 405
