"""Machine tokens: ``wg_`` and 43 characters (256 random bits), shown once; only the SHA-256 digest is stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from wangge.accounts.journal import note_down
from wangge.accounts.models import MachineToken, SignInKind, User
from wangge.kit.clock import REAL_CLOCK, SHANGHAI
from wangge.kit.crypto import token_digest
from wangge.kit.errors import Conflict, DomainError

PREFIX = "wg_"
LENGTH = len(PREFIX) + 43
FRESH = timedelta(seconds=10)
MOST_KEPT = 10_000


@dataclass(frozen=True)
class Kept:
    """A token that was found good a moment ago."""

    user: User
    token_id: int
    expires_at: datetime | None
    read_at: datetime


KEPT: dict[bytes, Kept] = {}


def issue(user: User, name: str, expires_at: datetime | None, *, acted_by: User | None = None) -> str:
    """Make a token for a machine user and return it; it cannot be shown again. ``expires_at`` None: no end."""
    if not user.is_machine:
        raise Conflict(
            "not_a_machine",
            "令牌只能发给机器账号。请先建立一个机器账号。",
            "Tokens are for machine accounts. Make a machine account first.",
        )
    token = PREFIX + secrets.token_urlsafe(32)
    MachineToken.objects.create(
        user=user, name=name, digest=token_digest(token), hint=token[-4:], expires_at=expires_at
    )
    note_down(SignInKind.TOKEN_ISSUED, user=user, acted_by=acted_by, note=name)
    return token


def revoke(token_id: int, *, acted_by: User | None = None) -> None:
    """End a token: at once in this process, within ten seconds in the others."""
    row = MachineToken.objects.select_related("user").get(pk=token_id)
    if row.revoked_at is None:
        row.revoked_at = REAL_CLOCK.now()
        row.save(update_fields=["revoked_at"])
        note_down(SignInKind.TOKEN_REVOKED, user=row.user, acted_by=acted_by, note=row.name)
    KEPT.pop(bytes(row.digest), None)


def user_of(token: str) -> User:
    """The machine user that a token belongs to. Raises 401 for one that is unknown, expired or revoked.

    Found tokens are kept in memory for ten seconds. The day of use is noted, once a day.
    """
    now = REAL_CLOCK.now()
    if len(token) != LENGTH or not token.startswith(PREFIX):
        raise not_good()
    digest = token_digest(token)
    kept = KEPT.get(digest)
    if kept is None or not timedelta(0) <= now - kept.read_at < FRESH:
        kept = read(digest, now)
        if len(KEPT) >= MOST_KEPT:
            KEPT.clear()
        KEPT[digest] = kept
    if kept.expires_at is not None and kept.expires_at <= now:
        raise not_good()
    return kept.user


def read(digest: bytes, now: datetime) -> Kept:
    row = MachineToken.objects.select_related("user").filter(digest=digest).first()
    if row is None or row.revoked_at is not None or not row.user.is_active:
        KEPT.pop(digest, None)
        raise not_good()
    today = now.astimezone(SHANGHAI).date()
    if row.last_used_on != today and (row.expires_at is None or row.expires_at > now):
        MachineToken.objects.filter(pk=row.pk).update(last_used_on=today)
    return Kept(row.user, row.pk, row.expires_at, now)


def not_good() -> DomainError:
    return DomainError(
        401,
        "token_not_valid",
        "令牌无效、已到期或已停用。请向安全管理员申请新令牌。",
        "This token is not valid, has expired or was revoked. Ask the security administrator for a new one.",
    )
