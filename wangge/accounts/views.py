"""One's own page: posts, devices, password, second factor, language and type size."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from wangge.accounts import actions
from wangge.accounts.models import SignInRow, User
from wangge.accounts.signin import begin_session
from wangge.kit.clock import REAL_CLOCK, SHANGHAI
from wangge.kit.speech import spoken

TYPE_COOKIE = "wangge_type"
YEAR_S = 365 * 24 * 3600


def signed_in(request: HttpRequest) -> User:
    """The person of a page that the middleware has closed to everybody else."""
    assert isinstance(request.user, User)
    return request.user


@require_GET
@never_cache
def me(request: HttpRequest) -> HttpResponse:
    """My account: what I am here, where I am signed in, what happened to my account."""
    user = signed_in(request)
    today = REAL_CLOCK.now().astimezone(SHANGHAI).date()
    posts = user.posts.select_related("area", "unit", "stands_in_for__user").order_by("starts_on", "id")
    sessions = sorted(UserSession.objects.purge_and_list(user), key=lambda s: s.last_seen_at, reverse=True)
    return render(
        request,
        "accounts/me.html",
        {
            "posts": [post for post in posts if post.ends_on is None or post.ends_on >= today],
            "today": today,
            "sessions": sessions,
            "this_session": request.session.session_key,
            "has_second_factor": Authenticator.objects.filter(
                user=user, type=Authenticator.Type.TOTP
            ).exists(),
            "second_factor": settings.STAFF_SECOND_FACTOR,
            "rows": SignInRow.objects.filter(user=user).select_related("acted_by").order_by("-id")[:10],
            "idle_minutes": settings.IDLE_TIMEOUT_MINUTES,
        },
    )


@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all my sessions but this one."""
    user = signed_in(request)
    actions.sign_out_everywhere(user_id=user.pk, actor=user, request=request)
    user.refresh_from_db()
    update_session_auth_hash(request, user)
    begin_session(request)
    UserSession.objects.create_from_request(request)
    messages.success(request, spoken("其他设备都已退出。", "All other devices were signed out."))
    return redirect("me")


@require_POST
@login_not_required
def set_type_size(request: HttpRequest) -> HttpResponse:
    """Large or normal type, kept in a cookie for a year."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    answer = HttpResponseRedirect(back)
    if request.POST.get("size") == "large":
        answer.set_cookie(
            TYPE_COOKIE,
            "large",
            max_age=YEAR_S,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    else:
        answer.delete_cookie(TYPE_COOKIE, samesite="Lax")
    return answer
