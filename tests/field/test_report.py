"""上报 in three taps, on behalf of a resident, solved on the spot, sent twice, and with mistakes."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.cast import DAMAGED_ROAD, IN_GRID_1, IN_OTHER_GRID, RUBBISH, Town
from tests.field.conftest import photo
from wangge.cases.models import Case, Evidence, Inspection, Reporter
from wangge.cases.queries import reporter_by_code
from wangge.territory.actions.buildings import put_buildings

pytestmark = pytest.mark.django_db


def say_what(client: Client, **more: object) -> object:
    return client.post("/field/report/", {"text": "", **more})


def say_where(client: Client, at: tuple[float, float] = IN_GRID_1) -> object:
    return client.post("/field/report/where/", {"how": "gps", "lon": at[0], "lat": at[1], "accuracy_m": "12"})


def key_on(client: Client, address: str = "/field/report/category/") -> str:
    page = client.get(address).content.decode()
    return re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]


def say_which(client: Client, code: str = RUBBISH, **more: object) -> object:
    given = {"idempotency_key": key_on(client), "category": code, "solved": "no", **more}
    return client.post("/field/report/category/", given)


def text_of(answer: object) -> str:
    return answer.content.decode()


def test_three_taps(town: Town, phone) -> None:
    worker = phone("grid_worker")
    assert say_what(worker, camera=photo()).url == "/field/report/where/"
    assert say_where(worker).url == "/field/report/category/"
    page = text_of(worker.get("/field/report/category/"))
    assert "长江路第一网格" in page
    assert "±12" in page
    assert say_which(worker).url == "/field/report/done/"

    case = Case.objects.get()
    assert (case.state, case.category.code, case.channel) == ("reported", RUBBISH, "grid_patrol")
    assert (case.submitter.username, case.lon, case.lat, case.accuracy_m) == ("grid_worker", *IN_GRID_1, 12.0)
    assert case.area.code == town.areas["grid_1"].code
    assert case.title == case.category.name_zh, "a photo without words is named after its category"
    assert Evidence.objects.get(case=case).role == "before"
    assert not case.reporters.exists(), "the worker is the submitter, no reporter stands behind it"
    done = text_of(worker.get("/field/report/done/"))
    assert case.number in done
    assert "查询码" not in done
    assert worker.get("/field/report/").context["draft"].files == [], "the next report begins empty"


def test_words_alone_and_an_address_are_enough(town: Town, phone) -> None:
    worker = phone("grid_worker")
    say_what(worker, text="东门垃圾桶满了,垃圾堆了一地")
    assert worker.post("/field/report/where/", {"address": "东门小广场旁"}).url == "/field/report/category/"
    first = worker.get("/field/report/category/").context["offered"][0]
    assert first.words, "the first tile comes from the words"
    say_which(worker, first.code)
    case = Case.objects.get()
    assert (case.address, case.area.code, case.lon) == ("东门小广场旁", town.areas["grid_1"].code, None)


def test_nothing_said_is_told(phone) -> None:
    worker = phone("grid_worker")
    answer = say_what(worker)
    assert answer.status_code == 422
    assert "请拍一张照片" in text_of(answer)
    assert worker.get("/field/report/category/").url == "/field/report/"
    say_what(worker, text="路灯不亮")
    assert "写明地点" in text_of(worker.post("/field/report/where/", {"address": " "}))
    assert worker.get("/field/report/category/").url == "/field/report/where/"


def test_a_building_of_the_own_grids(town: Town, phone) -> None:
    houses = [
        ("B1", "听涛苑3号楼", "长江路3号", "grid_1", 120.104),
        ("B2", "听涛苑9号楼", "青山路9号", "other_grid", 120.124),
    ]
    rows = [
        {
            "code": code,
            "name_zh": name,
            "address": address,
            "area_code": town.areas[grid].code,
            "lon": lon,
            "lat": 35.904,
        }
        for code, name, address, grid, lon in houses
    ]
    put_buildings(rows, by="test", at=town.clock.at)
    worker = phone("grid_worker")
    say_what(worker, text="楼道堆物")
    page = text_of(worker.get("/field/report/where/", {"q": "听涛苑"}))
    assert "听涛苑3号楼" in page
    assert "听涛苑9号楼" not in page, "buildings of other grids are not offered"
    assert worker.post("/field/report/where/", {"building": "B2"}).status_code == 422
    assert worker.post("/field/report/where/", {"building": "B1"}).url == "/field/report/category/"
    say_which(worker)
    case = Case.objects.get()
    assert (case.address, case.lon, case.position_source) == ("听涛苑3号楼", 120.104, "address")


def test_on_behalf_of_a_resident(town: Town, phone) -> None:
    worker = phone("grid_worker")
    wrong = say_what(
        worker, text="下水道堵了", for_resident="on", name="张三丰", phone="一三八", may_show="on"
    )
    assert wrong.status_code == 422
    assert "只填数字" in text_of(wrong)
    assert "一三八" in text_of(wrong), "nothing typed is lost"
    assert "张三丰" in text_of(worker.get("/field/report/"))
    say_what(worker, text="下水道堵了", for_resident="on", name="张三丰", phone="13812341234", may_show="on")
    say_where(worker)
    say_which(worker, "0404")
    case = Case.objects.get()
    person = Reporter.objects.get(case=case)
    assert (case.channel, case.has_contact, person.may_show_to_grid) == ("grid_visit", True, True)
    assert (case.submitter.username, person.is_anonymous) == ("grid_worker", False)
    done = text_of(worker.get("/field/report/done/"))
    code = re.search(r'tracking-code">([^<]+)<', done)[1]
    assert reporter_by_code(code).case == case, "the code on the page is the resident's"
    assert 'class="qr"><svg' in done
    kept = worker.session
    assert "13812341234" not in str(dict(kept.items()))
    assert code not in str(dict(kept.items())), "drafts and codes lie sealed in the session"


def test_on_behalf_of_nobody_is_told(phone) -> None:
    answer = say_what(phone("grid_worker"), text="x", for_resident="on")
    assert answer.status_code == 422
    assert "姓名或电话" in text_of(answer)


def test_solved_on_the_spot(town: Town, phone) -> None:
    worker = phone("grid_worker")
    say_what(worker, camera=photo())
    say_where(worker)
    assert say_which(worker, RUBBISH, solved="yes").url == "/field/report/result/"
    key = key_on(worker, "/field/report/result/")
    given = {"idempotency_key": key, "result": "当场清走"}
    refused = worker.post("/field/report/result/", given)
    assert refused.status_code == 422
    assert "处置后照片" in text_of(refused)
    assert "当场清走" in text_of(refused)
    assert not Case.objects.exists(), "report and closing are one transaction"
    assert (
        worker.post("/field/report/result/", {**given, "camera": photo("after.jpg", "#449944")}).url
        == "/field/report/done/"
    )
    case = Case.objects.get()
    assert (case.state, case.close_type, case.tier) == ("closed", "solved", "in_grid")
    assert sorted(Evidence.objects.values_list("role", flat=True)) == ["after", "before"]


def test_solved_for_a_resident_keeps_the_veto(town: Town, phone) -> None:
    worker = phone("grid_worker")
    say_what(worker, camera=photo(), for_resident="on", name="李奶奶")
    say_where(worker)
    say_which(worker, RUBBISH, solved="yes")
    given = {
        "idempotency_key": key_on(worker, "/field/report/result/"),
        "result": "清走了",
        "camera": photo("b.jpg", "#111"),
    }
    worker.post("/field/report/result/", given)
    assert Case.objects.get().state == "checked"


def test_what_may_not_be_closed_in_the_grid(phone) -> None:
    worker = phone("grid_worker")
    say_what(worker, text="路面大坑")
    say_where(worker)
    answer = say_which(worker, DAMAGED_ROAD, solved="yes")
    assert answer.status_code == 422
    assert "不能自办自结" in text_of(answer)
    say_which(worker, DAMAGED_ROAD)
    assert Case.objects.get().state == "reported"


def test_solved_outside_the_own_grid_is_refused_and_nothing_is_lost(phone) -> None:
    worker = phone("grid_worker")
    say_what(worker, camera=photo())
    say_where(worker, IN_OTHER_GRID)
    assert "不是您的网格" in text_of(worker.get("/field/report/category/"))
    say_which(worker, RUBBISH, solved="yes")
    given = {
        "idempotency_key": key_on(worker, "/field/report/result/"),
        "result": "清走了",
        "camera": photo("b.jpg", "#222"),
    }
    answer = worker.post("/field/report/result/", given)
    assert answer.status_code == 403
    assert "清走了" in text_of(answer)
    assert not Case.objects.exists()
    assert say_which(worker, RUBBISH).url == "/field/report/done/"
    assert Case.objects.get().path.startswith("/"), "reported, it goes to the people there"


def test_sent_twice_is_one_case(phone) -> None:
    worker = phone("grid_worker")
    say_what(worker, text="垃圾没人收")
    say_where(worker)
    given = {"idempotency_key": key_on(worker), "category": RUBBISH, "solved": "no"}
    first = worker.post("/field/report/category/", given)
    second = worker.post("/field/report/category/", given)
    assert first["Location"] == second["Location"] == "/field/report/done/"
    assert second["Idempotency-Replayed"] == "true"
    other = worker.post("/field/report/category/", {**given, "category": "2105"})
    assert other.url == "/field/report/done/"
    assert "没有重复" in text_of(worker.get(other.url))
    assert Case.objects.count() == 1


def test_photos_go_and_come(phone) -> None:
    worker = phone("grid_worker")
    say_what(worker, camera=photo(), photos=[photo("b.jpg", "#101010"), photo("c.txt", "#202020")], stay="1")
    held = worker.get("/field/report/").context["draft"].files
    assert len(held) == 3
    small = worker.get(f"/field/files/{held[0]}/?small=1")
    assert small["Content-Type"] == "image/jpeg"
    assert b"".join(small.streaming_content)
    say_what(worker, remove=held[0], stay="1")
    assert worker.get("/field/report/").context["draft"].files == held[1:]
    bad = SimpleUpload("x.jpg", b"no picture")
    answer = say_what(worker, camera=bad)
    assert answer.status_code == 422
    assert "x.jpg" in text_of(answer)
    assert worker.get("/field/report/").context["draft"].files == held[1:], "what was good is kept"
    worker.post("/field/report/again/")
    assert worker.get("/field/report/").context["draft"].files == []


def test_my_most_used_stand_first(town: Town, phone) -> None:
    for _ in range(3):
        town.reported("井盖", by="grid_worker", category="2101")
    town.reported("小广告", by="grid_worker", category="0201")
    town.reported("路灯", by="grid_worker_3", category="2102")
    worker = phone("grid_worker")
    say_what(worker, camera=photo())
    say_where(worker)
    codes = [tile.code for tile in worker.get("/field/report/category/").context["offered"]]
    assert codes[:2] == ["2101", "0201"]
    assert len(codes) == 6


def test_a_category_is_found_by_its_name(phone) -> None:
    worker = phone("grid_worker")
    say_what(worker, camera=photo())
    say_where(worker)
    answer = worker.post(
        "/field/report/category/", {"q": "井盖", "search": "1", "solved": "yes", "idempotency_key": "x"}
    )
    assert "2101" in [tile.code for tile in answer.context["found"]]
    assert answer.context["draft"].is_solved, "what was chosen beside stays"
    strange = text_of(worker.post("/field/report/category/", {"q": "<script>{x}", "search": "1"}))
    assert "&lt;script&gt;{x}" in strange
    assert "<script>{x}" not in strange
    assert "没有叫" in text_of(worker.post("/field/report/category/", {"q": "外星人", "search": "1"}))


def test_a_sampled_one_waits_for_the_checker(town: Town, phone) -> None:
    """About one in ten is drawn; whichever is drawn waits for the checker and may be sent back."""
    worker = phone("grid_worker")
    drawn = None
    for n in range(60):
        case = town.reported(f"楼下垃圾 {n}", by="grid_worker", category="0108").case
        if int(case.number.encode().hex(), 16) % 10 == 0:
            drawn = case
            break
    assert drawn is not None
    page = text_of(worker.get(f"/field/cases/{drawn.number}/"))
    assert "我来办结" in page
    given = {"result": "清走了", "camera": photo("c.jpg", "#333"), "idempotency_key": "k1"}
    assert (
        worker.post(f"/field/cases/{drawn.number}/self_close/", given).url == f"/field/cases/{drawn.number}/"
    )
    assert Inspection.objects.filter(case=drawn, purpose="sample", finding="").count() == 1
    drawn.refresh_from_db()
    assert drawn.state == "closed"


def SimpleUpload(name: str, content: bytes) -> object:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content, content_type="image/jpeg")
