"""The inbox: what I was told, newest first; opening a message marks it read and goes where it points."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from wangge.accounts.models import User
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.outbox_doctor import is_late
from wangge.kit.paging import page
from wangge.notify import actions
from wangge.notify.queries import inbox, n_unread

PAGE_SIZE = 30


StillSeen = Callable[[User, Collection[str]], Collection[str]]


def all_of_them(user: User, about: Collection[str]) -> Collection[str]:
    return about


@require_GET
@never_cache
def inbox_page(request: HttpRequest, still_seen: StillSeen = all_of_them) -> HttpResponse:
    """My messages; ``?unread=1`` only those not read yet. ``still_seen``: which of the cases told of I may see now.

    Of the others only the heading stays: a post may have ended since, or I am complained of there.
    """
    user = signed_in(request)
    is_unread_only = request.GET.get("unread") == "1"
    messages = inbox(user).filter(read_at=None) if is_unread_only else inbox(user)
    found = page(messages, key=("-created_at", "-id"), after=request.GET.get("after"), size=PAGE_SIZE)
    only = "unread=1&" if is_unread_only else ""
    seen = still_seen(user, {item.about for item in found.items if item.about})
    return render(
        request,
        "notify/inbox.html",
        {
            "items": [(item, item.about in seen or not item.about) for item in found.items],
            "is_unread_only": is_unread_only,
            "n_unread": n_unread(user),
            "is_late": is_late(REAL_CLOCK.now()),
            "newer_url": f"?{only}" if request.GET.get("after") else "",
            "older_url": f"?{only}after={found.next_cursor}" if found.next_cursor else "",
        },
    )


@require_POST
def open_message(request: HttpRequest, message_id: int, still_seen: StillSeen = all_of_them) -> HttpResponse:
    """Mark one message read and go to what it is about."""
    message = actions.mark_read(message_id, user=signed_in(request))
    link = message.link
    if not url_has_allowed_host_and_scheme(link, allowed_hosts=None) or not link.startswith("/"):
        link = reverse("inbox")
    return redirect(link)


@require_POST
def read_all(request: HttpRequest, still_seen: StillSeen = all_of_them) -> HttpResponse:
    """Mark all my messages read."""
    actions.mark_all_read(user=signed_in(request))
    return redirect("inbox")


def signed_in(request: HttpRequest) -> User:
    """The person of a page that the middleware has closed to everybody else."""
    assert isinstance(request.user, User)
    return request.user
