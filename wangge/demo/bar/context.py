"""Puts the bar above every page (``{{ bar_above }}`` of base.html): rendered only where it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from wangge.accounts.models import User
from wangge.cases.queries import reporter_by_code
from wangge.demo.bar.gate import is_shown
from wangge.demo.bar.guide import N_STEPS, Guide, Standing, case_of, keep_guide, page_of, read_guide, standing
from wangge.demo.bar.people import Person, people
from wangge.demo.progress import read_progress
from wangge.kit.errors import DomainError

NOTHING = SafeString("")


def bar_above(request: HttpRequest) -> dict[str, Callable[[], SafeString]]:
    """The context processor: a function that the template calls once, when it draws a page."""
    return {"bar_above": lambda: drawn(request)}


def drawn(request: HttpRequest) -> SafeString:
    """The bar, or nothing for everybody who is not at this machine or where there is no demo."""
    if not is_shown(request):
        return NOTHING
    found = read_guide(request)
    if found is not None:
        found = noticed(request, found)
    try:
        place = standing(found) if found else None
    except DomainError:  # nobody plays a part any more
        place = None
    done, total = read_progress()
    user = request.user if isinstance(request.user, User) else None
    listed = people()
    context = {
        "people": listed, "me": me_of(user, listed), "user_now": user, "done": done, "total": total, "place": place,
        "n_steps": N_STEPS, "is_here": place is not None and is_here(request, place, user),
    }  # fmt: skip
    return render_to_string("demo/bar.html", context, request=request)


def me_of(user: User | None, listed: tuple[Person, ...]) -> Person | None:
    return next((person for person in listed if user is not None and person.username == user.username), None)


def is_here(request: HttpRequest, place: Standing, user: User | None) -> bool:
    """Whether the right person is looking at the right page already."""
    wanted = place.person.username if place.person else None
    if wanted is not None and (user is None or user.username != wanted):
        return False
    if place.case is None:
        return request.path.startswith("/report/")
    return request.path.startswith(page_of(place))


def noticed(request: HttpRequest, guide: Guide) -> Guide:
    """The resident sent the report by hand and now sees its page: from here on the case and its code are known."""
    match = request.resolver_match
    if guide.code or match is None or match.view_name != "portal:progress":
        return guide
    case = case_of(guide)
    try:
        person = reporter_by_code(match.kwargs["code"])
    except DomainError:
        return guide
    if case is None or person.case_id != case.pk:
        return guide
    known = replace(guide, case_id=case.pk, number=case.number, code=match.kwargs["code"])
    keep_guide(request, known)
    return known
