"""Reading in the town of a million: the list narrowed by state, area and date, one case, counts, words."""

from __future__ import annotations

import json
import urllib.request
from random import Random
from typing import Any
from urllib.parse import quote

from bench.house import House
from bench.knocking import Requests, knocked, under_load
from bench.serving import Serving, serving
from wangge.cases.workflow import OPEN

PORT = 8199
SEED = 2026
N_REQUESTS = 400
WARM = 60
WORD = quote("路灯")
STATES = ("archived", "archived", "closed", "handling", "accepted", "parked")
RANGES_DAYS = (30, 90, 365)


def of_list(house: House, seconds: float) -> dict[str, Any]:
    """``GET /api/cases``: one state, a street, community or grid, some months; fifty rows where there are as many."""
    return read(house, [["GET", path, None] for path in list_paths(house)], seconds)


def of_detail(house: House, seconds: float) -> dict[str, Any]:
    """``GET /api/cases/{number}`` of cases from all years."""
    return read(house, [["GET", path, None] for path in detail_paths(house)], seconds)


def of_search(house: House, seconds: float) -> dict[str, Any]:
    """The list with 路灯 in it, first pages of the whole town and of its streets."""
    streets = [code for code, _ in areas(house) if len(str(code)) == 9]
    paths = [f"/api/cases?q={WORD}", *(f"/api/cases?q={WORD}&area={code}" for code in streets)]
    return read(house, [["GET", path, None] for path in paths], seconds)


def of_categories(house: House, seconds: float) -> dict[str, Any]:
    """Open cases by category over the whole town, as the figures' tables say; the sum is compared with plain SQL."""
    path = "/api/figures/open?by=category"
    said = read(house, [["GET", path, None]], seconds)
    with serving(house, PORT) as running:
        told = json.loads(fetched(running, path))
    plain = house.number(
        "SELECT count(*) FROM cases_case WHERE sensitivity <> 'restricted' AND state IN "
        f"({', '.join(repr(state.value) for state in OPEN)})"
    )
    if told["open"] != plain or sum(row["open"] for row in told["items"]) != plain:
        raise RuntimeError(f"open cases: {told['open']} in the figures, {plain} by plain SQL")
    return said | {"open": plain, "categories": len(told["items"])}


def fetched(running: Serving, path: str) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{running.port}{path}", headers={"Authorization": f"Bearer {running.house.token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bytes(answer.read())


def read(house: House, requests: Requests, seconds: float) -> dict[str, Any]:
    """Two workers, two connections."""
    with serving(house, PORT) as running:
        knocked(running, requests[:WARM], seconds, once=True)
        return under_load(running, requests, seconds)


def detail_paths(house: House) -> list[str]:
    n_cases = house.number("SELECT max(id) FROM cases_case")
    wanted = Random(SEED).sample(range(1, n_cases), min(N_REQUESTS * 5, n_cases - 1))
    numbers = house.rows(f"SELECT number FROM cases_case WHERE id IN ({', '.join(map(str, wanted))})")
    return [f"/api/cases/{number}" for (number,) in numbers]


def list_paths(house: House) -> list[str]:
    random = Random(SEED)
    codes = [code for code, level in areas(house) if level in ("street", "community", "grid")]
    first, last = house.rows("SELECT min(reported_at)::date, max(reported_at)::date FROM cases_case")[0]
    days = (last - first).days  # type: ignore[operator]
    found = []
    for _ in range(N_REQUESTS):
        length = random.choice(RANGES_DAYS)
        since = first.fromordinal(first.toordinal() + random.randrange(max(days - length, 1)))  # type: ignore[attr-defined]
        until = since.fromordinal(since.toordinal() + length)
        found.append(
            f"/api/cases?state={random.choice(STATES)}&area={random.choice(codes)}&since={since}&until={until}&size=50"
        )
    return found


def areas(house: House) -> list[tuple[object, ...]]:
    return house.rows(
        "SELECT code, level FROM territory_area WHERE valid_to_on IS NULL "
        "AND level IN ('county', 'street', 'community', 'grid') ORDER BY code"
    )
