"""Writing the account log: who signed in from where, who was refused, which administrator did what."""

from __future__ import annotations

from django.http import HttpRequest

from wangge.accounts.models import SignInKind, SignInRow, User
from wangge.kit.network import network_address


def note_down(
    kind: SignInKind,
    *,
    user: User | None = None,
    username: str = "",
    request: HttpRequest | None = None,
    acted_by: User | None = None,
    note: str = "",
) -> None:
    """Append one line. ``username`` is what was typed when there is no such user; ``request`` tells from where."""
    SignInRow.objects.create(
        kind=kind,
        user=user,
        username=(user.username if user else username.replace("\0", ""))[:150],
        acted_by=acted_by,
        note=note[:200],
        network_address=network_address(request) if request else None,
        agent=request.headers.get("User-Agent", "").replace("\0", "")[:200] if request else "",
    )
