"""What all residents' pages share: open to everybody, found by no search engine, kept by no cache, named owner.

The code stands in the addresses of the follow pages, because a QR code must hold it. It leaves by no way: no
page asks anything of another site, and ``Referrer-Policy: same-origin`` (``kit/headers.py``) names the address to nobody else.
(``no-referrer`` would say no more, but then browsers send ``Origin: null`` with forms and Django's protection
against forged requests refuses every one of them.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from wangge.kit.visits import keep_visit, new_visit, visit_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

NO_STORE = "no-store"
RETRY_AFTER = "wangge.retry_after"  # seconds; where a refusal inside a form notes how long to wait
OWN_BROWSER = "private, no-cache"  # so that going back finds what was typed


def resident_page(*methods: str, cache: str = NO_STORE) -> Callable[[View[P]], View[P]]:
    """A page for residents: anybody may open it; it carries the visit's cookie and the headers above."""

    def opened(view: View[P]) -> View[P]:
        @wraps(view)
        def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            known = visit_of(request)
            visit = known or new_visit()
            request.META["wangge.visit"] = visit
            response = view(request, *args, **kwargs)
            if not known:
                keep_visit(response, visit)
            if response.status_code == 429 and RETRY_AFTER in request.META:
                response["Retry-After"] = str(request.META[RETRY_AFTER])
            return with_headers(response, cache)

        page_view: View[P] = login_not_required(require_http_methods([*methods, "HEAD"])(answered))
        return page_view

    return opened


def with_headers(response: HttpResponseBase, cache: str) -> HttpResponseBase:
    """Headers that were not set by the view itself (a stored photo has stricter ones)."""
    response.setdefault("Cache-Control", cache)
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    # Django would log the address of a refusal, and the code stands in it
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def visit(request: HttpRequest) -> str:
    """The visit of this request, also when its cookie is only now being sent."""
    return str(request.META["wangge.visit"])


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page of the portal, with what stands at the foot of each."""
    foot = {
        "owner": settings.PORTAL_OWNER, "filing": settings.PORTAL_FILING, "complaints": settings.PORTAL_COMPLAINTS,
    }  # fmt: skip
    return render(request, f"portal/{template}.html", {**foot, **(context or {})}, status=status)
