"""今日 and one case on the phone: verify, report what is seen, close in the grid; nothing outside the own grids."""

from __future__ import annotations

import re

import pytest

from tests.cases.steps import handled
from tests.cast import IN_GRID_1, IN_GRID_3, RUBBISH, Town
from tests.field.conftest import photo
from wangge.cases.actions import intake
from wangge.cases.models import Case, Evidence, Inspection, RevealRow

pytestmark = pytest.mark.django_db


def text_of(answer: object) -> str:
    return answer.content.decode()


def key_on(client, address: str) -> str:
    return re.search(r'name="idempotency_key" value="([^"]+)"', text_of(client.get(address)))[1]


def asked(town: Town, at: tuple[float, float] = IN_GRID_1, **given) -> Case:
    made = town.reported(at=at, **given)
    intake.ask_verification(made.case.pk, actor=town.actor("intake_clerk"))
    return made.case


def test_what_waits_soonest_first_counts_equal_lists(town: Town, phone) -> None:
    later = asked(town)
    town.later(hours=5)
    soon = town.reported("垃圾堆门口", category=RUBBISH).case
    Case.objects.filter(pk=later.pk).update(title="晚一点的")
    asked(town, IN_GRID_3)  # noise: another worker's
    seen = handled(town).case
    worker = phone("grid_worker")
    answer = worker.get("/field/")
    shown = {task.line.case_id: task.key for task in answer.context["tasks"]}
    assert shown == {seen.pk: "look", later.pk: "verify", soon.pk: "solve"}
    dues = [task.line.deadline.due_at for task in answer.context["tasks"]]
    assert dues == sorted(dues), "the order is that of the deadlines which are shown"
    for chip in answer.context["chips"]:
        assert chip.n == len(worker.get("/field/", {"for": chip.key} if chip.key else {}).context["tasks"])
    assert {chip.key: chip.n for chip in answer.context["chips"]} == {
        "": 3,
        "verify": 1,
        "look": 1,
        "solve": 1,
    }
    assert "还剩" in text_of(answer) or "超时" in text_of(answer)


def test_nothing_waits_is_said_kindly(phone) -> None:
    assert "现在没有等您办的事" in text_of(phone("grid_worker").get("/field/"))
    assert "Nothing waits for you now" in text_of(
        phone("grid_worker").get("/field/", headers={"accept-language": "en"})
    )


@pytest.mark.parametrize("finding", ["true", "untrue", "address_unclear", "gone"])
def test_verify_one_question_a_view(town: Town, phone, finding: str) -> None:
    case = asked(town)
    worker, address = phone("grid_worker"), f"/field/cases/{case.number}/verify/"
    page = text_of(worker.get(address))
    assert all(word in page for word in ("属实", "不属实", "地址不清", "自行消失"))
    assert "<textarea" not in page, "first the one question"
    second = f"{address}?finding={finding}"
    given = {
        "finding": finding,
        "note": "看过了",
        "camera": photo(),
        "idempotency_key": key_on(worker, second),
    }
    assert worker.post(address, given).url == f"/field/cases/{case.number}/"
    assert Inspection.objects.get(case=case, purpose="verify").finding == finding
    case.refresh_from_db()
    assert case.state == "reported"
    assert Evidence.objects.get(case=case).role == "seen"


def test_sent_twice_acts_once(town: Town, phone) -> None:
    case = asked(town)
    worker, address = phone("grid_worker"), f"/field/cases/{case.number}/verify/"
    given = {"finding": "true", "note": "", "idempotency_key": key_on(worker, f"{address}?finding=true")}
    first, second = worker.post(address, given), worker.post(address, given)
    assert first["Location"] == second["Location"]
    assert Inspection.objects.filter(case=case, purpose="verify").count() == 1


def test_an_unknown_answer_is_refused_and_the_words_stay(town: Town, phone) -> None:
    case = asked(town)
    given = {"finding": "perhaps", "note": "写了很久的话", "idempotency_key": "k"}
    answer = phone("grid_worker").post(f"/field/cases/{case.number}/verify/", given)
    assert answer.status_code == 422
    assert not Inspection.objects.filter(case=case).exists()


def test_report_what_is_seen(town: Town, phone) -> None:
    case = handled(town).case
    worker, address = phone("grid_worker"), f"/field/cases/{case.number}/report_seen/"
    assert all(word in text_of(worker.get(address)) for word in ("已恢复", "未恢复", "看不出"))
    given = {
        "seen": "not_restored",
        "note": "坑还在",
        "idempotency_key": key_on(worker, f"{address}?seen=not_restored"),
    }
    worker.post(address, given)
    assert Inspection.objects.get(case=case, purpose="seen").finding == "not_restored"
    case.refresh_from_db()
    assert case.state == "handled", "the centre decides"
    assert "look" not in {chip.key for chip in worker.get("/field/").context["chips"]}


