"""The pages that say something: front, help, accessibility, privacy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from wangge.cases.danger import EMERGENCIES
from wangge.kit.speech import spoken
from wangge.portal import places
from wangge.portal.draft import read_draft
from wangge.portal.follow_forms import CodeForm
from wangge.portal.pages import OWN_BROWSER, page, resident_page


@resident_page("GET", cache=OWN_BROWSER)
def front(request: HttpRequest) -> HttpResponse:
    """Danger first; then report, or follow."""
    town = places.home()
    draft = read_draft(request)
    context = {
        "town": spoken(town.name_zh, town.name_en or town.name_zh) if town else "", "emergencies": EMERGENCIES,
        "form": CodeForm(), "has_draft": draft is not None and draft.has_said_what,
    }  # fmt: skip
    return page(request, "front", context)


@resident_page("GET", cache=OWN_BROWSER)
def help_page(request: HttpRequest) -> HttpResponse:
    """怎么用."""
    return page(request, "help")


@resident_page("GET", cache=OWN_BROWSER)
def accessibility(request: HttpRequest) -> HttpResponse:
    """What works for whom, and where to say that something does not."""
    return page(request, "accessibility")


@resident_page("GET", cache=OWN_BROWSER)
def privacy(request: HttpRequest) -> HttpResponse:
    """What is collected, why, for how long, and one's rights."""
    return page(request, "privacy")
