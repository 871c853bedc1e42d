"""The whole loop through the API, from a resident's report to a satisfied closing."""

from __future__ import annotations

import pytest
import time_machine

from tests.api.knocking import Caller, browser, machine, photo
from tests.cast import DAMAGED_ROAD, MONDAY_MORNING, Town

pytestmark = pytest.mark.django_db


def test_a_report_goes_all_the_way_with_one_dissatisfied_turn(town: Town, anybody: Caller) -> None:
    made = anybody.report(text="长江路1号门口道路破了一个大坑")
    number, code = made["number"], made["code"]
    assert made["state"] == "reported"
    assert made["area"] == "370999001001001"
    clerk, dispatcher = machine(town, "intake_clerk"), machine(town, "dispatcher")
    works, checker, leader = (
        machine(town, "works_handler"),
        machine(town, "checker"),
        machine(town, "shift_leader"),
    )

    # the desk
    assert [row["key"] for row in clerk.get("waiting").must(200)["items"]] == ["accept"]
    assert clerk.post(f"cases/{number}/accept").must(200)["state"]["code"] == "accepted"
    suggested = clerk.get(f"cases/{number}/suggestions").must(200)["items"]
    assert suggested[0]["category"]["code"] == DAMAGED_ROAD
    clerk.post(f"cases/{number}/docket", category=DAMAGED_ROAD).must(200)
    proposed = dispatcher.get(f"cases/{number}/proposals").must(200)["items"]
    assert "职责清单" in proposed[0]["reason"]["zh"]
    assert "works" in [one["unit"]["code"] for one in proposed]
    sent = dispatcher.post(f"cases/{number}/dispatch", lead="works").must(200)
    assert sent["unit"]["name"]["zh"] == "望海县市政工程处"
    assert anybody.get(f"follow/{code}").must(200)["sentence"]["zh"] == "已交 望海县市政工程处 办理"

    # the unit
    works.post(f"cases/{number}/take").must(200)
    refused = works.post(f"cases/{number}/report_result", result="已修补")
    assert refused.status == 422
    assert refused.error["details"]["field"] == "photos_after"
    key = works.upload().must(201)["key"]
    works.post(f"cases/{number}/report_result", result="已修补", photos_after=[key]).must(200)
    assert (
        checker.post(f"cases/{number}/check_passed", kind="on_site").must(200)["state"]["code"] == "checked"
    )

    # the resident says no: nobody may close, whatever the client
    told = anybody.post(f"follow/{code}/rate", service="fair", result="not_solved", why="incomplete").must(
        200
    )
    assert told["state"]["code"] == "handling"
    assert told["n_rework"] == 1
    too_early = leader.post(f"cases/{number}/close", close_type="solved")
    assert (too_early.status, too_early.error["code"]) == (409, "state")

    # again, and a verdict that does not send it back: still no closing
    key = works.upload(photo("black")).must(201)["key"]
    works.post(f"cases/{number}/report_result", result="重新铺过", photos_after=[key]).must(200)
    checker.post(f"cases/{number}/check_passed").must(200)
    anybody.post(f"follow/{code}/rate", service="fair", result="not_solved", why="policy").must(200)
    for close_type in ("solved", "unreached", "legal_channel"):
        closing = leader.post(f"cases/{number}/close", close_type=close_type)
        assert (closing.status, closing.error["code"]) == (409, "dissatisfied")
        assert "不能结案" in closing.error["zh"]
        assert "cannot be closed" in closing.error["en"]

    # satisfied: closed in the same transaction
    done = anybody.post(f"follow/{code}/rate", service="satisfied", result="solved").must(200)
    assert done["state"]["code"] == "closed"
    assert done["sentence"]["zh"].startswith("已办结。如问题没有解决,12月1日")
    assert done["answer"] == "重新铺过"
    assert {one["verb"]["code"] for one in done["offers"]} >= {"reopen"}
    case = clerk.get(f"cases/{number}").must(200)
    assert [entry["verb"]["code"] for entry in case["timeline"]][:3] == ["rate", "rate", "check_passed"]
    assert [one["role"]["code"] for one in case["evidence"]] == ["after", "after"]


