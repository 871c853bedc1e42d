"""What axes asks us: the name that counts, and the page that says for how long an account is locked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse

from wangge.accounts.models import User
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError
from wangge.kit.refusals import refusal


def username_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """The user name as it is stored, so that ``Wang`` and ``wang`` are counted together."""
    typed = (credentials or {}).get("username") or request.POST.get("login")
    return User.normalize_username(typed)[:255] if typed else None


def locked_until(username: str) -> datetime | None:
    """When the lock of this user name ends, or None when it is not locked."""
    since = REAL_CLOCK.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username=username, attempt_time__gte=since)
    found = attempts.aggregate(n=Sum("failures_since_start"), last=Max("attempt_time"))
    if (found["n"] or 0) < settings.AXES_FAILURE_LIMIT:
        return None
    until: datetime = found["last"] + settings.AXES_COOLOFF_TIME
    return until


def locks() -> QuerySet[AccessAttempt, Any]:
    """A row (``username``, ``n``) for each user name that is locked now."""
    since = REAL_CLOCK.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(attempt_time__gte=since).values("username")
    return attempts.annotate(n=Sum("failures_since_start")).filter(n__gte=settings.AXES_FAILURE_LIMIT)


def unlock(username: str) -> None:
    """Forget the wrong passwords of this user name."""
    AccessAttempt.objects.filter(username=username).delete()


def locked_error(username: str) -> DomainError:
    """429 with how long it still lasts."""
    until = locked_until(username)
    wait_s = max(1, round((until - REAL_CLOCK.now()).total_seconds())) if until else 1
    minutes = -(-wait_s // 60)
    return DomainError(
        429,
        "locked_out",
        f"密码连续输错 {settings.AXES_FAILURE_LIMIT} 次,此账号已锁定,{minutes} 分钟后可再试。急用请联系安全管理员解锁。",
        f"Locked after {settings.AXES_FAILURE_LIMIT} wrong passwords; try again in {minutes} min. "
        "If it is urgent, ask the security administrator to unlock it.",
        retry_after=wait_s,
    )


def locked_out_page(
    request: HttpRequest, original: HttpResponse, credentials: dict[str, Any]
) -> HttpResponse:
    """What a locked-out person reads, instead of the ``original`` answer of the sign-in view."""
    return refusal(request, locked_error(username_of(request, credentials) or ""))
