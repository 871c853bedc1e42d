"""Demo accounts have known passwords, so they work on the machine itself only."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest

from wangge.accounts.journal import note_down
from wangge.accounts.models import SignInKind, User
from wangge.kit.errors import Forbidden
from wangge.kit.network import is_loopback

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def demo_accounts_exist() -> bool:
    """Whether serving on another address must be refused."""
    return User.objects.filter(is_demo=True, is_active=True).exists()


def may_use_demo_accounts(request: HttpRequest) -> bool:
    """Only a person at this very machine: loopback address, passed on by no proxy."""
    return is_loopback(request)


def act_as(request: HttpRequest, user: User) -> None:
    """Sign in as a demo person without a password (the demo bar). Refused for real users and from elsewhere."""
    if not (user.is_demo and user.is_active and may_use_demo_accounts(request)):
        raise Forbidden(
            "只能在本机扮演演示人员。", "Only demo people can be acted as, and only on the machine itself."
        )
    note_down(SignInKind.ACTED_AS, user=user, request=request)
    login(request, user, backend=BACKEND)
