"""Refusals speak: one shape, both languages, what is true now; deny by default; scope; limits; the same request once."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from tests.api.knocking import Answer, Caller, browser, machine
from tests.cast import DAMAGED_ROAD, IN_OTHER_GRID, Town
from wangge.cases.api.public import REPORTS
from wangge.cases.models import Case, RevealRow
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.models import RateRow
from wangge.kit.tries import WRONG_IN_ALL, WRONG_OF_A_NETWORK, WRONG_OF_A_NETWORK_THEN, buckets

pytestmark = pytest.mark.django_db

# what anonymous people may do; everything else under /api/ answers 401
OPEN = {
    ("POST", "cases"), ("POST", "files"), ("GET", "files/<key>"), ("GET", "openapi.json"), ("GET", "follow/<code>"),
    ("GET", "follow/<code>/files/<key>"),
    *(("POST", f"follow/<code>/{verb}") for verb in ("rate", "supplement", "withdraw", "urge", "reopen", "contest")),
}  # fmt: skip


def speaks(answer: Answer, status: int, code: str) -> dict:
    """The refusal has the stable shape and says it in both languages."""
    assert (answer.status, answer.error["code"]) == (status, code), answer.json
    assert answer.error.keys() == {"code", "zh", "en", "status", "details"}
    assert answer.error["status"] == status
    assert any(is_chinese(letter) for letter in answer.error["zh"])
    assert answer.error["en"]
    return answer.error["details"]


def is_chinese(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


def routes() -> list[str]:
    api = next(entry for entry in get_resolver().url_patterns if str(entry.pattern) == "api/")
    found = []
    for entry in api.url_patterns:
        inner = getattr(entry, "url_patterns", [entry])
        found += [str(one.pattern) for one in inner]
    return [route for route in found if route not in ("", "<path:rest>")]


def test_strangers_find_only_the_listed_doors_open(town: Town) -> None:
    found = set()
    for route in routes():
        path = route.replace("<", "").replace(">", "")
        for method in ("GET", "POST"):
            caller = Caller()
            response = caller.client.generic(method, f"/api/{path}", b"{}", "application/json")
            if response.status_code not in (401, 405):
                found.add((method, route))
    assert found == OPEN


def test_every_kind_of_refusal_has_one_shape(town: Town, anybody: Caller) -> None:
    number = anybody.report()["number"]
    clerk = machine(town, "intake_clerk")
    speaks(anybody.get("cases"), 401, "sign_in_required")
    assert anybody.get("cases").headers["WWW-Authenticate"].startswith("Bearer")
    speaks(Caller("wg_wrong").get("cases"), 401, "token_not_valid")
    speaks(clerk.get("cases/370999001-20261116-XXXXXX"), 404, "not_found")
    speaks(clerk.get("nowhere"), 404, "not_found")
    speaks(anybody.get("nowhere"), 401, "sign_in_required")
    gone = Answer(clerk.client.delete(f"/api/cases/{number}", **clerk.token))
    assert speaks(gone, 405, "method_not_allowed") == {"allow": "GET"}
    assert gone.headers["Allow"] == "GET"
    speaks(clerk.post(f"cases/{number}/dispatch", lead="works"), 403, "role")
    speaks(machine(town, "dispatcher").post(f"cases/{number}/dispatch", lead="works"), 409, "state")
    speaks(clerk.raw("cases", b"{broken"), 422, "malformed_json")
    speaks(clerk.raw("cases", b"text=x", "application/x-www-form-urlencoded"), 415, "not_json")
    speaks(clerk.raw("cases", b'{"text": "' + b"x" * 13_000_000 + b'"}'), 413, "too_large")
    speaks(clerk.get("cases", after="rubbish"), 422, "invalid")


def test_wrong_fields_are_named_one_by_one(town: Town, anybody: Caller) -> None:
    sent = anybody.post("cases", text=7, lon="east", kind="nonsense", colour="red", files="abc")
    fields = {one["field"]: one["zh"] for one in speaks(sent, 422, "invalid")["fields"]}
    assert fields == {
        "text": "应为文字", "lon": "应为数字", "colour": "不是此处可填的字段", "files": "应为列表",
        "kind": "应为 'problem', 'consultation', 'suggestion', 'praise', 'help', 'complaint' or 'tip_off' 之一",
    }  # fmt: skip
    missing = machine(town, "dispatcher").post("cases/x/dispatch")
    assert speaks(missing, 422, "invalid")["fields"][0] == {
        "field": "lead",
        "zh": "必须填写",
        "en": "is required",
    }
    assert speaks(anybody.post("cases", text="没有地点"), 422, "invalid")["field"] == "address"
    size = speaks(machine(town, "intake_clerk").get("cases", size=1000), 422, "invalid")
    assert size["fields"][0]["field"].endswith("size")


def test_the_unexpected_is_told_by_number_only(town: Town, anybody: Caller, caplog) -> None:
    made = anybody.report()
    Case.objects.update(state="nonsense")
    answer = anybody.get(f"follow/{made['code']}")
    details = speaks(answer, 500, "unexpected")
    assert details.keys() == {"incident"}
    assert "nonsense" not in answer.response.content.decode()
    assert details["incident"] in caplog.text
    assert "ValueError: '…' is not a valid State" in caplog.text
    assert made["code"] not in caplog.text


def test_outside_the_scope_a_case_does_not_exist(town: Town, anybody: Caller) -> None:
    mine, noise = anybody.report()["number"], town.case_at(IN_OTHER_GRID).number
    clerk = machine(town, "intake_clerk")
    for path in (f"cases/{noise}", f"cases/{noise}/proposals", f"cases/{noise}/suggestions"):
        speaks(clerk.get(path), 404, "not_found")
    for path in ("accept", "note", "reveal", "one_desk"):
        body = {"text": "x"} if path == "note" else {"purpose": "x"} if path == "reveal" else {}
        body = {"category": DAMAGED_ROAD, "lead": "works"} if path == "one_desk" else body
        speaks(clerk.post(f"cases/{noise}/{path}", **body), 404, "not_found")
    assert [row["number"] for row in clerk.get("cases").must(200)["items"]] == [mine]
    assert machine(town, "volunteer").get("cases").must(200)["items"] == []


def test_a_name_is_shown_to_those_who_need_it_and_each_look_leaves_a_row(town: Town, anybody: Caller) -> None:
    number = anybody.report()["number"]
    worker, clerk = machine(town, "grid_worker"), machine(town, "intake_clerk")
    speaks(worker.post(f"cases/{number}/reveal", purpose="想认识一下"), 403, "reporter_hidden")
    speaks(clerk.post(f"cases/{number}/reveal", purpose=""), 422, "invalid")
    assert RevealRow.objects.count() == 0
    assert clerk.get(f"cases/{number}").must(200)["reporters"][0]["phone"] == "138****1234"
    shown = clerk.post(f"cases/{number}/reveal", purpose="回电了解情况").must(200)
    assert (shown["name"], shown["phone"]) == ("张三丰", "13812341234")
    row = RevealRow.objects.get()
    assert (row.case.number, row.purpose) == (number, "回电了解情况")


def test_administrators_see_no_cases(town: Town, anybody: Caller) -> None:
    number = anybody.report()["number"]
    for name in ("system_admin", "security_admin", "audit_admin"):
        caller = browser(town.people[name])
        assert caller.get("cases").must(200)["items"] == []
        speaks(caller.get(f"cases/{number}"), 404, "not_found")


def test_strangers_cannot_claim_what_belongs_to_the_staff(town: Town, anybody: Caller) -> None:
    sent = anybody.post(
        "cases",
        text="x",
        address="y",
        origin="hotline",
        origin_number="1",
        urgency="critical",
        channel="duty",
    )
    details = speaks(sent, 403, "staff_only_fields")
    assert details["fields"] == ["channel", "origin", "origin_number", "urgency"]
    assert not Case.objects.exists()


# --- what somebody saw, and what is true now ---------------------------------------------------------------


def test_who_saw_an_older_state_is_told_what_is_true_now(town: Town, anybody: Caller) -> None:
    number = anybody.report()["number"]
    clerk, leader = machine(town, "intake_clerk"), machine(town, "shift_leader")
    seen = leader.get(f"cases/{number}").must(200)["n_entries"]
    clerk.post(f"cases/{number}/accept").must(200)
    for headers, body in (({"If-Match": f'"{seen}"'}, {}), ({}, {"n_entries": seen})):
        late = leader.post(f"cases/{number}/void", headers, ground="test", **body)
        details = speaks(late, 409, "changed")
        assert details == {"state": "accepted", "n_entries": seen + 1}
        assert "刚刚办了“受理”" in late.error["zh"]
    speaks(leader.post(f"cases/{number}/void", {"If-Match": '"abc"'}, ground="test"), 422, "invalid")
    leader.post(f"cases/{number}/void", {"If-Match": f'"{seen + 1}"'}, ground="test").must(200)


# --- the same request once ---------------------------------------------------------------------------------


def test_a_report_sent_twice_is_one_case_and_the_same_answer(town: Town, anybody: Caller) -> None:
    said = {"text": "门口垃圾没人收", "address": "长江路1号"}
    key = {"Idempotency-Key": "6f1c9a52-8d6e-4c8e-9a57-0d3b6a0a7a11"}
    first, second = anybody.post("cases", key, **said), anybody.post("cases", key, **said)
    assert first.must(201) == second.must(201)
    assert first.response.content == second.response.content
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1
    speaks(anybody.post("cases", key, text="另一件事", address="长江路2号"), 422, "idempotency_other_body")
    speaks(anybody.post("cases", {"Idempotency-Key": "1"}, **said), 422, "invalid")


def test_a_verb_sent_twice_is_done_once_and_a_refused_key_is_free_again(town: Town, anybody: Caller) -> None:
    number = anybody.report()["number"]
    clerk = machine(town, "intake_clerk")
    key = {"Idempotency-Key": "k1"}
    speaks(clerk.post(f"cases/{number}/docket", key, category=DAMAGED_ROAD), 409, "state")
    clerk.post(f"cases/{number}/accept").must(200)
    first = clerk.post(f"cases/{number}/docket", key, category=DAMAGED_ROAD).must(200)
    again = clerk.post(f"cases/{number}/docket", key, category=DAMAGED_ROAD)
    assert again.must(200) == first
    assert first["n_entries"] == 3
    speaks(clerk.post(f"cases/{number}/note", key, text="x"), 422, "idempotency_other_body")
    other = machine(town, "shift_leader").post(f"cases/{number}/note", key, text="各人的编号互不相干")
    assert other.must(200)["n_entries"] == 4


def test_a_photo_sent_twice_is_one_upload(town: Town, anybody: Caller) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "upload-1-of-my-phone"}
    clerk = machine(town, "intake_clerk")
    assert clerk.upload(**key).must(201)["key"] == clerk.upload(**key).must(201)["key"]


def test_a_resident_whose_first_answer_was_lost_owns_the_upload_all_the_same(town: Town) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "4b1f0c2d9a7e5d3380"}
    lost = Caller().upload(**key).must(201)
    again, stranger = Caller(), Caller()  # a new client each: the first answer and its cookie never came
    assert again.upload(**key).must(201) == lost
    stranger.upload().must(201)
    assert again.report(files=[lost["key"]])["number"]
    refused = stranger.post("cases", text="x", address="长江路1号", files=[lost["key"]])
    assert refused.status == 422


# --- limits ------------------------------------------------------------------------------------------------


def test_one_visit_may_report_twenty_times_an_hour(town: Town, anybody: Caller) -> None:
    anybody.upload().must(201)  # brings the visit's cookie
    for n in range(REPORTS.per_visit):
        anybody.report(text=f"第{n}件")
    last = anybody.post("cases", text="又一件", address="长江路1号")
    details = speaks(last, 429, "too_many_requests")
    assert int(last.headers["Retry-After"]) == details["retry_after"] <= 3600
    Caller().report()  # another browser behind the same carrier's address
    machine(town, "intake_clerk").post("cases", text="热线来电", address="长江路1号").must(201)


def test_a_flood_from_one_network_is_stopped(town: Town, anybody: Caller) -> None:
    RateRow.objects.create(
        bucket="report:network:127.0.0.1", window_started_at=REAL_CLOCK.now(), n_requests=REPORTS.per_network
    )
    speaks(anybody.post("cases", text="x", address="y"), 429, "too_many_requests")
    machine(town, "intake_clerk").post("cases", text="机器不受公众限制", address="长江路1号").must(201)


def test_guessing_codes_is_made_slow_and_right_codes_are_not_counted(town: Town, anybody: Caller) -> None:
    code = anybody.report()["code"]
    own, everybody = buckets("code", "127.0.0.1")
    for _ in range(3):
        anybody.get(f"follow/{code}").must(200)
        speaks(anybody.get("follow/AAAA-BBBB-CCCCCC"), 404, "not_found")
    assert RateRow.objects.get(bucket=own).n_requests == 3
    RateRow.objects.filter(bucket=own).update(n_requests=WRONG_OF_A_NETWORK)
    refused = anybody.get(f"follow/{code}")
    speaks(refused, 429, "too_many_requests")
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    # guessing from everywhere at once: each network gets a few only
    RateRow.objects.filter(bucket=own).update(n_requests=WRONG_OF_A_NETWORK_THEN)
    anybody.get(f"follow/{code}").must(200)
    RateRow.objects.filter(bucket=everybody).update(n_requests=WRONG_IN_ALL)
    speaks(anybody.get(f"follow/{code}"), 429, "too_many_requests")
