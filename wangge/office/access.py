"""Who may enter the office: people on the staff with a post in force. What they see there, their posts say."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from wangge.accounts.models import User
from wangge.kit.errors import Forbidden
from wangge.territory.roles import Role
from wangge.territory.scope import Actor, actor_for

P = ParamSpec("P")

# partners and neighbours have their tasks by link or on the phone; no register
NOT_OFFICE = frozenset({Role.PARTNER, Role.SECURITY_HOUSEHOLDER, Role.BUILDING_HEAD, Role.VOLUNTEER})
# whose day is spent outside: their first page is the phone's
ON_FOOT = frozenset(
    {Role.GRID_HEAD, Role.GRID_WORKER, Role.PART_TIME_WORKER, Role.GRID_ADVISER, Role.INFORMATION_OFFICER,
     Role.ASSISTANT, Role.NAMED_PROFESSIONAL}
)  # fmt: skip


def staff_actor(request: HttpRequest) -> Actor:
    """The signed-in person as actor. Raises Forbidden (403) without a post in force."""
    user = request.user
    if not isinstance(user, User):
        raise Forbidden("请先登录。", "Sign in first.")
    actor = actor_for(user)
    if not actor.roles - NOT_OFFICE:
        raise Forbidden(
            "您现在没有在任的岗位,办公页面没有可看的内容。请联系安全管理员登记岗位。",
            "You hold no post in force, so the office has nothing to show you. Ask the security administrator for a post.",
            code="no_post",
        )
    return actor


def staff_only(
    view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page of the office: the view is given the actor; nothing of it is kept by the browser."""

    @never_cache
    @wraps(view)
    def entered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, staff_actor(request), *args, **kwargs)

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], entered)
