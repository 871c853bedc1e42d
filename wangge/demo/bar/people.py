"""The eight named people of the bar: one for each part in the story of a case, all of the demo town."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.accounts.models import User
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import NotFound
from wangge.kit.words import Text
from wangge.territory.changes import Kept
from wangge.territory.models import Post
from wangge.territory.roles import ROLE_NAMES, Role
from wangge.territory.scope import posts_in_force

PARTS = (
    Role.INTAKE_CLERK, Role.DISPATCHER, Role.GRID_WORKER, Role.HEAD_OF_UNIT, Role.DEPARTMENT_HANDLER, Role.CHECKER,
    Role.SHIFT_LEADER, Role.STREET_LEADER,
)  # fmt: skip
OF_A_UNIT = (Role.HEAD_OF_UNIT, Role.DEPARTMENT_HANDLER)
ON_FOOT = (Role.GRID_WORKER,)
UNIT_KIND = "municipal_works"  # whom the guided case will be given to


@dataclass(frozen=True)
class Person:
    """Somebody of the demo town in one part."""

    username: str
    name: str
    role: Role
    place: Text
    unit_id: int | None = None

    @property
    def part(self) -> Text:
        return ROLE_NAMES[self.role]

    @property
    def is_on_foot(self) -> bool:
        """Whose first page is the phone's."""
        return self.role in ON_FOOT


def read_people() -> tuple[Person, ...]:
    """One holder for each part, the longest entered first; of a unit that the guided case goes to when there is one."""
    posts = (
        Post.objects.filter(
            posts_in_force(REAL_CLOCK.now()), user__is_demo=True, user__is_active=True, role__in=PARTS
        )
        .select_related("user", "area", "unit")
        .defer("area__boundary")
        .order_by("id")
    )
    ranked = sorted(posts, key=lambda post: (post.unit is None or post.unit.kind != UNIT_KIND, post.pk))
    found: dict[Role, Person] = {}
    taken: set[str] = set()
    for part in PARTS:
        for post in ranked:
            if post.role == part and post.user.username not in taken:
                found[part] = person_of(post)
                taken.add(post.user.username)
                break
    return tuple(found[part] for part in PARTS if part in found)


def person_of(post: Post) -> Person:
    place = post.unit if post.role in OF_A_UNIT else post.area or post.unit
    name = Text(place.name_zh, place.name_en or place.name_zh) if place else Text("", "")
    return Person(post.user.username, str(post.user), Role(post.role), name, post.unit_id)


_people = Kept("posts", "units", "areas", read=read_people, daily=True)


def people() -> tuple[Person, ...]:
    """The people of the bar, in the order of the story; from memory."""
    return _people.get()


def in_part(role: Role) -> Person:
    """Who plays this part. Raises NotFound when the town has nobody."""
    found = next((person for person in people() if person.role == role), None)
    if found is None:
        raise nobody(ROLE_NAMES[role])
    return found


def of_unit(unit_id: int) -> Person:
    """Who handles cases in a unit: the bar's own handler when it is that unit, else one of its people."""
    for person in people():
        if person.role is Role.DEPARTMENT_HANDLER and person.unit_id == unit_id:
            return person
    posts = Post.objects.filter(
        posts_in_force(REAL_CLOCK.now()),
        user__is_demo=True,
        user__is_active=True,
        unit_id=unit_id,
        role__in=OF_A_UNIT,
    )
    held = sorted(
        posts.select_related("user", "unit", "area"),
        key=lambda post: (post.role == Role.HEAD_OF_UNIT, post.pk),
    )
    if not held:
        raise nobody(ROLE_NAMES[Role.DEPARTMENT_HANDLER])
    return person_of(held[0])


def user_of(username: str) -> User:
    """The demo user of this name. Raises NotFound for everybody else."""
    user = User.objects.filter(username=username, is_demo=True, is_active=True).first()
    if user is None:
        raise NotFound("没有这个演示人员。", "There is no such demo person.")
    return user


def nobody(name: Text) -> NotFound:
    return NotFound(f"演示城镇里没有人担任“{name.zh}”。", f"Nobody in the demo town is: {name.en}.")
