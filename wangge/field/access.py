"""Who may use the phone pages: everybody on the staff with a post in force. What they see there, their posts say."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from wangge.accounts.models import User
from wangge.kit.errors import Forbidden
from wangge.territory.scope import Actor, actor_for

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]


def person(request: HttpRequest) -> User:
    """The signed-in person; the middleware has turned everybody else away."""
    user = request.user
    if not isinstance(user, User):
        raise Forbidden("请先登录。", "Sign in first.")
    return user


def worker(request: HttpRequest) -> Actor:
    """The signed-in person as actor. Raises Forbidden (403) without a post in force."""
    actor = actor_for(person(request))
    if not actor.grants:
        raise Forbidden(
            "您现在没有在任的岗位,这里没有可看的内容。请联系安全管理员登记岗位。",
            "You hold no post in force, so there is nothing to show you. Ask the security administrator for a post.",
            code="no_post",
        )
    return actor


def phone_page(*methods: str) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """A page of the phone: the view is given the actor; the browser keeps nothing of it."""

    def opened(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def entered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            response = view(request, worker(request), *args, **kwargs)
            if "Cache-Control" not in response:  # a stored photo says itself how long it is kept
                add_never_cache_headers(response)
            return response

        return require_http_methods(list(methods))(entered)

    return opened


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of ours."""
    return render(request, f"field/{template}.html", context, status=status)
