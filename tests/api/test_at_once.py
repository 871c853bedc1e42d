"""Two at the same moment, on the real database with real transactions."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connections

from tests.api.knocking import Answer, Caller, machine
from tests.cast import DAMAGED_ROAD, MONDAY_MORNING, build_town
from wangge.cases.models import Case, Entry

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def together(*acts: Callable[[], Answer]) -> list[Answer]:
    """Start all at the same moment; their answers in order."""
    gate, answers = Barrier(len(acts)), [None] * len(acts)

    def run(n: int, act: Callable[[], Answer]) -> None:
        gate.wait()
        try:
            answers[n] = act()
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_one_wins_and_the_other_is_told_what_is_true_now() -> None:
    with time_machine.travel(MONDAY_MORNING, tick=True):
        town = build_town()
        made = Caller().report(text="门口道路破损")
        number = made["number"]
        clerk, county = machine(town, "intake_clerk"), machine(town, "county_dispatcher")
        clerk.post(f"cases/{number}/accept").must(200)
        clerk.post(f"cases/{number}/docket", category=DAMAGED_ROAD).must(200)
        seen = clerk.get(f"cases/{number}").must(200)["n_entries"]
        dispatcher = machine(town, "dispatcher")

        answers = together(
            lambda: dispatcher.post(f"cases/{number}/dispatch", lead="works", n_entries=seen),
            lambda: county.post(f"cases/{number}/dispatch", lead="urban", n_entries=seen),
        )

        assert sorted(answer.status for answer in answers) == [200, 409]
        won = next(answer for answer in answers if answer.status == 200).json
        lost = next(answer for answer in answers if answer.status == 409)
        assert lost.error["code"] == "changed"
        assert "刚刚办了“派遣”,此案现在是“已派遣”" in lost.error["zh"]
        assert lost.error["details"] == {"state": "dispatched", "n_entries": seen + 1}
        case = Case.objects.get(number=number)
        assert case.lead_unit.code == won["unit"]["code"]
        assert list(Entry.objects.filter(case=case, verb="dispatch").values_list("seq", flat=True)) == [
            seen + 1
        ]


def test_the_same_report_sent_twice_at_once_is_one_case() -> None:
    with time_machine.travel(MONDAY_MORNING, tick=True):
        build_town()
        key = {"Idempotency-Key": "0d3b6a0a7a116f1c9a52"}
        said = {"text": "门口垃圾没人收", "address": "长江路1号"}
        answers = together(*[lambda: Caller().post("cases", key, **said)] * 3)
        assert {answer.status for answer in answers} == {201}
        assert len({answer.json["number"] for answer in answers}) == 1
        assert Case.objects.count() == 1
