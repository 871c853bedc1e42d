"""Every list page as people of every kind, in the town of a million: which take longer than they should. Runs inside.

``python -m bench.million --keep FOLDER python -m bench.inside pages [LIMIT_MS]``. Prints the slow ones with the time spent
in the database and the slowest statement, and a line for each person.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.codes import code_of
from wangge.accounts.models import User
from wangge.accounts.signin import BEGAN, SEEN
from wangge.cases.models import Reporter
from wangge.kit.clock import REAL_CLOCK
from wangge.territory.models import Area, Post
from wangge.territory.roles import Role

LIMIT_MS = 300.0
PEOPLE = (
    Role.GRID_WORKER, Role.COMMUNITY_MANAGER, Role.INTAKE_CLERK, Role.DISPATCHER, Role.DEPARTMENT_HANDLER, Role.HEAD_OF_UNIT,
    Role.SHIFT_LEADER, Role.CHECKER, Role.COUNTY_DISPATCHER, Role.STREET_LEADER, Role.COUNTY_LEADER,
    Role.SUPERVISION_OFFICER,
)  # fmt: skip
OFFICE = (
    "/office/?all=1", "/office/cases/", "/office/cases/?sort=new", "/office/cases/?state=archived", "/office/cases/?open=1",
    "/office/cases/?q=路灯", "/office/cases/?light=red", "/office/cases/?category=0102", "/office/figures/", "/office/areas/",
    "/office/import/", "/office/news/",
)  # fmt: skip
FIELD = ("/field/", "/field/grids/", "/field/me/", "/field/me/reports/")
API = (
    "/api/cases", "/api/cases?mine=waiting", "/api/waiting", "/api/cases?open=true", "/api/cases?state=handling",
    "/api/cases?state=closed", "/api/cases?category=0102&state=archived", "/api/cases?light=red", "/api/cases?q=路灯",
)  # fmt: skip


@dataclass(frozen=True)
class Took:
    path: str
    status: int
    ms: float
    database_ms: float
    n_statements: int
    slowest: str


def main(limit: str = str(LIMIT_MS)) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    for role in PEOPLE:
        post = Post.objects.filter(role=role, user__is_demo=True).order_by("id").first()
        if post is not None:
            tell(str(role), visits(signed_in(post.user), paths_for(post)), float(limit))
    tell("resident", visits(Client(), [f"/follow/{code_of(pk)}/" for pk in some_reporters()]), float(limit))


def paths_for(post: Post) -> list[str]:
    area = Area.objects.filter(level="community", valid_to_on=None).order_by("id").first()
    streets = [f"/office/cases/?area={area.code}", f"/office/areas/{area.code}/"] if area else []
    return [*OFFICE, *streets, *FIELD, *API]


def some_reporters() -> list[int]:
    last = Reporter.objects.order_by("-id").values_list("pk", flat=True)[0]
    return [1, last // 2, last]


def visits(client: Client, paths: list[str]) -> list[Took]:
    client.get(paths[0])  # what is kept in memory is read
    return [visit(client, path) for path in paths]


def visit(client: Client, path: str) -> Took:
    with CaptureQueriesContext(connection) as said:
        began = time.perf_counter()
        response = client.get(path)
        ms = (time.perf_counter() - began) * 1000
    by_time = sorted(said.captured_queries, key=lambda one: float(one["time"]), reverse=True)
    spent = sum(float(one["time"]) for one in by_time) * 1000
    return Took(path, response.status_code, ms, spent, len(by_time), by_time[0]["sql"] if by_time else "")


def signed_in(user: User) -> Client:
    """A browser in which this person signed in just now."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = client.session
    session[BEGAN] = session[SEEN] = REAL_CLOCK.now().timestamp()
    session.save()
    return client


def tell(who: str, found: list[Took], limit: float) -> None:
    slow = [took for took in found if took.ms > limit]
    refused = {
        took.path: took.status for took in found if took.status >= 400 and took.status not in (403, 404)
    }
    print(
        f"{who}: {len(found)} pages, {len(slow)} slow, longest {max(took.ms for took in found):.0f} ms {refused or ''}"
    )
    for took in slow:
        print(
            f"   {took.ms:7.0f} ms (database {took.database_ms:.0f}, {took.n_statements}) {took.status} {took.path}"
        )
        print(f"           {took.slowest[:1500]}")
    sys.stdout.flush()
