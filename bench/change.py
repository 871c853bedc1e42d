"""State changes by the API: new cases accepted, docketed and dispatched, each answered with the whole case."""

from __future__ import annotations

from typing import Any

from bench.house import House
from bench.knocking import Requests, knocked, under_load
from bench.messages import bodies
from bench.serving import serving

PORT = 8199
N_CASES = 600
VERBS = ("accept", "docket", "dispatch")


def measure(town: House, _seconds: float) -> dict[str, Any]:
    """Processor time and latency of a change at two connections; every change is made once."""
    house = town.copy("changes")
    reports = bodies()
    with serving(house, PORT) as running:
        knocked(
            running, [["POST", "/api/cases", reports[n % len(reports)]] for n in range(N_CASES)], 0, once=True
        )
        requests = changes(house)
        knocked(running, requests[: len(VERBS) * 10], 0, connections=1, once=True)  # warm
        return under_load(running, requests[len(VERBS) * 10 :], 0, once=True)


def changes(house: House) -> Requests:
    """Verb by verb over all cases, so that two connections never meet on one case."""
    numbers = [
        number
        for (number,) in house.rows("SELECT number FROM cases_case WHERE state = 'reported' ORDER BY id")
    ]
    unit = house.rows("SELECT code FROM territory_unit WHERE kind = 'sanitation' ORDER BY id")[0][0]
    given: dict[str, dict[str, Any]] = {
        "accept": {}, "docket": {"category": "0102"}, "dispatch": {"lead": unit, "advice": "请按时限办理"},
    }  # fmt: skip
    warm, rest = numbers[:10], numbers[10:]
    return [
        ["POST", f"/api/cases/{number}/{verb}", given[verb]]
        for part in (warm, rest)
        for verb in VERBS
        for number in part
    ]
