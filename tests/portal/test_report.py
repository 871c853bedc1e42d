"""Reporting in three steps, without a script."""

from __future__ import annotations

from io import BytesIO

import pytest

from tests.files.media import photo, photo_with_position
from tests.portal.browser import Browser
from wangge.cases.models import Case, Reporter
from wangge.cases.scope import visible_to
from wangge.files.models import StoredFile
from wangge.kit.ids import normal_code


def upload(content: bytes, name: str = "a.jpg") -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file


def reported(browser: Browser, text: str = "路灯坏了两天", *, who: dict | None = None, **where) -> str:
    """A report through all steps; the code."""
    browser.open("/report/")
    browser.send(text=text, go="next")
    if browser.url == "/report/danger/":
        browser.send()
    assert browser.url == "/report/where/", browser.page.text
    browser.send(**(where or {"address": "长江路 12 号"}), go="next")
    assert browser.url == "/report/you/", browser.page.text
    browser.send(**(who or {}), go="send")
    assert browser.url.startswith("/follow/"), browser.page.text
    return browser.url.split("/")[2]


def test_three_steps_to_a_code(town, browser):
    code = reported(browser, who={"name": "李四", "phone": "138 1234 1234", "may_show": "on"})
    case = Case.objects.get()
    assert (case.text, case.address, case.channel, case.kind) == (
        "路灯坏了两天",
        "长江路 12 号",
        "public_report",
        "problem",
    )
    person = Reporter.objects.get()
    assert (person.is_anonymous, person.may_show_to_grid, person.language) == (False, True, "zh-hans")
    assert len(normal_code(code)) == 14
    for said in ("已收到", "收藏本页", "最迟 11月19日 09:00 答复", *code.split("-")):
        assert said in browser.page.text
    assert "<svg" in browser.page.html
    assert "李四" not in browser.page.text
    assert "13812341234" not in browser.page.html


def test_anonymous_leaves_neither_name_nor_number(town, browser):
    reported(browser, who={"who": "anonymous", "name": "李四", "phone": "13812341234", "may_show": "on"})
    person = Reporter.objects.get()
    assert person.is_anonymous
    assert not person.may_show_to_grid
    assert person.name_sealed is None
    assert person.phone_sealed is None


def test_what_was_said_stays_when_going_back_and_forth(town, browser):
    browser.open("/report/")
    browser.send(text="井盖没了", kind="help", camera=upload(photo()), go="next")
    browser.send(address="海边公园", area=town.areas["community_b"].code, go="back")
    assert browser.url == "/report/"
    assert browser.form()["fields"]["text"] == "井盖没了"
    assert browser.form()["fields"]["kind"] == "help"
    assert browser.page.html.count("/report/files/") == 1
    browser.send(go="next")
    fields = browser.form()["fields"]
    assert (fields["address"], fields["area"]) == ("海边公园", town.areas["community_b"].code)
    browser.send(go="next")
    browser.send(name="王五", go="back")
    browser.send(go="next")
    assert browser.form()["fields"]["name"] == "王五"
    browser.open("/")
    assert "接着写" in browser.page.text
    browser.open("/report/you/")
    browser.send(go="send")
    case = Case.objects.get()
    assert (case.kind, case.area, case.evidence.count()) == ("help", town.areas["community_b"], 1)


