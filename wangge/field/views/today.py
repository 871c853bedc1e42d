"""今日: what waits for me, the soonest deadline first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from wangge.field import waits
from wangge.field.access import page, person, phone_page
from wangge.notify.queries import n_unread
from wangge.territory.scope import Actor


@phone_page("GET")
def today(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list of what waits; ``?for=`` in one way only, ``?after=`` the next page."""
    key, after = request.GET.get("for", ""), request.GET.get("after", "")
    found = waits.tasks(actor, key, after)
    only = f"for={key}&" if key else ""
    return page(
        request,
        "today",
        {
            "tab": "today", "chips": waits.chips(actor), "key": key, "tasks": found.items, "n_unread": n_unread(person(request)),
            "newer_url": f"?{only}" if after else "",
            "older_url": f"?{only}after={found.next_cursor}" if found.next_cursor else "",
        },
    )  # fmt: skip
