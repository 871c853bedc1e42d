"""What a log may hold: routes instead of addresses (a resident's code stands in some), errors without their values."""

from __future__ import annotations

import logging
import re
from traceback import TracebackException
from types import TracebackType

from django.http import HttpRequest

ELSEWHERE = "(no such address)"
QUOTED = re.compile(r"""(["'“‘]).*?(["'”’])""")
DIGITS = re.compile(r"\d[\d \-]{4,}")
LONGEST = 300

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutAddresses(logging.Filter):
    """Django logs each refusal with its address; instead of it the route is written: follow/<str:code>/rate/."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            route = route_of(request)
            addresses = {request.path, request.path_info, request.get_full_path()}
            record.args = tuple(route if one in addresses else one for one in record.args)
        return True


def route_of(request: HttpRequest) -> str:
    """The route that answers this request; of an address that does not exist nothing is told."""
    match = request.resolver_match
    return f"/{match.route}" if match else ELSEWHERE


class WithoutValues(logging.Formatter):
    """Where an error happened and of which kind; the values that its message quotes may be somebody's."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802  the name that logging calls
        if ei[1] is None:
            return ""
        found: TracebackException | None = TracebackException.from_exception(ei[1])
        parts = []
        while found is not None:
            name = getattr(found, "exc_type_str", "") or found.exc_type.__name__
            parts.append("".join(found.stack.format()) + f"{name}: {harmless(str(found))}")
            found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
        return "\n\n".join(reversed(parts))


def harmless(message: str) -> str:
    """The first line of an error's message without what it quotes, and without longer numbers."""
    first = (message.splitlines() or [""])[0]
    return DIGITS.sub("…", QUOTED.sub(r"\1…\2", first))[:LONGEST]
