"""Who calls: the actor behind a request, for every door that programs use."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from django.http import HttpRequest

from wangge.accounts.models import User
from wangge.accounts.signin import user_of_request
from wangge.kit.visits import visit_of
from wangge.territory.changes import Kept
from wangge.territory.scope import Actor, actor_for

FRESH_S = 5.0
MOST_KEPT = 1_000


@dataclass
class Machines:
    """Actors of machine users, kept for five seconds: a machine sends many requests a second."""

    held: dict[int, tuple[float, Actor]] = field(default_factory=dict)

    def actor(self, user: User) -> Actor:
        now = time.monotonic()
        kept = self.held.get(user.pk)
        if kept is None or now - kept[0] > FRESH_S:
            if len(self.held) >= MOST_KEPT:
                self.held.clear()
            kept = self.held[user.pk] = (now, actor_for(user))
        return kept[1]


_machines = Kept("areas", "posts", "units", read=Machines, daily=True)


def staff_of(request: HttpRequest) -> Actor | None:
    """The signed-in person or machine; None for anonymous people. Raises 401 and 403 like ``user_of_request``.

    A person's posts are read at every request; a machine's count for up to five seconds after they end.
    """
    user = user_of_request(request)
    if user is None:
        return None
    return _machines.get().actor(user) if user.is_machine else actor_for(user)


def visitor_of(request: HttpRequest) -> Actor:
    """The anonymous person behind a request: owns what the visit's cookie owns."""
    return Actor(visit=visit_of(request))
