"""Lists and cases as programs get them: narrowed by days, and exactly what the OpenAPI document says."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from tests.api.knocking import machine
from tests.cases.steps import handled
from tests.cast import Town
from wangge.cases.queries import case_list, case_view
from wangge.cases.schemas import CaseOut, LinesOut, whole
from wangge.kit.answers import answer
from wangge.kit.clock import REAL_CLOCK

pytestmark = pytest.mark.django_db


def test_a_list_by_days_of_the_report(town: Town) -> None:
    clerk = machine(town, "intake_clerk")
    first = town.reported("周一上午的事").case
    before_midnight = town.later(hours=14, minutes=59)
    late = town.reported("周一深夜的事").case
    town.later(minutes=2)
    second = town.reported("周二凌晨的事").case
    monday, tuesday = before_midnight.date(), before_midnight.date() + timedelta(days=1)

    def numbers(**given: object) -> list[str]:
        return [line["number"] for line in clerk.get("cases", **given).must(200)["items"]]

    assert numbers(until=monday) == [late.number, first.number]
    assert numbers(since=tuesday) == [second.number]
    assert numbers(since=monday, until=tuesday) == [second.number, late.number, first.number]
    assert numbers(since=tuesday + timedelta(days=1)) == []
    assert numbers(until="9999-12-31") == [second.number, late.number, first.number]
    for wrong in ("gestern", "0", "1763683200", "20261124", "2026-11-24T00:00:00"):
        (said,) = clerk.get("cases", since=wrong).error["details"]["fields"]
        assert (said["field"], said["zh"]) == ("since", "应为日期,如 2026-11-24"), wrong


def test_what_is_sent_is_what_the_schema_says(town: Town) -> None:
    clerk = machine(town, "intake_clerk")
    case = handled(town).case
    actor = town.actor("intake_clerk").at(REAL_CLOCK)

    sent = clerk.get(f"cases/{case.number}").must(200)
    assert sent == orjson.loads(answer(CaseOut, whole(case_view(actor, case.number))).content)
    listed = clerk.get("cases").must(200)
    found = case_list(actor)
    assert listed == orjson.loads(answer(LinesOut, {"items": found.items, "next": found.next_cursor}).content)
