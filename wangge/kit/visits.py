"""An anonymous person's visit: a random word in a cookie that owns uploads and Idempotency-Keys for two days."""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

COOKIE = f"{settings.COOKIE_PREFIX}wangge_visit"
KEPT_S = 48 * 3600
SOUND = re.compile(r"[\w-]{22}")


def visit_of(request: HttpRequest) -> str:
    """The visit whose cookie came with this request; empty when none did."""
    found = request.COOKIES.get(COOKIE, "")
    return found if SOUND.fullmatch(found) else ""


def new_visit() -> str:
    """A new visit: 128 random bits, so nobody meets another person's."""
    return secrets.token_urlsafe(16)


def keep_visit(response: HttpResponseBase, visit: str) -> None:
    """Send the cookie along, so that the next request belongs to the same visit."""
    response.set_cookie(
        COOKIE, visit, max_age=KEPT_S, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