def test_accept_docket_and_dispatch_in_one_submission(town: Town, anybody: Caller) -> None:
    number = anybody.report()["number"]
    county = machine(town, "county_dispatcher")
    done = county.post(
        f"cases/{number}/one_desk", {"Prefer": "return=representation"},
        category=DAMAGED_ROAD, lead="works", assisting=["urban"], advice="尽快",
    )  # fmt: skip
    case = done.must(200)
    assert done.headers["Preference-Applied"] == "return=representation"
    assert case["state"]["code"] == "dispatched"
    assert [entry["verb"]["code"] for entry in case["timeline"]] == ["dispatch", "docket", "accept", "report"]


def test_a_verb_answers_the_line_that_a_list_shows(town: Town, anybody: Caller) -> None:
    anybody.report(text="另一件")
    number = anybody.report()["number"]
    clerk = machine(town, "intake_clerk")
    done = clerk.post(f"cases/{number}/accept").must(200)
    (line,) = (one for one in clerk.get("cases").must(200)["items"] if one["number"] == number)
    assert (done["state"]["code"], done["n_entries"]) == ("accepted", 2)
    for moving in ("left", "light"):  # a second may lie between the two
        done["deadline"].pop(moving), line["deadline"].pop(moving)
    assert done == line
    assert clerk.post("cases/370299001-20261116-0XXXXX/note", text="无此案").status == 404


def test_a_signed_in_browser_may_do_the_same_with_its_csrf_token(town: Town, anybody: Caller) -> None:
    number = anybody.report()["number"]
    clerk = browser(town.people["intake_clerk"])
    assert clerk.get(f"cases/{number}").must(200)["number"] == number
    without = clerk.post(f"cases/{number}/accept")
    assert (without.status, without.error["code"]) == (403, "csrf_failed")
    clerk.client.get("/me/")
    token = clerk.client.cookies["csrftoken"].value
    assert (
        clerk.post(f"cases/{number}/accept", {"X-CSRFToken": token}).must(200)["state"]["code"] == "accepted"
    )


def test_a_clerk_reports_on_behalf_and_the_resident_keeps_the_veto(town: Town) -> None:
    clerk = machine(town, "intake_clerk")
    made = clerk.post(
        "cases",
        text="来电反映楼道堆物",
        address="长江路2号",
        channel="hotline_12345",
        for_resident=True,
        name="李四",
        phone="13900001111",
    ).must(201)
    assert made["code"]
    assert Caller().get(f"follow/{made['code']}").must(200)["number"] == made["number"]
    own = clerk.post("cases", text="巡查发现井盖松动", lon=120.105, lat=35.905, channel="grid_patrol").must(
        201
    )
    assert own["code"] is None


def test_a_resident_supplements_urges_once_a_day_and_withdraws(town: Town, anybody: Caller) -> None:
    made = anybody.report()
    code = made["code"]
    key = anybody.upload().must(201)["key"]
    anybody.post(f"follow/{code}/supplement", words="晚上更臭", files=[key]).must(200)
    photos = anybody.get(f"follow/{code}").must(200)["photos"]
    assert photos[0]["key"] == key
    assert anybody.file(f"follow/{code}/files/{key}")[:2] == (200, "image/jpeg")
    anybody.post(f"follow/{code}/urge").must(200)
    again = anybody.post(f"follow/{code}/urge")
    assert (again.status, again.error["code"]) == (409, "urged_today")
    with time_machine.travel(MONDAY_MORNING.replace(day=17), tick=True):
        anybody.post(f"follow/{code}/urge").must(200)
    assert anybody.post(f"follow/{code}/withdraw").must(200)["state"]["code"] == "void"


def test_nobody_reads_another_persons_report_or_pictures(town: Town, anybody: Caller) -> None:
    mine, other = anybody.report(), Caller()
    theirs = other.report(text="别人的事", name="王五", phone="13700002222")
    key = other.upload().must(201)["key"]
    other.post(f"follow/{theirs['code']}/supplement", files=[key]).must(200)
    told = anybody.get(f"follow/{mine['code']}").response.content.decode()
    for secret in ("王五", "13700002222", "别人的事", "张三丰", "13812341234"):
        assert secret not in told
    assert anybody.file(f"follow/{mine['code']}/files/{key}")[0] == 404
    assert anybody.file(f"files/{key}")[0] == 404
    assert machine(town, "other_clerk").file(f"files/{key}")[0] == 404
    assert machine(town, "intake_clerk").file(f"files/{key}", thumbnail="true")[0] == 200
