"""The short way for programs: a request with a token needs no session, no language and no messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_resolver
from django.utils import translation

from wangge.kit.refusals import is_api

View = Callable[[HttpRequest], HttpResponseBase]


class ProgramsMiddleware:
    """``Authorization: Bearer`` at an address under /api/ that lets people in by its own rule goes there at once.

    Every other request, and one for an address that relies on the sign-in middleware, goes the whole way. Before this
    stand the middlewares that count, set headers and ask for https; behind it those of browsers.
    """

    def __init__(self, get_response: View) -> None:
        self.people = get_response
        self.programs: Any = convert_exception_to_response(self.at_once)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_AUTHORIZATION" not in request.META or not is_api(request):
            return self.people(request)
        answer: HttpResponseBase = self.programs(request)
        return answer

    def at_once(self, request: HttpRequest) -> HttpResponseBase:
        match = get_resolver().resolve(request.path_info)
        if getattr(match.func, "login_required", True):
            return self.people(request)
        request.resolver_match = match
        translation.activate(settings.LANGUAGE_CODE)
        answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if not answer.streaming:
            answer.headers.setdefault("Content-Length", str(len(answer.content)))  # type: ignore[attr-defined]
        return answer
