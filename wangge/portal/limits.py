"""How often residents' doors may be used. A carrier's shared address must pass; only floods are stopped."""

from __future__ import annotations

from django.http import HttpRequest

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError
from wangge.kit.network import network_address, network_of
from wangge.kit.ratelimit import check_visit_and_network
from wangge.portal.pages import RETRY_AFTER, visit

HOUR_S = 3600
# what is counted → how often an hour for one visit, for one network
LIMITS: dict[str, tuple[int, int]] = {
    "report": (12, 1_000),  # sending a report
    "upload": (80, 6_000),  # files
    "step": (400, 30_000),  # going through the form, tapping the map
    "act": (60, 6_000),  # rating, urging, adding …
}


def network(request: HttpRequest) -> str:
    return network_of(network_address(request))


def check(request: HttpRequest, name: str, times: int = 1) -> None:
    """Count and refuse (429) what comes too often; before the transaction of the verb."""
    per_visit, per_network = LIMITS[name]
    try:
        for _ in range(times):
            check_visit_and_network(
                f"portal.{name}", visit=visit(request), network=network(request), per_visit=per_visit,
                per_network=per_network, window_s=HOUR_S, at=REAL_CLOCK.now(),
            )  # fmt: skip
    except DomainError as error:
        request.META[RETRY_AFTER] = error.details["retry_after"]
        raise
