"""Following by the code: from the report to a satisfied closing, with its turns, and nobody else's data."""

from __future__ import annotations

import pytest

from tests.cases.steps import checked, docketed, handled, handling
from tests.files.media import photo
from tests.portal.browser import Browser
from tests.portal.test_report import reported, upload
from wangge.cases.actions import Reported, closing, desk, intake, linking, notes, refusal, unit
from wangge.cases.models import Case
from wangge.kit.models import RateRow

STAFF = ("卫派", "褚受", "许工", "沈核", "蒋班")


def made_by(code: str) -> Reported:
    return Reported(Case.objects.latest("id"), code)


def test_from_the_report_to_a_satisfied_closing_with_a_dissatisfied_turn(town, browser):
    place = {"address": "长江路 12 号", "area": town.areas["community_a"].code}
    code = reported(browser, "门口道路破了一个大坑", who={"phone": "13812341234"}, **place)
    made, url = made_by(code), f"/follow/{code}/"
    assert "已收到,正在登记" in browser.open(url).text
    assert "最迟 11月19日 09:00 答复" in browser.page.text
    docketed(town, made)
    assert "情况已确认" in browser.open(url).text
    desk.dispatch(made.case.pk, actor=town.actor("dispatcher"), lead="works", advice="内部意见:先查是谁挖的")
    unit.take(made.case.pk, actor=town.actor("works_handler"))
    notes.note(made.case.pk, actor=town.actor("works_handler"), text="内部备注")
    page = browser.open(url)
    assert "望海县市政工程处 正在办理" in page.text
    handled(town, made)
    closing.check_passed(made.case.pk, actor=town.actor("checker"))
    page = browser.open(url)
    assert "请您看看问题是否解决" in page.text
    assert "坑已填平,路面恢复" in page.text
    browser.open(next(link for link in page.links if link.endswith("not_solved")))
    browser.send(service="fair")
    assert browser.status == 422
    assert "请告诉我们哪里没有解决" in browser.page.text
    browser.send(service="fair", why="incomplete", note="还剩一半没铺")
    assert browser.url == url
    assert "已收到您的评价" in browser.page.text
    assert "正在办理" in browser.page.text
    assert Case.objects.get().is_dissatisfied
    town.later(hours=2)
    handled(town, made)
    closing.check_passed(made.case.pk, actor=town.actor("checker"))
    browser.open(url + "rate/?result=solved")
    browser.send(service="satisfied")
    assert "已办结。如问题没有解决,12月1日 11:00 前可申请重新办理" in browser.page.text
    case = Case.objects.get()
    assert (case.state, case.close_type) == ("closed", "solved")
    for hidden in (*STAFF, "内部", "13812341234"):
        assert hidden not in browser.page.html


def test_what_stands_on_the_page_is_safe_to_keep(town, browser):
    code = reported(browser)
    answer = browser.client.get(f"/follow/{code}/")
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not [s for s in browser.page.sources if "://" in s]
    # however it is typed
    browser.open("/follow/")
    browser.send(code=f" {code.lower().replace('-', ' ')} ")
    assert browser.url == f"/follow/{code}/"
    browser.open(f"/follow/{code.lower()}/")
    assert browser.url == f"/follow/{code}/"


def test_wrong_codes_get_one_answer_and_are_limited(town, browser):
    answers = set()
    for wrong in ("XXXX-XXXX-XXXXXX", "0000-0000-000000", "short", "很短", "A" * 60):
        browser.open("/follow/")
        browser.send(code=wrong)
        assert browser.status == 404
        answers.add(browser.page.text.replace(wrong, "").count("没有这个查询码"))
        assert browser.open(f"/follow/{wrong}/")
        assert browser.status == 404
    assert answers == {1}
    for n in range(95):
        browser.client.get(f"/follow/WRONG{n}/")
    assert browser.client.get("/follow/ABCD-ABCD-ABCDEF/").status_code == 429
    code = town.reported().code
    assert browser.open(f"/follow/{code}/")
    assert browser.status == 429
    assert "操作太频繁" in browser.page.text
    other = Browser()
    other.client.defaults["REMOTE_ADDR"] = "192.0.2.9"
    assert other.open(f"/follow/{code}/")
    assert other.status == 200
    town.later(minutes=16)
    assert browser.open(f"/follow/{code}/")
    assert browser.status == 200


def test_when_everybody_guesses_each_network_gets_a_few(town, browser):
    code = town.reported().code
    RateRow.objects.create(bucket="code:wrong:everybody", window_started_at=town.clock.at, n_requests=3_000)
    for n in range(10):
        assert browser.client.get(f"/follow/WRONG{n}/").status_code == 404
    assert browser.client.get("/follow/WRONG/").status_code == 429
    assert browser.client.get(f"/follow/{code}/").status_code == 429


def test_supplement_with_a_photo_urge_once_a_day(town, browser):
    made = handling(town)
    url = f"/follow/{made.code}/"
    browser.open(url + "supplement/")
    browser.send()
    assert "请写几个字或添加照片" in browser.page.text
    browser.send(words="又大了一圈", photos=upload(b"nothing", "x.jpg"))
    assert "x.jpg" in browser.page.text
    assert browser.form()["fields"]["words"] == "又大了一圈"
    browser.send(photos=upload(photo()))
    assert browser.url == url
    assert "已补充" in browser.page.text
    case = Case.objects.get()
    evidence = case.evidence.get()
    assert browser.fetch(f"{url}photo/{evidence.file.key}/?small") == (200, "image/jpeg")
    assert browser.fetch(f"/follow/{town.reported().code}/photo/{evidence.file.key}/")[0] == 404
    browser.open(url + "urge/")
    browser.send()
    assert "已催办" in browser.page.text
    browser.open(url + "urge/")
    browser.send()
    assert browser.status == 409
    assert "今天已经催办过" in browser.page.text
    town.later(hours=24)
    browser.open(url + "urge/")
    browser.send()
    assert browser.url == url


