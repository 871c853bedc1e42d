"""Deny by default: without signing in, nothing answers but the doors listed here.

The whole URL table is walked with an anonymous visitor, each operation of the API with its own methods. A
door counts as closed when it answers 401 or 403, or sends the visitor to a sign-in page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import get_converters
from django.utils.regex_helper import normalize

# what an anonymous visitor from outside may open, and how → why
OPEN_DOORS: dict[str, str] = {
    "GET POST PUT /sign-in/": "where staff come in",
    "GET POST /sign-up/": "says that accounts are made by the security administrator",
    "GET POST /sign-out/": "also leaves a sign-in that is half done",
    "GET POST /language/": "Chinese or English, a cookie",
    "POST /type-size/": "large or normal type, a cookie",
    "GET /api/openapi.json": "describes the API, opens nothing",
    "POST /api/cases": "anybody reports; reading it is closed",
    "POST /api/files": "anybody uploads for the own report; limited",
    "GET /api/files/{key}": "one's own upload; 404 for any other",
    "GET /api/follow/{code}": "the report behind a code; wrong codes are limited",
    "GET /api/follow/{code}/files/{key}": "pictures of the report behind a code",
    "POST /api/follow/{code}/rate": "the resident's verb, by code",
    "POST /api/follow/{code}/supplement": "the resident's verb, by code",
    "POST /api/follow/{code}/withdraw": "the resident's verb, by code",
    "POST /api/follow/{code}/urge": "the resident's verb, by code",
    "POST /api/follow/{code}/reopen": "the resident's verb, by code",
    "POST /api/follow/{code}/contest": "the resident's verb, by code",
    "GET /healthz": "the process is up",
    "GET /readyz": "the process can work; no details",
    "GET /": "residents: danger first, report, follow",
    "GET /help/": "residents: how to use it",
    "GET /accessibility/": "residents: accessibility statement",
    "GET /privacy/": "residents: privacy notice",
    "GET POST /report/": "residents report: what",
    "GET POST /report/danger/": "residents report: the emergency number first",
    "GET POST /report/where/": "residents report: where",
    "GET /report/where/map.svg": "the map of one's own unsent report; 404 without one",
    "GET POST /report/you/": "residents report: how to reach them",
    "GET /report/files/{key}/": "one's own upload that is not sent yet; 404 for any other",
    "GET POST /follow/": "residents type the code",
    "GET /follow/{code}/": "the report behind a code; wrong codes are limited",
    "POST /follow/{code}/again/": "report anew, linked; by code",
    "GET /follow/{code}/photo/{key}/": "photos of the report behind a code",
    "GET POST /follow/{code}/rate/": "the resident's verb, by code",
    "GET POST /follow/{code}/supplement/": "the resident's verb, by code",
    "GET POST /follow/{code}/urge/": "the resident's verb, by code",
    "GET POST /follow/{code}/withdraw/": "the resident's verb, by code",
    "GET POST /follow/{code}/contest/": "the resident's verb, by code",
    "GET POST /follow/{code}/reopen/": "the resident's verb, by code",
}

SIGN_IN = ("/sign-in/", "/admin/login/")
# one value that fits each kind of placeholder
EXAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-4000-8000-000000000000"}
# an anonymous visitor who does not sit at the machine itself
FROM_OUTSIDE = {"REMOTE_ADDR": "203.0.113.9"}


@dataclass(frozen=True)
class Door:
    name: str  # the route as people read it: /c/{code}/
    path: str  # the same with an example in each placeholder


def doors(
    resolver: URLResolver, pattern_before: str = "", converters: dict[str, object] | None = None
) -> Iterator[Door]:
    for entry in resolver.url_patterns:
        pattern = pattern_before + entry.pattern.regex.pattern.removeprefix("^").removesuffix(r"\Z")
        known = (converters or {}) | entry.pattern.converters
        if isinstance(entry, URLResolver):
            yield from doors(entry, pattern, known)
        else:
            yield door(entry, pattern, known)


def door(entry: URLPattern, pattern: str, converters: dict[str, object]) -> Door:
    kinds = {type(converter): name for name, converter in get_converters().items()}
    route, placeholders = normalize(pattern)[0]
    examples = {
        name: EXAMPLES.get(kinds.get(type(converters.get(name)), "str"), "x") for name in placeholders
    }
    return Door("/" + route % {name: "{" + name + "}" for name in placeholders}, "/" + route % examples)


def methods_of(visitor: Client, door: Door) -> list[str]:
    """What the door takes, as it says itself; a page that does not say is tried with GET and POST."""
    told = visitor.options(door.path)
    allowed = told.headers.get("Allow", "") if told.status_code in {200, 405} else ""
    methods = sorted(name.strip().lower() for name in allowed.split(",") if name.strip())
    return [name for name in methods if name not in {"head", "options"}] or ["get", "post"]


def is_open(visitor: Client, door: Door, method: str) -> bool:
    answer = getattr(visitor, method)(door.path)
    if answer.status_code in {301, 302}:
        return not answer.url.startswith(SIGN_IN)
    return answer.status_code not in {401, 403, 405}


@pytest.mark.django_db
def test_anonymous_visitors_find_only_the_listed_doors_open() -> None:
    found = set()
    visitor = Client(raise_request_exception=False, **FROM_OUTSIDE)
    for one in doors(get_resolver()):
        visitor.cookies.clear()
        methods = [name.upper() for name in methods_of(visitor, one) if is_open(visitor, one, name)]
        if methods:
            found.add(f"{' '.join(methods)} {one.name}")

    unlisted = "\n  ".join(sorted(found - OPEN_DOORS.keys()))
    assert not unlisted, f"open to anonymous visitors and not listed in OPEN_DOORS:\n  {unlisted}"
    shut = "\n  ".join(sorted(OPEN_DOORS.keys() - found))
    assert not shut, f"listed in OPEN_DOORS, but closed, gone or open in another way:\n  {shut}"


@pytest.mark.django_db
def test_a_token_that_is_not_good_opens_nothing() -> None:
    """Programs go a shorter way (kit/programs.py); it is closed as well."""
    visitor = Client(raise_request_exception=False, **FROM_OUTSIDE)
    described = {"GET /api/openapi.json", "GET /healthz", "GET /readyz"}
    opened = set()
    for one in doors(get_resolver()):
        if one.path.startswith("/api/"):
            for method in methods_of(visitor, one):
                answer = getattr(visitor, method)(one.path, HTTP_AUTHORIZATION="Bearer wg_nobody")
                if (
                    answer.status_code not in {401, 404, 405, 422}
                    and f"{method.upper()} {one.name}" not in described
                ):
                    opened.add(f"{answer.status_code} {method.upper()} {one.name}")
                assert not answer.cookies, one.name
    # a resident's code is shown by whoever has it; the token beside it says nothing
    assert {line for line in opened if "/api/follow/" not in line} == set()


@pytest.mark.django_db
def test_addresses_that_rely_on_signing_in_go_the_whole_way() -> None:
    visitor = Client(raise_request_exception=False, **FROM_OUTSIDE)
    page = visitor.get("/office/", HTTP_AUTHORIZATION="Bearer wg_nobody")
    assert page.status_code in {302, 401}
    nowhere = visitor.get("/api/nowhere", HTTP_AUTHORIZATION="Bearer wg_nobody")
    assert (nowhere.status_code, nowhere.headers["Content-Type"].split(";")[0]) == (401, "application/json")
