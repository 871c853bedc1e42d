"""Odd input is refused with a sentence; nothing that a caller sends makes the server fail."""

from __future__ import annotations

import json

import pytest

from tests.api.knocking import Caller, browser, machine
from tests.cast import Town
from wangge.cases.actions import ACTIONS
from wangge.cases.given import GivenField

pytestmark = pytest.mark.django_db

ODD_WORDS = (
    "\x00",
    "a\x00b",
    "😀" * 50,
    "x" * 20_000,
    "<script>alert(1)</script>",
    "'; DROP TABLE cases_case; --",
    "‮ ",
    " ",
)
ODD_BODIES = (
    b"[]",
    b"7",
    b'"text"',
    b"null",
    b"{",
    b"\xff\xfe",
    b'{"text": "\\ud800"}',
    b'{"n_entries": -1}',
    b'{"n_entries": 1e400}',
)


def test_odd_words_in_every_field_of_every_verb(town: Town, anybody: Caller) -> None:
    number = anybody.report()["number"]
    callers = {"zone_manager": machine(town, "zone_manager"), "shift_leader": machine(town, "shift_leader")}
    for verb, action in ACTIONS.items():
        for n, word in enumerate(ODD_WORDS):
            body = {field.name: odd(field, word) for field in action.fields}
            caller = callers["zone_manager" if n % 2 else "shift_leader"]
            answer = caller.post(f"cases/{number}/{verb.value}", **body)
            assert answer.status < 500, (verb, word, answer.json)


def odd(field: GivenField, word: str) -> object:
    """A value of the field's type, as odd as it can be."""
    if field.is_list:
        return [word]
    if field.given.choices:
        return field.given.choices[0][0]
    return {str: word, int: 2**40, float: 1e308, bool: True}.get(field.kind, "0001-01-01")


def test_odd_bodies(town: Town, anybody: Caller) -> None:
    clerk = machine(town, "intake_clerk")
    number = anybody.report()["number"]
    for content in ODD_BODIES:
        for path in ("cases", f"cases/{number}/note", f"cases/{number}/one_desk", f"cases/{number}/reveal"):
            assert clerk.raw(path, content).status in (409, 415, 422), (path, content)


def test_odd_addresses_and_questions(town: Town, anybody: Caller) -> None:
    clerk = machine(town, "intake_clerk")
    for word in ("%00", "%ff", "..%2f..", "'", "x" * 3_000, "%E2%80%AE"):
        for path in (
            f"cases/{word}",
            f"follow/{word}",
            f"files/{word}",
            f"cases/{word}/accept",
            f"catalog/grounds?kind={word}",
        ):
            for answer in (clerk.get(path), clerk.post(path), anybody.get(path)):
                assert answer.status < 500, (path, answer.json)
        for query in (
            "q",
            "state",
            "area",
            "category",
            "unit",
            "light",
            "channel",
            "after",
            "origin_number",
            "waiting",
        ):
            answer = clerk.client.get(f"/api/cases?{query}={word}", **clerk.token)
            assert answer.status_code < 500, (query, word, answer.content)
        for path in ("areas", "units", "categories?parent=", "locate?lon=1&lat="):
            answer = clerk.client.get(f"/api/{path}{'' if '=' in path else '?q='}{word}", **clerk.token)
            assert answer.status_code < 500, (path, word, answer.content)


def test_odd_headers_and_reports(town: Town, anybody: Caller) -> None:
    number = anybody.report()["number"]
    clerk = machine(town, "intake_clerk")
    for key in ("x" * 201, "\x01", "密钥", "a\tb"):
        answer = clerk.raw(f"cases/{number}/accept", b"{}", HTTP_IDEMPOTENCY_KEY=key)
        assert answer.status in (200, 422), (key, answer.json)
    for seen in ("9" * 400, "-1", "٣"):
        assert clerk.raw(f"cases/{number}/note", b'{"text": "x"}', HTTP_IF_MATCH=seen).status in (
            200,
            409,
            422,
        ), seen
    for lon, lat in ((1e308, 0), (181, 0), (0, 91), (-0.0, -0.0)):
        answer = anybody.post("cases", text="在哪里", lon=lon, lat=lat)
        assert answer.status in (201, 422), (lon, lat, answer.json)
    said = json.dumps(
        {"text": "x", "address": "y", "name": "名\x00", "phone": "138 1234-1234", "language": "xx"}
    )
    assert anybody.raw("cases", said.encode()).status == 422
    assert browser(town.people["grid_worker"]).raw("cases", b"{}").error["code"] == "csrf_failed"


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_key_that_is_none_is_refused_at_every_door(town: Town, anybody: Caller, key: str) -> None:
    """Also where nothing would be kept under it."""
    for address in ("cases", "files", "cases/1/reveal", "follow/AAAA-BBBB-CCCCCC/rate"):
        answer = anybody.client.post(
            f"/api/{address}",
            {"text": "x"},
            content_type="application/json",
            headers={"Idempotency-Key": key},
        )
        assert answer.status_code == 422, address
        assert answer.json()["error"]["details"]["field"] == "Idempotency-Key"


def test_a_day_is_no_number_of_seconds(town: Town, anybody: Caller) -> None:
    number = anybody.report()["number"]
    anybody.report()
    clerk = machine(town, "intake_clerk")
    for wrong in (0, 1763683200, "0", "20261124"):
        answer = clerk.post(f"cases/{number}/ask_park", review_on=wrong)
        said = {one["field"]: one["zh"] for one in answer.error["details"]["fields"]}
        assert (answer.status, said["review_on"]) == (422, "应为日期,如 2026-11-24"), wrong
