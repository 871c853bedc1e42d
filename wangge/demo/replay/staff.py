"""The simulated staff: people who really hold the posts, under the simulation's clock."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from random import Random

from wangge.accounts.models import User
from wangge.cases.models import Case
from wangge.kit.clock import MovedClock
from wangge.kit.errors import Conflict
from wangge.territory.models import Post, Unit
from wangge.territory.roles import ROLE_NAMES, Role
from wangge.territory.scope import Actor, actor_for


class Staff:
    """Finds somebody with a role over a place or in a unit; read once, kept for the run."""

    def __init__(self) -> None:
        self._over: dict[tuple[Role, str], list[int]] = defaultdict(list)
        self._in: dict[tuple[Role, int], list[int]] = defaultdict(list)
        posts = (
            Post.objects.filter(user__is_active=True, user__is_machine=False)
            .select_related("area")
            .order_by("id")
        )
        for post in posts:
            if post.area is not None:
                self._over[Role(post.role), post.area.path].append(post.user_id)
            if post.unit_id is not None:
                self._in[Role(post.role), post.unit_id].append(post.user_id)
        self.units = {unit.pk: unit for unit in Unit.objects.filter(is_active=True)}
        self.actor = cache(self._actor)

    def _actor(self, user_id: int) -> Actor:
        return actor_for(User.objects.get(pk=user_id), is_simulated=True)

    def over(self, path: str, *roles: Role, random: Random) -> Actor | None:
        """Somebody with one of the roles (the first that anybody holds) over this path, nearest area first."""
        parts = path.strip("/").split("/")
        for role in roles:
            for n in range(len(parts), 0, -1):
                held = self._over.get((role, "/" + "/".join(parts[:n]) + "/"))
                if held:
                    return self.actor(random.choice(held))
        return None

    def somebody(self, case: Case, clock: MovedClock, random: Random, *roles: Role) -> Actor:
        """The same for a case (a restricted one only from the named); Conflict when the town has nobody."""
        path = case.path
        if case.sensitivity == "restricted":
            found = self._named(case, roles)
        else:
            found = self.over(path, *roles, Role.COUNTY_DISPATCHER, random=random)
        if found is None:
            zh, en = (", ".join(ROLE_NAMES[role][n] for role in roles) for n in (0, 1))
            raise Conflict(
                "nobody",
                f"此处没有人担任:{zh}。请先导入人员岗位。",
                f"Nobody here is: {en}. Import staff and posts.",
            )
        return found.at(clock)

    def _named(self, case: Case, roles: tuple[Role, ...]) -> Actor | None:
        named = [self.actor(user_id) for user_id in case.named_user_ids]
        for role in (*roles, Role.COUNTY_DISPATCHER):
            for actor in named:
                if role in actor.roles:
                    return actor
        return None

    def in_unit(self, unit_id: int, clock: MovedClock, random: Random, *, head: bool = False) -> Actor | None:
        """Somebody of a unit: its head, or anybody who handles."""
        roles = (Role.HEAD_OF_UNIT,) if head else (Role.DEPARTMENT_HANDLER, Role.HEAD_OF_UNIT)
        for role in roles:
            held = self._in.get((role, unit_id))
            if held:
                return self.actor(random.choice(held)).at(clock)
        return None

    def handling_units(self, unit_ids: list[int]) -> list[int]:
        """Those of these units that have a head and can therefore work a case."""
        return [unit_id for unit_id in unit_ids if (Role.HEAD_OF_UNIT, unit_id) in self._in]

    def username(self, person: Actor) -> str:
        """The user name of somebody of this staff."""
        return User.objects.values_list("username", flat=True).get(pk=person.user_id or 0)

    def any_unit(self, random: Random, *, but: set[int]) -> int:
        """Some unit with a head, other than these."""
        able = sorted(
            unit_id for role, unit_id in self._in if role is Role.HEAD_OF_UNIT and unit_id not in but
        )
        if not able:
            raise Conflict(
                "nobody",
                "没有可以承办的单位。请先导入单位和岗位。",
                "No unit can handle cases. Import units and posts.",
            )
        return random.choice(able)