def test_a_verb_sent_twice_is_one_entry(town, browser):
    made = handling(town)
    browser.open(f"/follow/{made.code}/supplement/")
    form = browser.form()
    fields = {**form["fields"], "words": "补充一句"}
    answers = [browser.client.post(f"/follow/{made.code}/supplement/", fields) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [f"/follow/{made.code}/"] * 2
    assert made.case.entries.filter(verb="supplement").count() == 1
    edited = browser.client.post(f"/follow/{made.code}/supplement/", {**fields, "words": "改了一句"})
    assert edited.status_code == 409
    assert "这一页刚才已经提交过" in edited.content.decode()


def test_withdrawing_ends_it_but_a_hazard_goes_on(town, browser):
    made = town.reported("垃圾没人收")
    browser.open(f"/follow/{made.code}/withdraw/")
    assert "不再答复您" in browser.page.text
    browser.send(words="已经有人收了")
    assert "已撤回" in browser.page.text
    assert Case.objects.get(pk=made.case.pk).state == "void"
    hazard = docketed(town)
    Case.objects.filter(pk=hazard.case.pk).update(has_hazard=True)
    browser.open(f"/follow/{hazard.code}/withdraw/")
    browser.send()
    assert Case.objects.get(pk=hazard.case.pk).state == "docketed"


def closed(town) -> Reported:
    made = checked(town)
    closing.rate(made.case.pk, actor=town.resident(made), service="satisfied", result="solved")
    return made


def test_reopening_within_fifteen_days_and_reporting_anew_later(town, browser):
    made = closed(town)
    url = f"/follow/{made.code}/"
    town.later(days=14)
    browser.open(url + "reopen/")
    browser.send()
    assert "请写几个字" in browser.page.text
    browser.send(words="又塌了")
    assert "已重新办理" in browser.page.text
    assert Case.objects.get().state == "handling"
    handled(town, made)
    closing.check_passed(made.case.pk, actor=town.actor("checker"))
    closing.rate(made.case.pk, actor=town.resident(made), service="satisfied", result="solved")
    town.later(days=16)
    page = browser.open(url)
    assert url + "reopen/" not in page.links
    browser.open(url + "reopen/")
    assert browser.status == 409
    assert "已超过 15 天" in browser.page.text
    browser.send("again")
    assert browser.url == "/report/"
    assert "与您原来那件关联" in browser.page.text
    browser.send(text="第三次塌了", go="next")
    browser.send(go="next")
    browser.send(go="send")
    new = Case.objects.latest("id")
    assert (new.parent_id, new.link) == (made.case.pk, "followed")


def test_posting_a_late_reopening_is_refused_by_the_server(town, browser):
    made = closed(town)
    browser.open(f"/follow/{made.code}/reopen/")
    town.later(days=16)
    browser.send(words="又塌了")
    assert browser.status == 409
    assert "重新反映" in browser.page.text
    assert Case.objects.get().state == "closed"


def test_a_declined_report_is_contested_once(town, browser):
    made = town.reported("邻居欠我钱不还")
    intake.accept(made.case.pk, actor=town.actor("intake_clerk"))
    refusal.propose_decline(
        made.case.pk, actor=town.actor("intake_clerk"), ground="other_channel", where="人民法院"
    )
    refusal.decline(made.case.pk, actor=town.actor("shift_leader"))
    browser.open(f"/follow/{made.code}/")
    assert "此事不在受理范围" in browser.page.text
    browser.open(f"/follow/{made.code}/contest/")
    browser.send(words="这不是欠款,是押金")
    assert "将由上一级复核" in browser.page.text
    browser.open(f"/follow/{made.code}/contest/")
    assert browser.status == 409


def test_merged_reporters_see_their_own_progress_and_nothing_of_each_other(town, browser):
    first = town.reported("甲说路口红绿灯坏了", name="甲某某", phone="13800000001", address="甲家楼下")
    second = town.reported("乙说红绿灯不亮", name="乙某某", phone="13800000002", address="乙家楼下")
    for made in (first, second):
        intake.accept(made.case.pk, actor=town.actor("intake_clerk"))
    linking.merge(second.case.pk, actor=town.actor("dispatcher"), parent=first.case.number, reason="同一处")
    page = browser.open(f"/follow/{second.code}/")
    assert "已与同类反映合并办理" in page.text
    for hidden in ("甲说", "甲某某", "13800000001", "甲家", first.case.number, first.code):
        assert hidden not in page.html
    page = browser.open(f"/follow/{first.code}/")
    for hidden in ("乙说", "乙某某", "13800000002", "乙家", second.case.number):
        assert hidden not in page.html


@pytest.mark.parametrize("verb", ["rate", "reopen", "contest"])
def test_what_is_not_possible_now_says_why(town, browser, verb):
    made = town.reported()
    browser.open(f"/follow/{made.code}/{verb}/")
    assert browser.status == 409
    assert "已上报" in browser.page.text
    browser.client.handler.enforce_csrf_checks = False
    answer = browser.client.post(
        f"/follow/{made.code}/{verb}/", {"service": "fair", "result": "solved", "words": "x"}
    )
    assert answer.status_code == 409
    assert Case.objects.get().n_entries == 1
