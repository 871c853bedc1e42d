"""What anonymous people may do, how often, and under which visit."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.network import network_address, network_of
from wangge.kit.ratelimit import check_visit_and_network
from wangge.kit.visits import keep_visit, new_visit
from wangge.territory.callers import staff_of, visitor_of
from wangge.territory.scope import Actor

HOUR_S = 3600


@dataclass(frozen=True)
class Limit:
    """How often within an hour: one visit (a browser), and one network.

    Carriers put thousands of people behind one address, so the network's ceiling only stops floods.
    """

    name: str
    per_visit: int
    per_network: int


REPORTS = Limit("report", 20, 2_000)
UPLOADS = Limit("upload", 60, 6_000)
BY_CODE = Limit("follow", 300, 20_000)


def caller_of(request: HttpRequest) -> Actor:
    """The staff or machine behind a request, else the anonymous person. Raises 401 for a token that is not good."""
    return staff_of(request) or visitor_of(request)


def limited(request: HttpRequest, limit: Limit) -> None:
    """Count one request of an anonymous person; 429 when it is one too many."""
    check_visit_and_network(
        limit.name, visit=visitor_of(request).visit, network=network_of(network_address(request)),
        per_visit=limit.per_visit, per_network=limit.per_network, window_s=HOUR_S, at=REAL_CLOCK.now(),
    )  # fmt: skip


def with_visit(actor: Actor) -> Actor:
    """The anonymous person with a visit of its own, a new one if none came."""
    return actor if actor.visit else replace(actor, visit=new_visit())


def kept(response: HttpResponse, actor: Actor) -> HttpResponse:
    """The answer with the visit's cookie."""
    if actor.user_id is None and actor.visit:
        keep_visit(response, actor.visit)
    return response
