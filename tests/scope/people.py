"""Everybody who knocks: the cast, the roles it lacks, posts that count no more or not yet, machines, strangers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client

from tests.cast import ADMINISTRATORS, MONDAY_MORNING, PEOPLE, SINCE, Town
from wangge.accounts import tokens
from wangge.accounts.models import AdminRole, User
from wangge.accounts.signin import BEGAN, SEEN
from wangge.kit.clock import SHANGHAI
from wangge.kit.words import Text
from wangge.territory.actions import stand_in
from wangge.territory.changes import changed
from wangge.territory.models import Post
from wangge.territory.roles import ROLE_NAMES, Role

TODAY = MONDAY_MORNING.astimezone(SHANGHAI).date()
# user name → role, area, unit, first day from today, last day from today, what is special
MORE: dict[str, tuple[Role, str, str, int, int | None, Text]] = {
    "information_officer": (Role.INFORMATION_OFFICER, "grid_1", "", -99, None, Text("", "")),
    "assistant": (Role.ASSISTANT, "grid_1", "", -99, None, Text("", "")),
    "security_householder": (Role.SECURITY_HOUSEHOLDER, "grid_1", "", -99, None, Text("", "")),
    "building_head": (Role.BUILDING_HEAD, "grid_1", "", -99, None, Text("", "")),
    "partner": (Role.PARTNER, "", "property", -99, None, Text("", "")),
    "duty_of_unit": (Role.DUTY_OFFICER, "", "works", -99, None, Text("在单位值班", "on duty in a unit")),
    "expired": (Role.DISPATCHER, "street", "", -99, -1, Text("岗位昨天到期", "the post ended yesterday")),
    "tomorrow": (Role.DISPATCHER, "street", "", 1, None, Text("岗位明天开始", "the post begins tomorrow")),
    "disabled": (Role.DISPATCHER, "street", "", -99, None, Text("账号已停用", "the account is disabled")),
    "leader_complained_of": (Role.STREET_LEADER, "street", "", -99, None, Text("被反映的领导", "a leader complained of")),
}  # fmt: skip
STAND_IN, ADMIN_WITH_POST = "stand_in", "admin_with_post"
MACHINE, MACHINE_WITHOUT, BAD_TOKEN, STRANGER = "machine", "machine_without_post", "bad_token", "stranger"


@dataclass
class Knocker:
    """Somebody at the doors: the client is signed in, or sends a token, or neither."""

    name: str
    role: str
    place: str
    about: Text
    client: Client
    headers: dict[str, str] = field(default_factory=dict)
    has_browser: bool = True
    user: User | None = None

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, query, **self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(path, body or {}, content_type="application/json", **self.headers)


def add_people(town: Town) -> None:
    """The posts that the cast lacks."""
    for name, (role, area, unit, first, last, _) in MORE.items():
        user = town.people[name] = new_user(town, name)
        Post.objects.create(
            user=user, role=role, area=town.areas.get(area), unit=town.units.get(unit),
            starts_on=TODAY + timedelta(days=first), ends_on=None if last is None else TODAY + timedelta(days=last),
        )  # fmt: skip
    original = Post.objects.get(user=town.people["dispatcher"])
    town.people[STAND_IN] = new_user(town, STAND_IN)
    stand_in(original, town.people[STAND_IN], from_on=TODAY, to_on=TODAY, by="test", at=MONDAY_MORNING)
    admin = town.people[ADMIN_WITH_POST] = new_user(town, ADMIN_WITH_POST, admin_role=AdminRole.SYSTEM)
    # no action gives it; as if somebody had written it into the database
    Post.objects.create(user=admin, role=Role.DISPATCHER, area=town.areas["street"], starts_on=SINCE)
    User.objects.filter(username="disabled").update(is_active=False)
    changed("posts")


def new_user(town: Town, name: str, **given: Any) -> User:
    password = town.people["dispatcher"].password
    return User.objects.create(
        username=name, display_name=name, password=password, password_changed_at=MONDAY_MORNING, **given
    )


def knockers(town: Town) -> list[Knocker]:
    """Everybody, in the order of the page."""
    found = [of_cast(town, name) for name in PEOPLE]
    found += [
        Knocker(name, ROLE_NAMES[role].zh, place_of(town, area, unit), about, signed_in(town.people[name]), user=town.people[name])
        for name, (role, area, unit, _, _, about) in MORE.items()
    ]  # fmt: skip
    stand_for = Text("今天顶岗", "stands in today")
    found.append(
        Knocker(STAND_IN, ROLE_NAMES[Role.DISPATCHER].zh, place_of(town, "street", ""), stand_for, signed_in(town.people[STAND_IN]),
                user=town.people[STAND_IN])
    )  # fmt: skip
    for name in (*ADMINISTRATORS, ADMIN_WITH_POST):
        user = town.people[name]
        about = (
            Text("库里被塞了派遣员岗位", "with a post forced in") if name == ADMIN_WITH_POST else Text("", "")
        )
        found.append(Knocker(name, user.get_admin_role_display(), "", about, signed_in(user), user=user))
    return found + programs(town)


def programs(town: Town) -> list[Knocker]:
    """Machine tokens, a wrong one, and nobody at all."""
    without = User.objects.create_user("machine_alone", display_name="机器", is_machine=True)
    with_post = Text("持受理员岗位的令牌", "a token with the clerk's post")
    made = {
        MACHINE: (town.token("intake_clerk"), with_post),
        MACHINE_WITHOUT: (
            tokens.issue(without, "test", None),
            Text("无岗位的令牌", "a token without a post"),
        ),
        BAD_TOKEN: ("wg_" + "0" * 43, Text("错误的令牌", "a wrong token")),
    }
    found = [
        Knocker(
            name, "机器", "", about, Client(), {"HTTP_AUTHORIZATION": f"Bearer {token}"}, has_browser=False
        )
        for name, (token, about) in made.items()
    ]
    nobody = Text("未登录", "not signed in")
    return [*found, Knocker(STRANGER, "", "", nobody, Client(raise_request_exception=False))]


def of_cast(town: Town, name: str) -> Knocker:
    _, role, area, unit = PEOPLE[name]
    user = town.people[name]
    return Knocker(
        name, ROLE_NAMES[role].zh, place_of(town, area, unit), Text("", ""), signed_in(user), user=user
    )


def place_of(town: Town, area: str, unit: str) -> str:
    names = [town.areas[area].name_zh] if area else []
    return " ".join(names + ([town.units[unit].name_zh] if unit else []))


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = client.session
    session[BEGAN] = session[SEEN] = MONDAY_MORNING.timestamp()
    session.save()
    return client
