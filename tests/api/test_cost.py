"""What a request costs: queries are counted, so that nobody makes the way in slower unseen."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.knocking import Caller, machine
from tests.cast import IN_GRID_1, RUBBISH, Town

pytestmark = pytest.mark.django_db


def statements(caller: Caller, act) -> list[str]:
    with CaptureQueriesContext(connection) as seen:
        act()
    said = [one["sql"] for one in seen if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    # every two seconds a process looks whether what it keeps in memory has changed
    return [one for one in said if "territory_changestamp" not in one]


def test_a_machines_report_is_one_statement(town: Town) -> None:
    sensor = machine(town, "intake_clerk")
    lon, lat = IN_GRID_1
    said = {"text": "井盖倾斜", "lon": lon, "lat": lat, "channel": "sensor", "category": RUBBISH}
    sensor.post("cases", **said).must(201)  # fills what is kept in memory

    found = statements(sensor, lambda: sensor.post("cases", **said).must(201))

    assert len(found) == 1
    assert found[0].strip().startswith("WITH born AS (INSERT INTO")


def test_a_residents_report_counts_the_network_and_nothing_more(town: Town, anybody: Caller) -> None:
    anybody.report()
    anybody.upload()  # brings the visit's cookie
    anybody.report()
    found = statements(anybody, anybody.report)
    assert len(found) == 3  # the visit, the network, the report
    assert sum("kit_raterow" in one for one in found) == 2


def test_a_list_and_a_case_cost_the_same_however_many_rows(town: Town, anybody: Caller) -> None:
    clerk = machine(town, "intake_clerk")
    number = anybody.report()["number"]
    clerk.post(f"cases/{number}/note", text="有职员的一步").must(200)
    clerk.get("cases").must(200)
    clerk.get(f"cases/{number}").must(200)
    one = len(statements(clerk, lambda: clerk.get("cases")))
    of_one = len(statements(clerk, lambda: clerk.get(f"cases/{number}")))
    for n in range(4):
        anybody.report(text=f"又{n}件")
        clerk.post(f"cases/{number}/note", text=f"备注{n}").must(200)
    assert len(statements(clerk, lambda: clerk.get("cases"))) == one == 2  # cases, clocks
    # the case, all that belongs to it, related cases
    assert len(statements(clerk, lambda: clerk.get(f"cases/{number}"))) == of_one == 3
