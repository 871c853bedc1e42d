"""A resident's own report by its code, without an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from wangge.cases.actions import ACTIONS, perform
from wangge.cases.api.cases import json_body, ref_of
from wangge.cases.api.public import BY_CODE, kept, limited
from wangge.cases.models import Reporter
from wangge.cases.queries import photo_of, reporter_by_code, resident_actor, resident_view
from wangge.cases.schemas import ResidentOut, body_schema
from wangge.cases.workflow import Verb
from wangge.files.views import serve_file
from wangge.kit.answers import answer, body_of, once
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import NotFound
from wangge.kit.network import network_address, network_of
from wangge.kit.tries import count_wrong, refuse_guessing
from wangge.kit.visits import visit_of

router = Router(tags=["居民 Residents"], auth=None)
RESIDENTS_VERBS = (Verb.RATE, Verb.SUPPLEMENT, Verb.WITHDRAW, Verb.URGE, Verb.REOPEN, Verb.CONTEST)
OPEN: dict[str, Any] = {"security": [{}]}


def person_of(request: HttpRequest, code: str) -> Reporter:
    """Who shows this code. Wrong codes are counted for the network (429 when it guesses), right ones never."""
    at, network = REAL_CLOCK.now(), network_of(network_address(request))
    refuse_guessing("code", network, at)
    try:
        return reporter_by_code(code)
    except NotFound:
        count_wrong("code", network, at)
        raise


def own_report(code: str) -> HttpResponse:
    """The report as its reporter sees it now; read anew, because a verb may have changed it."""
    response = answer(ResidentOut, resident_view(reporter_by_code(code), REAL_CLOCK.now()))
    response["Referrer-Policy"] = "no-referrer"
    return response


@router.get(
    "/{code}",
    response=ResidentOut,
    operation_id="follow_report",
    summary="查询进展 · Follow a report",
    openapi_extra=OPEN,
)
def follow_report(request: HttpRequest, code: str) -> HttpResponse:
    """凭查询码查看自己反映的事:现在到哪一步、最迟何时答复、现在可以做什么。

    By the code: the present state in a sentence, by when it is answered, what may be done now. Nobody's personal data.
    """
    person_of(request, code)
    return own_report(code)


@router.get(
    "/{code}/files/{key}", operation_id="follow_file", summary="查看照片 · A file of one's own report",
    openapi_extra={**OPEN, "responses": {200: {"description": "The content", "content": {"*/*": {}}}}},
)  # fmt: skip
def follow_file(request: HttpRequest, code: str, key: UUID, thumbnail: bool = False) -> HttpResponseBase:
    """本人反映的照片和处置后照片。Own files and those of the result."""
    file = photo_of(person_of(request, code), key).file
    return serve_file(file, thumbnail=thumbnail, range_header=request.headers.get("Range", ""))


def add_residents_verbs() -> None:
    """``POST /follow/{code}/{verb}`` for what a resident may do with the code."""
    for verb in RESIDENTS_VERBS:
        action = ACTIONS[verb]
        add = router.post(
            f"/{{code}}/{verb.value}", response=ResidentOut, operation_id=f"follow_{verb.value}",
            summary=f"{action.rule.name.zh} · {action.rule.name.en}", description=(action.function.__doc__ or "").strip(),
            openapi_extra={**json_body(body_schema(verb)), **OPEN},
        )  # fmt: skip
        add(operation(verb))


def operation(verb: Verb) -> Callable[..., HttpResponse]:
    """The view of one verb of residents."""
    schema = body_schema(verb)

    def do_verb(request: HttpRequest, code: str) -> HttpResponse:
        limited(request, BY_CODE)
        person = person_of(request, code)
        body = body_of(request, schema)
        actor = resident_actor(person, visit_of(request))
        given = {name: getattr(body, name) for name in body.model_fields_set}
        ref = ref_of(request, person.case_id, given.pop("n_entries", None))

        def act() -> HttpResponse:
            perform(verb, ref, actor=actor, **given)
            return own_report(code)

        return kept(once(request, f"reporter:{person.pk}", act), actor)

    do_verb.__name__ = f"follow_{verb.value}"
    return do_verb


add_residents_verbs()
