"""Who sends this request, and whether this person may be let in at all."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from wangge.accounts import tokens
from wangge.accounts.demo_rules import may_use_demo_accounts
from wangge.accounts.journal import note_down
from wangge.accounts.models import SignInKind, User
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError, Forbidden
from wangge.kit.network import network_address, network_of
from wangge.kit.tries import count_wrong, refuse_guessing
from wangge.kit.words import Text

SEEN, BEGAN, HAS_SECOND_FACTOR = "wangge_seen_at", "wangge_signed_in_at", "wangge_second_factor"
NOTED_EVERY_S = 60
BACKGROUND_HEADER = "X-Wangge-Background"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


def bearer_token(request: HttpRequest) -> str:
    """The token of ``Authorization: Bearer …``, good or not; empty when there is none."""
    kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def user_of_request(request: HttpRequest) -> User | None:
    """The user whose machine token (``Authorization: Bearer wg_…``) or session this request carries, or None.

    A token that is not good raises 401, a session that first has to change its password or add a second factor
    403, and so does a changing request of a session without CSRF token where the view did not check it. For the
    API, which answers in JSON; pages are guarded by the middleware.
    """
    token = bearer_token(request)
    if token:
        user = user_of_token(token, request)
        refuse(user, request)
        return user
    if not isinstance(request.user, User):
        return None
    task = first_task(request, request.user)
    if task is not None:
        raise Forbidden(task.sentence.zh, task.sentence.en, code=task.code)
    check_csrf(request)
    return request.user


def user_of_token(token: str, request: HttpRequest) -> User:
    """The machine behind a token. Wrong ones are counted for the network (429 when it guesses), good ones cost nothing."""
    try:
        return tokens.user_of(token)
    except DomainError:
        at, network = REAL_CLOCK.now(), network_of(network_address(request))
        refuse_guessing("token", network, at)
        count_wrong("token", network, at)
        raise


def nothing(*_: object) -> HttpResponse:
    """Stands where a view would; it is never called."""
    return HttpResponse()


def check_csrf(request: HttpRequest) -> None:
    """Refuse a changing request of a session whose CSRF token was neither checked before nor is good."""
    if request.method in SAFE_METHODS or getattr(request, "csrf_processing_done", False):
        return
    guard = CsrfViewMiddleware(nothing)
    guard.process_request(request)
    if guard.process_view(request, nothing, (), {}) is not None:
        raise Forbidden(
            "请求缺少防伪标记。请刷新页面后重试。",
            "The request lacks its CSRF token. Load the page again and retry.",
            code="csrf_failed",
        )


# --- who is never let in ----------------------------------------------------------------------------------


def reason_to_refuse(user: User, request: HttpRequest, *, by_password: bool = False) -> Text | None:
    """Why this user may not come in from here, or None. Told only to who knows the password or the token."""
    if not user.is_active:
        return Text(
            "此账号已停用。请联系安全管理员。", "This account is disabled. Ask the security administrator."
        )
    if user.is_demo and not may_use_demo_accounts(request):
        return Text(
            "演示账号只能在本机(127.0.0.1)使用。",
            "Demo accounts work on the machine itself (127.0.0.1) only.",
        )
    if by_password and user.is_machine:
        return Text("机器账号只能用令牌访问,不能登录。", "Machine accounts use tokens; they cannot sign in.")
    if by_password and one_time_password_expired(user, REAL_CLOCK.now()):
        return Text(
            "一次性密码已过期。请联系安全管理员重新设置。",
            "This one-time password has expired. Ask the security administrator for a new one.",
        )
    return None


def refuse(user: User, request: HttpRequest) -> None:
    reason = reason_to_refuse(user, request)
    if reason is not None:
        raise DomainError(401, "refused", reason.zh, reason.en)


def one_time_password_expired(user: User, at: datetime) -> bool:
    """Whether a password that was handed over has waited longer than ``ONE_TIME_PASSWORD_DAYS``."""
    if not user.has_to_change_password or user.password_changed_at is None or user.is_demo:
        return False
    return at - user.password_changed_at > timedelta(days=settings.ONE_TIME_PASSWORD_DAYS)


# --- what must be done before anything else ---------------------------------------------------------------


class FirstTask:
    """Something a signed-in person has to do before any other page opens."""

    def __init__(self, code: str, url_name: str, sentence: Text) -> None:
        self.code = code
        self.url_name = url_name
        self.sentence = sentence


CHANGE_PASSWORD = FirstTask(
    "must_change_password",
    "account_change_password",
    Text("请先设置您自己的新密码。", "First choose a new password of your own."),
)
RENEW_PASSWORD = FirstTask(
    "password_expired",
    "account_change_password",
    Text("密码使用已久,请换一个新密码。", "Your password has become old. Choose a new one."),
)
ADD_SECOND_FACTOR = FirstTask(
    "must_add_second_factor",
    "mfa_activate_totp",
    Text(
        "本系统要求二次验证。请先用手机验证器扫码开通。",
        "A second factor is required here. First add an authenticator app.",
    ),
)


def first_task(request: HttpRequest, user: User) -> FirstTask | None:
    """What this signed-in person must do first; None for machines, demo people and everybody who is ready."""
    if user.is_machine:
        return None
    if user.has_to_change_password:
        return CHANGE_PASSWORD
    if user.is_demo:
        return None
    if password_is_old(user, REAL_CLOCK.now()):
        return RENEW_PASSWORD
    if settings.STAFF_SECOND_FACTOR == "required" and not has_second_factor(request, user):
        return ADD_SECOND_FACTOR
    return None


def password_is_old(user: User, at: datetime) -> bool:
    days = settings.PASSWORD_MAX_AGE_DAYS
    if not days or user.password_changed_at is None or not user.has_usable_password():
        return False
    return at - user.password_changed_at > timedelta(days=days)


def has_second_factor(request: HttpRequest, user: User) -> bool:
    """Whether the user has an authenticator; remembered in the session, which ends when it is cleared."""
    if request.session.get(HAS_SECOND_FACTOR):
        return True
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    if found:
        request.session[HAS_SECOND_FACTOR] = True
    return found


# --- how long a session lives -----------------------------------------------------------------------------


def begin_session(request: HttpRequest) -> None:
    """Note when the session began; called at sign-in."""
    now = REAL_CLOCK.now().timestamp()
    request.session[BEGAN] = request.session[SEEN] = now


def end_if_over(request: HttpRequest, user: User) -> Text | None:
    """End a session that is idle, old, or from where it may not be; returns the sentence that says why.

    Requests that a page sends by itself (header ``X-Wangge-Background``) do not count as activity.
    """
    now = REAL_CLOCK.now().timestamp()
    session = request.session
    began, seen = session.setdefault(BEGAN, now), session.setdefault(SEEN, now)
    reason = reason_to_refuse(user, request)
    kind = SignInKind.REFUSED
    if reason is None and now - seen > settings.IDLE_TIMEOUT_MINUTES * 60:
        reason, kind = idle_too_long(), SignInKind.TIMED_OUT
    if reason is None and now - began > settings.SESSION_HOURS * 3600:
        reason, kind = signed_in_too_long(), SignInKind.TIMED_OUT
    if reason is not None:
        note_down(kind, user=user, request=request)
        logout(request)
        return reason
    if now - seen > NOTED_EVERY_S and BACKGROUND_HEADER not in request.headers:
        session[SEEN] = now
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=REAL_CLOCK.now())
    return None


def idle_too_long() -> Text:
    minutes = settings.IDLE_TIMEOUT_MINUTES
    return Text(
        f"您已超过 {minutes} 分钟没有操作,为安全已退出。请重新登录。",
        f"You were signed out after {minutes} minutes without activity. Please sign in again.",
    )


def signed_in_too_long() -> Text:
    hours = settings.SESSION_HOURS
    return Text(
        f"登录已满 {hours} 小时,为安全已退出。请重新登录。",
        f"You were signed out after {hours} hours. Please sign in again.",
    )