def test_sent_twice_is_one_case_with_the_same_answer(town, browser):
    browser.open("/report/")
    browser.send(text="垃圾没人收", go="next")
    browser.send(address="长江路", go="next")
    form = browser.form()
    fields = {**form["fields"], "go": "send", "phone": "13812341234"}
    first = browser.client.post(form["action"], fields)
    second = browser.client.post(form["action"], fields)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert second["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1
    # edited after going back: the same report, and a sentence about it
    browser.client.post(form["action"], {**fields, "phone": "13900000000"})
    assert "这份反映之前已经提交" in browser.open(first["Location"]).text
    assert Case.objects.count() == 1
    # the draft is gone: the next report is another one
    browser.open("/report/")
    assert browser.form()["fields"]["text"] == ""


def test_an_old_form_sent_after_all_says_so_and_makes_nothing(town, browser):
    browser.open("/report/")
    browser.send(text="垃圾没人收", go="next")
    browser.send(address="长江路", go="next")
    form = browser.form()
    browser.send(go="send")
    answer = browser.client.post(
        form["action"], {**form["fields"], "idempotency_key": "another", "go": "send"}
    )
    assert answer.status_code == 410
    assert "已经提交" in answer.content.decode()
    assert Case.objects.count() == 1


def test_nothing_said_and_nowhere_are_asked_for_kindly(town, browser):
    browser.open("/report/")
    browser.send(go="next")
    assert browser.status == 422
    assert "请写几个字,或拍一张照片" in browser.page.text
    browser.send(text="坏了", go="next")
    browser.send(go="next")
    assert browser.status == 422
    assert "请告诉我们在哪里" in browser.page.text
    browser.send(address="长江路", go="next")
    browser.send(phone="号码不对", go="send")
    assert browser.status == 422
    assert "电话号码不对" in browser.page.text
    assert browser.form()["fields"]["phone"] == "号码不对"
    assert not Case.objects.exists()


def test_a_later_step_without_the_earlier_ones_leads_to_the_first(town, browser):
    for url in ("/report/where/", "/report/you/", "/report/danger/"):
        browser.open(url)
        assert browser.url == "/report/"
    assert browser.client.get("/report/where/map.svg").status_code == 404


def test_a_photo_that_cannot_be_taken_is_said_and_the_rest_kept(town, browser):
    browser.open("/report/")
    browser.send(text="路面塌了", camera=upload(photo()), photos=upload(b"GIF89a....", "x.gif"), go="next")
    assert browser.status == 422
    assert "x.gif" in browser.page.text
    assert "不支持这种文件" in browser.page.text
    assert browser.form()["fields"]["text"] == "路面塌了"
    assert browser.page.html.count('name="remove"') == 1
    key = StoredFile.objects.get().key
    assert browser.fetch(f"/report/files/{key}/?small") == (200, "image/jpeg")
    assert Browser().fetch(f"/report/files/{key}/")[0] == 404
    browser.send(go="stay", remove=str(key))
    assert browser.page.html.count('name="remove"') == 0


def test_the_place_in_a_photo_is_used_only_when_wanted(town, browser, settings):
    at_grid_1 = photo_with_position()
    browser.open("/report/")
    browser.send(text="看照片", camera=upload(at_grid_1), go="next")
    assert "您的照片记录了拍摄地点" in browser.page.text
    browser.send(address="长江路", go="next")
    browser.send(go="send")
    assert Case.objects.get().lon is None
    browser.open("/report/")
    browser.send(text="看照片", camera=upload(at_grid_1), go="next")
    browser.send(go="camera")
    assert "标出的位置不在本辖区内" in browser.page.text
    browser.send(go="next")
    browser.send(go="send")
    case = Case.objects.latest("id")
    assert (case.lon, case.lat, case.position_source) == (120.38, 36.07, "camera")


def test_a_tap_on_the_map_marks_the_place_and_comes_closer(town, browser):
    browser.open("/report/")
    browser.send(text="树倒了", go="next")
    picture = browser.client.get("/report/where/map.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert b"<svg" in picture.content
    for _ in range(6):
        browser.send(**{"spot.x": "120", "spot.y": "200"})
        assert browser.url.startswith("/report/where/")
    assert "已标出" in browser.page.text
    closest = browser.client.get("/report/where/map.svg").content
    assert closest != picture.content
    browser.send(**{"spot.x": "0", "spot.y": "0"})
    assert "没有点到地图上" in browser.page.text
    browser.send(go="next")
    browser.send(go="send")
    case = Case.objects.get()
    assert case.position_source == "map"
    assert case.area is not None
    assert 0 < case.accuracy_m < 50
    assert case.area.level == "grid"


def test_the_telephones_position(town, browser):
    browser.open("/report/")
    browser.send(text="树倒了", go="next")
    browser.send(go="gps", lon="", lat="", accuracy="")
    assert "没有取得定位" in browser.page.text
    browser.send(go="gps", lon="120.105", lat="35.905", accuracy="18.4")
    assert "长江路第一网格" in browser.page.text
    assert "误差约 18 米" in browser.page.text
    browser.send(area=town.areas["community_b"].code, go="next")
    assert "不在您选的" in browser.page.text
    browser.send(area="", go="next")
    browser.send(go="send")
    case = Case.objects.get()
    assert (case.area, case.accuracy_m, case.position_source) == (town.areas["grid_1"], 18.4, "gps")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("楼上天天打孩子,哭得厉害", "110"), ("我被丈夫打了", "110"), ("家里有煤气味", "119"), ("不想活了", "12356"),
        ("有人晕倒在路边", "120"), ("有人持刀", "110"), ("my husband beat me", "110"),
    ],
)  # fmt: skip
def test_who_may_be_in_danger_is_told_the_number_first(town, browser, text, number):
    browser.open("/report/")
    browser.send(text=text, go="next")
    assert browser.url == "/report/danger/"
    assert next(link for link in browser.page.links if link.startswith("tel:")) == f"tel:{number}"
    browser.send()
    assert browser.url == "/report/where/"


