"""What every page of the office shows around itself, and addresses of lists."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from wangge.accounts.models import User
from wangge.cases.workflow import DESK, INTAKE, SHIFT
from wangge.notify.queries import n_unread
from wangge.territory.scope import Actor

MAY_REGISTER = INTAKE | DESK | SHIFT


def person_of(request: HttpRequest) -> User:
    """The signed-in person of a page that ``staff_only`` has closed to everybody else."""
    assert isinstance(request.user, User)
    return request.user


def shared(request: HttpRequest, actor: Actor, place: str, **more: Any) -> dict[str, Any]:
    """The context of a page; ``place`` is the entry of the navigation that is lit."""
    return {
        "actor": actor, "place": place, "n_unread": n_unread(person_of(request)),
        "may_register": bool(actor.roles & MAY_REGISTER), **more,
    }  # fmt: skip


def address(request: HttpRequest, **changes: str | None) -> str:
    """The present query with some words changed (None: left out), as ``?…``; empty words are dropped."""
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    for name in [name for name, value in query.items() if not value and name != "wait"]:
        del query[name]
    return f"?{query.urlencode()}"
