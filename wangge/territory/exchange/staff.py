"""The table of staff and posts: who, as what, where, from when to when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db.models import Q

from wangge.accounts.models import User
from wangge.kit.errors import DomainError
from wangge.kit.words import Text
from wangge.territory.actions import put_posts
from wangge.territory.actions.posts import check_post
from wangge.territory.exchange.columns import (
    BadCell,
    Choices,
    Column,
    Counted,
    Exchange,
    Line,
    Problems,
    day_cell,
    text_cell,
)
from wangge.territory.exchange.judging import need_known, need_values
from wangge.territory.models import Area, Post, Unit
from wangge.territory.queries import today
from wangge.territory.roles import AREA_ROLES, ROLE_NAMES, UNIT_ROLES


def _username(text: str) -> str:
    try:
        UnicodeUsernameValidator()(text)
    except ValidationError as error:
        raise BadCell(
            f"用户名“{text:.30}”只能用字母、数字和 @ . + - _。",
            f"User name “{text:.30}” may hold letters, digits and @ . + - _ only.",
        ) from error
    return User.normalize_username(text_cell(150)(text))


def _roles() -> Choices:
    return {role.value: ROLE_NAMES[role] for role in ROLE_NAMES if role in AREA_ROLES | UNIT_ROLES}


class StaffExchange(Exchange):
    """People and their posts. New people get an account without a password: nobody can sign in with it until the
    security administrator gives a first password. ``categories`` are the codes a named professional may be for.
    """

    name = "staff"
    title = Text("人员岗位", "Staff and posts")

    def __init__(self, categories: Callable[[], Choices]) -> None:
        self.categories = categories
        self.columns = COLUMNS
        self._people: dict[str, User] = {}

    def judge(self, lines: Sequence[Line], problems: Problems) -> None:
        need_values(lines, self.columns, {}, problems)
        self._areas = {a.code: a for a in Area.objects.filter(valid_to_on=None).defer("boundary")}
        self._units = {unit.code: unit for unit in Unit.objects.filter(is_active=True)}
        need_known(lines, self.column("area_code"), self._areas.keys(), ("区域", "area"), problems)
        need_known(lines, self.column("unit_code"), self._units.keys(), ("单位", "unit"), problems)
        need_known(lines, self.column("specialty"), self.categories().keys(), ("类别", "category"), problems)
        names = {line.get("username") for line in lines} - {None}
        self._people = {user.username: user for user in User.objects.filter(username__in=names)}
        self._judge_names(lines, problems)
        self._judge_posts([line for line in lines if line.number not in problems.bad_rows], problems)

    def put(self, lines: Sequence[Line], *, by: str, at: datetime) -> Counted:
        missing = {line.get("username"): line for line in lines if line.get("username") not in self._people}
        people = [
            User(
                username=name, display_name=line.get("display_name"), password=make_password(None),
                has_to_change_password=True,
            )
            for name, line in missing.items()
        ]  # fmt: skip
        for user in User.objects.bulk_create(people, batch_size=1000):
            self._people[user.username] = user
        put = put_posts([self._row(line, self._people[line.get("username")]) for line in lines], by=by, at=at)
        return Counted(put.n_new, put.n_changed, put.n_same)

    def export(self) -> Iterable[dict[str, Any]]:
        now_or_later = Q(ends_on=None) | Q(ends_on__gte=today())
        posts = Post.objects.filter(now_or_later, stands_in_for=None)
        found = posts.select_related("user", "area", "unit").defer("area__boundary")
        for post in sorted(found, key=lambda p: (p.user.username, p.pk)):
            yield {
                "username": post.user.username, "display_name": post.user.display_name, "role": post.role,
                "area_code": post.area.code if post.area else "", "unit_code": post.unit.code if post.unit else "",
                "specialty": post.specialty, "starts_on": post.starts_on, "ends_on": post.ends_on,
            }  # fmt: skip

    def _judge_names(self, lines: Sequence[Line], problems: Problems) -> None:
        names: dict[str, tuple[str, int]] = {}
        posts: dict[tuple[Any, ...], int] = {}
        for line in lines:
            username, shown = line.get("username"), line.get("display_name")
            if username is None or shown is None:
                continue
            known = self._people.get(username)
            first, row = names.setdefault(username, (shown, line.number))
            if first != shown:
                problems.error(
                    line.number, "display_name",
                    f"用户名“{username}”在第 {row} 行是“{first}”,这里是“{shown}”。一人一名。",
                    f"User name “{username}” belongs to another name in row {row}. One person, one user name.",
                )  # fmt: skip
            elif known is not None and known.display_name != shown:
                problems.warn(
                    line.number, "display_name",
                    f"“{username}”已有账号,姓名是“{known.display_name}”;姓名不改,请安全管理员处理。",
                    f"“{username}” has an account under another name; the name stays. Ask the security administrator.",
                )  # fmt: skip
            key = tuple(
                line.get(n) for n in ("username", "role", "area_code", "unit_code", "specialty", "starts_on")
            )
            if posts.setdefault(key, line.number) != line.number:
                problems.error(
                    line.number, "", f"与第 {posts[key]} 行是同一个岗位。请删去一行。",
                    f"The same post as row {posts[key]}. Remove one of them.",
                )  # fmt: skip

    def _judge_posts(self, lines: Sequence[Line], problems: Problems) -> None:
        for line in lines:
            user = self._people.get(line.get("username")) or User(username=line.get("username"))
            try:
                check_post(Post(**self._row(line, user)))
            except DomainError as error:
                problems.error(line.number, str(error.details.get("field", "")), error.zh, error.en)

    def _row(self, line: Line, user: User) -> dict[str, Any]:
        return {
            "user": user,
            "role": line.get("role"),
            "area": self._areas.get(line.get("area_code")),
            "unit": self._units.get(line.get("unit_code")),
            "specialty": line.get("specialty") or "",
            "starts_on": line.get("starts_on"),
            "ends_on": line.get("ends_on"),
        }


COLUMNS = (
    Column("username", "用户名", "user name", _username, is_required=True, is_code=True, width=18,
           note=Text("登录用;一人一个,可有多个岗位(多行)。", "For signing in; one per person, several posts are several rows."),
           examples=("wang.wang", "li.jie")),
    Column("display_name", "姓名", "name", text_cell(60), is_required=True, examples=("王网", "李界")),
    Column("role", "岗位", "role", is_required=True, choices=_roles, width=26,
           examples=("grid_worker", "department_handler")),
    Column("area_code", "区域代码", "area", text_cell(30), is_code=True, width=20,
           note=Text("网格、社区、街道岗位填区域。", "Posts over a grid, community or street name the area."),
           examples=("370999001001001", "")),
    Column("unit_code", "单位代码", "unit", text_cell(40), is_code=True, width=18,
           note=Text("部门岗位填单位。", "Posts in a department name the unit."), examples=("", "wh-cg")),
    Column("specialty", "专业类别代码", "category", text_cell(20), is_code=True,
           note=Text("专业网格员负责的类别代码,可空。", "Category code of a named professional; may be empty.")),
    Column("starts_on", "开始日期", "from", day_cell, is_required=True, examples=("2026-01-01", "2026-01-01")),
    Column("ends_on", "结束日期", "to (last day)", day_cell, note=Text("不填为长期。", "Empty: without end.")),
)  # fmt: skip