def test_violence_is_restricted_from_the_first_moment(town, browser):
    reported(browser, "我被丈夫打了", address="长江路 12 号", area=town.areas["community_a"].code)
    case = Case.objects.get()
    assert (case.sensitivity, case.category.code, case.urgency) == ("restricted", "PS06", "critical")
    assert not visible_to(town.actor("grid_worker")).filter(pk=case.pk).exists()
    assert visible_to(town.actor("shift_leader")).filter(pk=case.pk).exists()


@pytest.mark.parametrize("text", ["路灯坏了", "学校门口堵车", "孩子放学路上没有人行道", "消防通道被占"])
def test_ordinary_reports_are_not_held_up(town, browser, text):
    browser.open("/report/")
    browser.send(text=text, go="next")
    assert browser.url == "/report/where/"


def test_too_many_reports_are_refused_kindly_and_nothing_is_lost(town, browser):
    for n in range(12):
        reported(browser, f"第{n}件")
    browser.open("/report/")
    browser.send(text="第十三件", go="next")
    browser.send(address="长江路", go="next")
    browser.send(phone="13812341234", go="send")
    assert browser.status == 429
    assert "操作太频繁" in browser.page.text
    assert browser.form()["fields"]["phone"] == "13812341234"
    assert "第十三件" in browser.page.text
    assert Case.objects.count() == 12
    town.later(hours=1, seconds=1)
    browser.open("/report/you/")
    browser.send(go="send")
    assert Case.objects.count() == 13


def test_a_form_with_an_old_token_keeps_what_was_typed(town, browser):
    browser.open("/report/")
    browser.send(text="写了很久的话 <b>", csrfmiddlewaretoken="x" * 64, go="next")
    assert browser.status == 403
    assert "请再点一次提交" in browser.page.text
    assert "写了很久的话 <b>" in browser.page.text
    browser.send()
    assert browser.url == "/report/where/"
    browser.open("/report/")
    assert browser.form()["fields"]["text"] == "写了很久的话 <b>"


def test_secrets_of_state_are_refused_with_a_sentence(town, browser):
    browser.open("/report/")
    browser.send(text="机密★ 某某", go="next")
    browser.send(address="长江路", go="next")
    browser.send(go="send")
    assert browser.status == 403
    assert "不得处理国家秘密" in browser.page.text


def test_the_draft_lies_sealed_in_the_session(town, browser):
    browser.open("/report/")
    browser.send(text="只有我知道的话", go="next")
    browser.send(address="长江路", go="next")
    browser.send(name="李四", phone="13812341234", go="back")
    held = str(dict(browser.client.session))
    assert "13812341234" not in held
    assert "李四" not in held


def test_in_english(town):
    browser = Browser("en")
    reported(browser, "The lamp is dark")
    assert Reporter.objects.get().language == "en"
    assert "You will be answered by 19 Nov 09:00" in browser.page.text
