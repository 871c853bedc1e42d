"""Who acts, and over which area: the one place where posts become rights. Each feature's scope.py adds its rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Q

from wangge.accounts.models import User
from wangge.kit.clock import REAL_CLOCK, SHANGHAI, Clock
from wangge.kit.db import planned
from wangge.kit.errors import Forbidden
from wangge.territory.roles import Role


@dataclass(frozen=True)
class Grant:
    """What one post in force gives: a role over an area (a path prefix) or in a unit (or both)."""

    role: Role
    post_id: int
    area_path: str = ""
    unit_id: int | None = None
    specialty: str = ""
    for_user: str = ""  # a stand-in acts "for" this person


@dataclass(frozen=True)
class Actor:
    """Somebody who does something: a person on the staff, a machine, a resident, or the platform itself.

    ``reporter_id`` is set for a resident who showed the code of a report (a row of ``cases.Reporter``).
    ``clock`` tells the actor's present; ``is_simulated`` marks the replay and the demo in every entry.
    """

    user_id: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    reporter_id: int | None = None
    visit: str = ""  # an anonymous person's visit: owns uploads and idempotency keys
    is_platform: bool = False
    is_simulated: bool = False
    clock: Clock = field(default=REAL_CLOCK, compare=False)

    def now(self) -> datetime:
        return self.clock.now()

    def at(self, clock: Clock, *, is_simulated: bool | None = None) -> Actor:
        """The same person under another clock."""
        return replace(
            self, clock=clock, is_simulated=self.is_simulated if is_simulated is None else is_simulated
        )

    @property
    def roles(self) -> frozenset[Role]:
        """All roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)

    def unit_ids(self, *roles: Role) -> set[int]:
        """Units in which one of the roles is held (any role when none is named)."""
        return {g.unit_id for g in self.grants if g.unit_id is not None and (not roles or g.role in roles)}

    def area_paths(self, *roles: Role) -> list[str]:
        """Path prefixes over which one of the roles is held."""
        return [g.area_path for g in self.grants if g.area_path and (not roles or g.role in roles)]

    @property
    def caller(self) -> str:
        """Who owns the uploads and Idempotency-Keys of this actor: ``user:12`` or ``visit:…``."""
        return f"user:{self.user_id}" if self.user_id else f"visit:{self.visit}"


PLATFORM = Actor(name="平台", is_platform=True, grants=(Grant(Role.PLATFORM, post_id=0, area_path="/"),))


def posts_in_force(at: datetime) -> Q:
    """Posts that count on the day of ``at`` in Shanghai; an expired one gives nothing at once."""
    today = at.astimezone(SHANGHAI).date()
    return Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))


def actor_for(user: User, clock: Clock = REAL_CLOCK, *, is_simulated: bool = False) -> Actor:
    """The actor that a signed-in user (or a machine user with a token) is now: one query."""
    if not user.is_active:
        raise Forbidden("此账号已停用。请联系管理员。", "This account is disabled. Ask the administrator.")
    if user.admin_role:  # the three administrators see no people in cases, whatever post was given to them
        return Actor(user.pk, user.display_name or user.username, clock=clock, is_simulated=is_simulated)
    today = clock.now().astimezone(SHANGHAI).date()
    grants = tuple(grant_of(*row) for row in planned(GRANTS, [user.pk, today, today]))
    return Actor(user.pk, user.display_name or user.username, grants, clock=clock, is_simulated=is_simulated)


# every request of a person asks it
GRANTS = """
SELECT post.role, post.id, coalesce(area.path, ''), post.unit_id, post.specialty,
  coalesce(nullif(stood_for.display_name, ''), stood_for.username, '')
FROM territory_post AS post
  LEFT JOIN territory_area AS area ON area.id = post.area_id
  LEFT JOIN territory_post AS original ON original.id = post.stands_in_for_id
  LEFT JOIN accounts_user AS stood_for ON stood_for.id = original.user_id
WHERE post.user_id = %s AND post.starts_on <= %s AND (post.ends_on IS NULL OR post.ends_on >= %s)
ORDER BY post.id"""


def grant_of(
    role: str, post_id: int, area_path: str, unit_id: int | None, specialty: str, for_user: str
) -> Grant:
    return Grant(Role(role), post_id, area_path, unit_id, specialty, for_user)


def inside(paths: list[str], column: str = "path") -> Q:
    """Rows whose area path lies under one of the prefixes; none when there is no prefix."""
    wanted = Q(pk__in=[])
    widest: list[str] = []
    for path in sorted(set(paths)):  # what lies inside another comes after it
        if not (widest and path.startswith(widest[-1])):
            widest.append(path)
            wanted |= Q(**{f"{column}__startswith": path})
    return wanted
