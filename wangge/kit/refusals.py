"""Refusals as answers: JSON for programs (addresses under /api/), a page for people.

{"error": {"code": "locked_out", "zh": "…", "en": "…", "status": 429, "details": {"retry_after": 540}}}
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.deprecation import MiddlewareMixin
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error

from wangge.kit.errors import DomainError
from wangge.kit.network import network_address
from wangge.kit.outages import outage

API = "/api/"
KEPT_OUT = (401, 403, 429)

log = logging.getLogger("wangge.refusals")


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


def error_body(error: DomainError) -> dict[str, Any]:
    """The stable shape of an error for programs."""
    said = {"code": error.code, "zh": error.zh, "en": error.en, "status": error.status}
    return {"error": {**said, "details": error.details}}


def refusal(request: HttpRequest, error: DomainError, *, back_url: str = "") -> HttpResponse:
    """The answer to a request that was refused, in the form and language of who asked."""
    answer: HttpResponse
    if is_api(request):
        answer = JsonResponse(
            error_body(error), status=error.status, json_dumps_params={"ensure_ascii": False}
        )
    elif error.status == 503:
        # without the request: what pages show of the person would ask the database
        words = {"zh": error.zh, "en": error.en, "status": error.status, "back_url": back_url}
        answer = HttpResponse(loader.render_to_string("errors/outage.html", words), status=error.status)
    else:
        words = {"zh": error.zh, "en": error.en, "status": error.status, "back_url": back_url}
        answer = render(request, "errors/error.html", words, status=error.status)
    if error.status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="wangge"'
    if "retry_after" in error.details:
        answer["Retry-After"] = str(error.details["retry_after"])
    answer["Cache-Control"] = "no-store"
    note(request, error)
    # Django would log the address, and a resident's code stands in it
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def note(request: HttpRequest, error: DomainError) -> None:
    """A line for who was kept out: what, by which route (never the address), from where, who."""
    if error.status in KEPT_OUT:
        route = request.resolver_match.route if request.resolver_match else "-"
        user = getattr(request, "user", None)
        who = f"user {user.pk}" if user is not None and user.is_authenticated else "nobody"
        log.warning(
            "%s %s: %s /%s by %s from %s",
            error.status,
            error.code,
            request.method,
            route,
            who,
            network_address(request),
        )


class RefusalMiddleware(MiddlewareMixin):
    """A DomainError or an outage that no view answered itself becomes its own page; everything else stays a loud 500."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        told = exception if isinstance(exception, DomainError) else outage(exception)
        return refusal(request, told) if told is not None else None


@requires_csrf_token
def unexpected(request: HttpRequest) -> HttpResponse:
    """Django's ``handler500``: an outage outside the views (a session, a sign-in) is told as one."""
    told = outage(sys.exc_info()[1])
    return refusal(request, told) if told is not None else server_error(request)
