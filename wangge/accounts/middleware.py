"""Deny by default, and the rules that hold for every request of a signed-in person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from wangge.accounts.models import User
from wangge.accounts.signin import FirstTask, end_if_over, first_task, user_of_request
from wangge.kit.errors import DomainError
from wangge.kit.refusals import is_api, refusal
from wangge.kit.speech import said

# what a person may open who still has to change the password or to add a second factor
ALWAYS_OPEN = frozenset({"account_logout", "account_reauthenticate", "me", "account_change_password"})


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Views are closed; one opens itself with ``@login_not_required`` and is listed in OPEN_DOORS of the tests.

    Pages send strangers to the sign-in page and remember the address. Addresses under /api/ answer in JSON and
    also take ``Authorization: Bearer``; ``request.user`` is then the token's user.
    """

    def process_request(self, request: HttpRequest) -> None:
        """End sessions that are over before anything looks at them."""
        if isinstance(request.user, User):
            reason = end_if_over(request, request.user)
            if reason is not None and not is_api(request):
                messages.info(request, said(reason))

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        if is_api(request):
            return self.api_view(request)
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        task = first_task(request, request.user)
        if task is not None and not is_part_of(task, request):
            return send_to(task, request)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Whoever signs out leaves nothing of the pages in a browser that others use too."""
        match = request.resolver_match
        if request.method == "POST" and match is not None and match.url_name == "account_logout":
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def api_view(self, request: HttpRequest) -> HttpResponse | None:
        try:
            user = user_of_request(request)
        except DomainError as error:
            return refusal(request, error)
        if user is None:
            return refusal(request, stranger())
        request.user = user
        return None


def stranger() -> DomainError:
    return DomainError(
        401,
        "sign_in_required",
        "请先登录,或在请求头中带上机器令牌(Authorization: Bearer wg_…)。",
        "Sign in first, or send a machine token (Authorization: Bearer wg_…).",
    )


def is_part_of(task: FirstTask, request: HttpRequest) -> bool:
    """Whether this page belongs to doing the task."""
    name = request.resolver_match.url_name if request.resolver_match else None
    return name in ALWAYS_OPEN or name == task.url_name


def send_to(task: FirstTask, request: HttpRequest) -> HttpResponse:
    """To the page where the task is done; back to where the person was going afterwards."""
    messages.warning(request, said(task.sentence))
    going = {"next": request.get_full_path()} if request.method == "GET" else {}
    address = reverse(task.url_name)
    return HttpResponseRedirect(f"{address}?{urlencode(going)}" if going else address)