def test_close_in_the_grid_with_a_photo(town: Town, phone) -> None:
    case = town.reported("楼下垃圾", by="grid_worker", category=RUBBISH).case
    worker, address = phone("grid_worker"), f"/field/cases/{case.number}/self_close/"
    key = key_on(worker, address)
    answer = worker.post(address, {"result": "已清走", "idempotency_key": key})
    assert answer.status_code == 422
    assert "已清走" in text_of(answer)
    worker.post(address, {"result": "已清走", "camera": photo(), "idempotency_key": key})
    case.refresh_from_db()
    assert (case.state, case.tier) == ("closed", "in_grid")


def test_photos_stay_when_the_words_are_missing(town: Town, phone) -> None:
    case = town.reported("楼下垃圾", by="grid_worker", category=RUBBISH).case
    worker, address = phone("grid_worker"), f"/field/cases/{case.number}/self_close/"
    key = key_on(worker, address)
    answer = worker.post(address, {"result": " ", "camera": photo(), "idempotency_key": key})
    kept = re.search(r'name="kept" value="([^"]+)"', text_of(answer))[1]
    worker.post(address, {"result": "清走了", "kept": kept, "idempotency_key": key})
    case.refresh_from_db()
    assert case.state == "closed"


def test_the_second_of_two_is_told_what_is_true(town: Town, phone) -> None:
    case = asked(town)
    worker, address = phone("grid_worker"), f"/field/cases/{case.number}/verify/"
    second = f"{address}?finding=true"
    given = {
        "finding": "true",
        "note": "",
        "n_entries": case.n_entries,
        "idempotency_key": key_on(worker, second),
    }
    intake.verify(case.pk, actor=town.actor("grid_head"), finding="gone")
    answer = worker.post(address, given)
    assert answer.status_code == 302
    assert "现在是" in text_of(worker.get(answer.url))


def test_only_the_own_grid(town: Town, phone) -> None:
    case = asked(town, IN_GRID_3)
    worker = phone("grid_worker")
    for address in ("", "verify/", "note/"):
        assert worker.get(f"/field/cases/{case.number}/{address}").status_code == 404
    assert worker.post(f"/field/cases/{case.number}/verify/", {"finding": "true"}).status_code == 404
    assert worker.get("/field/").context["tasks"] == []
    assert phone("grid_worker_3").get(f"/field/cases/{case.number}/").status_code == 200


def test_files_of_other_grids_are_closed(town: Town, phone) -> None:
    made = asked(town, IN_GRID_3)
    other = phone("grid_worker_3")
    address = f"/field/cases/{made.number}/verify/"
    other.post(address, {"finding": "true", "camera": photo(), "idempotency_key": "k"})
    key = Evidence.objects.get(case=made).file.key
    mine = other.get(f"/field/files/{key}/")
    assert mine.status_code == 200
    assert b"".join(mine.streaming_content)
    assert phone("grid_worker").get(f"/field/files/{key}/").status_code == 404


def test_the_reporter_is_hidden_unless_allowed(town: Town, phone) -> None:
    hidden, shown = asked(town), asked(town, may_show_to_grid=True)
    worker = phone("grid_worker")
    page = text_of(worker.get(f"/field/cases/{hidden.number}/"))
    assert "13812341234" not in page
    assert "张三丰" not in page
    assert "****" not in page, "not even masked"
    assert "没有同意" in page
    person = hidden.reporters.get()
    refused = worker.post(f"/field/cases/{hidden.number}/reporters/{person.pk}/", {"purpose": "核实地点"})
    assert refused.status_code == 403
    assert "13812341234" not in text_of(refused)

    page = text_of(worker.get(f"/field/cases/{shown.number}/"))
    assert "138****1234" in page
    assert "13812341234" not in page
    person = shown.reporters.get()
    address = f"/field/cases/{shown.number}/reporters/{person.pk}/"
    assert worker.post(address, {"purpose": " "}).status_code == 422
    assert not RevealRow.objects.exists()
    answer = worker.post(address, {"purpose": "核实地点"})
    assert "13812341234" in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    assert RevealRow.objects.get().purpose == "核实地点"


def test_a_note_and_undo(town: Town, phone) -> None:
    case = asked(town)
    worker = phone("grid_worker")
    worker.post(f"/field/cases/{case.number}/note/", {"text": "下午再来", "idempotency_key": "n1"})
    page = text_of(worker.get(f"/field/cases/{case.number}/"))
    assert "下午再来" in page
    assert worker.post(f"/field/cases/{case.number}/nonsense/", {}).status_code == 404
    assert worker.get(f"/field/cases/{case.number}/dispatch/").status_code == 302


def test_people_without_posts_are_told(town: Town, phone) -> None:
    answer = phone("system_admin").get("/field/")
    assert answer.status_code == 403
    assert "没有在任的岗位" in text_of(answer)


def test_the_list_costs_the_same_whatever_its_length(
    town: Town, phone, django_assert_max_num_queries
) -> None:
    worker = phone("grid_worker")
    for _ in range(12):
        asked(town)
    worker.get("/field/")
    with django_assert_max_num_queries(16):
        worker.get("/field/")
