"""Deny by default: without signing in, nothing answers but the doors listed here.

The whole URL table is walked with an anonymous visitor, each operation of the API with its own methods. A
door counts as closed when it answers 401 or 403, or sends the visitor to a sign-in page.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import get_converters
from django.utils.regex_helper import normalize

# what an anonymous visitor may open → why
OPEN_DOORS: dict[str, str] = {
    "/sign-in/": "where staff come in",
    "/sign-up/": "says that accounts are made by the security administrator",
    "/sign-out/": "also leaves a sign-in that is half done",
    "/language/": "Chinese or English, a cookie",
    "/type-size/": "large or normal type, a cookie",
    "/api/openapi.json": "describes the API, opens nothing",
    "/api/cases": "anybody reports; reading it is closed",
    "/api/files": "anybody uploads for the own report; limited",
    "/api/files/{key}": "one's own upload; 404 for any other",
    "/api/follow/{code}": "the report behind a code; wrong codes are limited",
    "/api/follow/{code}/files/{key}": "pictures of the report behind a code",
    "/api/follow/{code}/rate": "the resident's verb, by code",
    "/api/follow/{code}/supplement": "the resident's verb, by code",
    "/api/follow/{code}/withdraw": "the resident's verb, by code",
    "/api/follow/{code}/urge": "the resident's verb, by code",
    "/api/follow/{code}/reopen": "the resident's verb, by code",
    "/api/follow/{code}/contest": "the resident's verb, by code",
    "/healthz": "the process is up",
    "/readyz": "the process can work; no details",
    "/metrics": "figures, on this machine only",
    "/": "residents: danger first, report, follow",
    "/help/": "residents: how to use it",
    "/accessibility/": "residents: accessibility statement",
    "/privacy/": "residents: privacy notice",
    "/report/": "residents report: what",
    "/report/danger/": "residents report: the emergency number first",
    "/report/where/": "residents report: where",
    "/report/where/map.svg": "the map of one's own unsent report; 404 without one",
    "/report/you/": "residents report: how to reach them",
    "/report/files/{key}/": "one's own upload that is not sent yet; 404 for any other",
    "/follow/": "residents type the code",
    "/follow/{code}/": "the report behind a code; wrong codes are limited",
    "/follow/{code}/again/": "report anew, linked; by code",
    "/follow/{code}/photo/{key}/": "photos of the report behind a code",
    "/follow/{code}/rate/": "the resident's verb, by code",
    "/follow/{code}/supplement/": "the resident's verb, by code",
    "/follow/{code}/urge/": "the resident's verb, by code",
    "/follow/{code}/withdraw/": "the resident's verb, by code",
    "/follow/{code}/contest/": "the resident's verb, by code",
    "/follow/{code}/reopen/": "the resident's verb, by code",
}

SIGN_IN = ("/sign-in/", "/admin/login/")
# one value that fits each kind of placeholder
EXAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-4000-8000-000000000000"}
PAGE_METHODS = ("get", "post")
API_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Door:
    name: str  # the route as people read it: /c/{code}/
    path: str  # the same with an example in each placeholder
    methods: tuple[str, ...]


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
    methods = API_METHODS if entry.callback.__module__.startswith("ninja.") else PAGE_METHODS
    return Door(
        "/" + route % {name: "{" + name + "}" for name in placeholders},
        "/" + route % examples,
        methods,
    )


def is_open(visitor: Client, door: Door, method: str) -> bool:
    answer = getattr(visitor, method)(door.path)
    if answer.status_code in {301, 302}:
        return not answer.url.startswith(SIGN_IN)
    return answer.status_code not in {401, 403, 405}


@pytest.mark.django_db
def test_anonymous_visitors_find_only_the_listed_doors_open() -> None:
    if importlib.util.find_spec("wangge.urls") is None:
        pytest.skip("wangge/urls.py is not written yet")
    found: dict[str, set[str]] = {}
    for one in doors(get_resolver()):
        for method in one.methods:
            if is_open(Client(raise_request_exception=False), one, method):
                found.setdefault(one.name, set()).add(method.upper())

    unlisted = [
        f"{' '.join(sorted(methods))} {name}" for name, methods in found.items() if name not in OPEN_DOORS
    ]
    assert not unlisted, "open to anonymous visitors and not listed in OPEN_DOORS:\n  " + "\n  ".join(
        sorted(unlisted)
    )
    shut = sorted(OPEN_DOORS.keys() - found.keys())
    assert not shut, "listed in OPEN_DOORS, but closed or gone:\n  " + "\n  ".join(shut)
