"""我的: posts, inbox, own reports, type size, language; and who stands behind these pages."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from wangge.cases.models import Case
from wangge.cases.queries.lists import NEWEST_FIRST, lines_of, with_names
from wangge.cases.scope import visible_to
from wangge.field.access import page, person, phone_page
from wangge.kit.clock import SHANGHAI
from wangge.kit.paging import page as rows_page
from wangge.notify.queries import n_unread
from wangge.territory.scope import Actor, posts_in_force

PAGE_SIZE = 20


@phone_page("GET")
def mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What I am here and what I may set."""
    user = person(request)
    posts = user.posts.filter(posts_in_force(actor.now())).select_related(
        "area", "unit", "stands_in_for__user"
    )
    context = {
        "tab": "mine", "posts": posts.defer("area__boundary").order_by("id"), "n_unread": n_unread(user),
        "n_reports": own_reports(actor).count(), "today": actor.now().astimezone(SHANGHAI).date(),
    }  # fmt: skip
    return page(request, "mine", context)


def own_reports(actor: Actor) -> QuerySet[Case]:
    return visible_to(actor).filter(submitter_id=actor.user_id)


@phone_page("GET")
def my_reports(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What I reported, the newest first."""
    after = request.GET.get("after", "")
    found = rows_page(with_names(own_reports(actor)), key=NEWEST_FIRST, after=after or None, size=PAGE_SIZE)
    context = {
        "tab": "mine", "lines": lines_of(found.items, actor.now()), "newer_url": "?" if after else "",
        "older_url": f"?after={found.next_cursor}" if found.next_cursor else "",
    }  # fmt: skip
    return page(request, "my_reports", context)


@phone_page("GET")
def about(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Owner, filing number and how to complain, as 国办函〔2026〕12号 asks; and what these pages never do."""
    context = {
        "tab": "mine", "owner": getattr(settings, "OWNER", ""), "filing": getattr(settings, "FILING", ""),
        "complaints": getattr(settings, "COMPLAINTS", ""), "map_note": getattr(settings, "MAP_NOTE", ""),
    }  # fmt: skip
    return page(request, "about", context)
