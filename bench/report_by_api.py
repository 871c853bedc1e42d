"""Reports by the API at 32 connections, durable, against one SQL statement inserting the same rows."""

from __future__ import annotations

from typing import Any

from bench.house import House
from bench.knocking import MANY, knocked, under_load
from bench.messages import bodies
from bench.serving import serving

PORT = 8199
WARM_SECONDS = 3.0


def measure(town: House, seconds: float, workers: int = 2) -> dict[str, Any]:
    """Requests a second, latencies, and processor time for each report over all our processes."""
    house = town.copy("report_by_api")
    requests = [["POST", "/api/cases", body] for body in bodies()]
    with serving(house, PORT, workers) as running:
        knocked(running, requests, min(WARM_SECONDS, seconds))
        return under_load(running, requests, seconds, connections=MANY)
