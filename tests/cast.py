"""The cast of the stories: one small invented town, one person for each role, and a noise row beside each.

``build_town()`` makes it in the test's database. Two streets: the stories play in 望海街道 (``street``); everything
in 青山街道 (``other_street``) is noise that must never show. Grids are squares of 0.01°::

    120.10      120.11      120.12      120.13
    35.92  +-----------+-----------+
           | grid_2    | grid_4    |   grid_4 is a dedicated grid (码头)
    35.91  +-----------+-----------+-----------+
           | grid_1    | grid_3    | other_grid|
    35.90  +-----------+-----------+-----------+
             community_a community_b  other_community
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection
from shapely.geometry import box

from wangge.accounts import tokens
from wangge.accounts.models import AdminRole, User
from wangge.cases.actions import Reported, report
from wangge.cases.models import Case
from wangge.catalog.shipped import load_shipped
from wangge.kit.clock import MovedClock
from wangge.territory.changes import changed
from wangge.territory.models import Area, AreaKind, AreaLevel, Post, Unit
from wangge.territory.roles import Role
from wangge.territory.scope import Actor, actor_for

MONDAY_MORNING = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
PASSWORD = "Wang-ge-2026"
SINCE = date(2020, 1, 1)
IN_GRID_1, IN_GRID_3, IN_OTHER_GRID = (120.105, 35.905), (120.115, 35.905), (120.125, 35.905)
RUBBISH, DAMAGED_ROAD, OPENING_HOURS = "0102", "0110", "PC01"

L = AreaLevel

CATALOGUE = [
    f"catalog_{name}"
    for name in (
        "unitkind", "channel", "closetype", "reason", "ground", "assetkind", "category", "responsibilityrow",
        "knowledgeentry", "keywordrow", "policyversion", "policyrow", "catalogrevision",
    )
]  # fmt: skip
COPIES: dict[str, bytes] = {}

# name → code, level, Chinese name, parent, square (west, south, east, north)
AREAS: dict[str, tuple[str, AreaLevel, str, str, tuple[float, float, float, float]]] = {
    "county": ("370999", L.COUNTY, "望海县", "", (120.10, 35.90, 120.13, 35.92)),
    "street": ("370999001", L.STREET, "望海街道", "county", (120.10, 35.90, 120.12, 35.92)),
    "zone": ("Z001", L.ZONE, "东管区", "street", (120.10, 35.90, 120.12, 35.92)),
    "community_a": ("370999001001", L.COMMUNITY, "长江路社区", "zone", (120.10, 35.90, 120.11, 35.92)),
    "community_b": ("370999001002", L.COMMUNITY, "银沙滩社区", "zone", (120.11, 35.90, 120.12, 35.92)),
    "grid_1": ("370999001001001", L.GRID, "长江路第一网格", "community_a", (120.10, 35.90, 120.11, 35.91)),
    "grid_2": ("370999001001002", L.GRID, "长江路第二网格", "community_a", (120.10, 35.91, 120.11, 35.92)),
    "grid_3": ("370999001002001", L.GRID, "银沙滩第一网格", "community_b", (120.11, 35.90, 120.12, 35.91)),
    "grid_4": ("370999001002002", L.GRID, "码头专属网格", "community_b", (120.11, 35.91, 120.12, 35.92)),
    "police_grid": ("J001", L.POLICE_GRID, "望海第一警格", "street", (120.10, 35.90, 120.12, 35.92)),
    "other_street": ("370999002", L.STREET, "青山街道", "county", (120.12, 35.90, 120.13, 35.91)),
    "other_community": (
        "370999002001",
        L.COMMUNITY,
        "青山社区",
        "other_street",
        (120.12, 35.90, 120.13, 35.91),
    ),
    "other_grid": (
        "370999002001001",
        L.GRID,
        "青山第一网格",
        "other_community",
        (120.12, 35.90, 120.13, 35.91),
    ),
}

# name → kind, level, Chinese name, area
UNITS: dict[str, tuple[str, AreaLevel, str, str]] = {
    "county_centre": ("governance_centre", L.COUNTY, "望海县社会治理中心", "county"),
    "street_centre": ("command_centre", L.STREET, "望海街道联动指挥中心", "street"),
    "station_a": ("community", L.COMMUNITY, "长江路社区居委会", "community_a"),
    "station_b": ("community", L.COMMUNITY, "银沙滩社区居委会", "community_b"),
    "sanitation": ("sanitation", L.COUNTY, "望海县环境卫生中心", "county"),
    "works": ("municipal_works", L.COUNTY, "望海县市政工程处", "county"),
    "urban": ("section_urban", L.STREET, "望海街道城管科", "street"),
    "squad": ("street_enforcement", L.STREET, "望海街道综合行政执法中队", "street"),
    "marine": ("marine", L.COUNTY, "望海县海洋渔业局", "county"),
    "police": ("police_station", L.STREET, "望海派出所", "street"),
    "property": ("property_company", L.COMMUNITY, "海安物业", "community_a"),
    "other_urban": ("section_urban", L.STREET, "青山街道城管科", "other_street"),
}

# name (also the user name) → Chinese name, role, area, unit
PEOPLE: dict[str, tuple[str, Role, str, str]] = {
    "grid_worker": ("王网", Role.GRID_WORKER, "grid_1", ""),
    "grid_worker_3": ("孙格", Role.GRID_WORKER, "grid_3", ""),
    "grid_head": ("赵长", Role.GRID_HEAD, "grid_1", ""),
    "part_time_worker": ("钱兼", Role.PART_TIME_WORKER, "grid_1", ""),
    "grid_adviser": ("周导", Role.GRID_ADVISER, "community_a", ""),
    "inspector": ("吴监", Role.INSPECTOR, "street", ""),
    "professional": ("郑专", Role.NAMED_PROFESSIONAL, "grid_1", "squad"),
    "zone_manager": ("冯管", Role.ZONE_MANAGER, "zone", ""),
    "community_manager": ("陈社", Role.COMMUNITY_MANAGER, "community_a", ""),
    "intake_clerk": ("褚受", Role.INTAKE_CLERK, "street", ""),
    "dispatcher": ("卫派", Role.DISPATCHER, "street", ""),
    "shift_leader": ("蒋班", Role.SHIFT_LEADER, "street", ""),
    "checker": ("沈核", Role.CHECKER, "street", ""),
    "supervision_officer": ("韩督", Role.SUPERVISION_OFFICER, "street", ""),
    "county_dispatcher": ("杨调", Role.COUNTY_DISPATCHER, "county", ""),
    "sanitation_head": ("朱环", Role.HEAD_OF_UNIT, "", "sanitation"),
    "sanitation_handler": ("秦卫", Role.DEPARTMENT_HANDLER, "", "sanitation"),
    "works_head": ("尤政", Role.HEAD_OF_UNIT, "", "works"),
    "works_handler": ("许工", Role.DEPARTMENT_HANDLER, "", "works"),
    "urban_head": ("何城", Role.HEAD_OF_UNIT, "", "urban"),
    "urban_handler": ("吕管", Role.DEPARTMENT_HANDLER, "", "urban"),
    "station_handler": ("施社", Role.DEPARTMENT_HANDLER, "", "station_a"),
    "duty_officer": ("张值", Role.DUTY_OFFICER, "street", ""),
    "police_officer": ("孔警", Role.POLICE_OFFICER, "police_grid", ""),
    "street_leader": ("曹街", Role.STREET_LEADER, "street", ""),
    "county_leader": ("严县", Role.COUNTY_LEADER, "county", ""),
    "volunteer": ("华志", Role.VOLUNTEER, "community_a", ""),
    # noise: the same roles in the other street must see and do nothing here
    "other_clerk": ("金受", Role.INTAKE_CLERK, "other_street", ""),
    "other_worker": ("魏网", Role.GRID_WORKER, "other_grid", ""),
    "other_head": ("陶城", Role.HEAD_OF_UNIT, "", "other_urban"),
}
ADMINISTRATORS = {
    "system_admin": ("姜系", AdminRole.SYSTEM),
    "security_admin": ("戚安", AdminRole.SECURITY),
    "audit_admin": ("谢审", AdminRole.AUDIT),
}


@dataclass
class Town:
    """The town as the tests use it; ``clock`` is the cast's present."""

    areas: dict[str, Area] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    clock: MovedClock = field(default_factory=lambda: MovedClock(MONDAY_MORNING))

    def actor(self, name: str) -> Actor:
        """The person of this name under the town's clock."""
        return actor_for(self.people[name], self.clock)

    def later(self, **delta: float) -> datetime:
        """Move the town's clock on, as ``timedelta(**delta)``; returns the new present."""
        self.clock.at += timedelta(**delta)
        return self.clock.at

    def resident(self, made: Reported) -> Actor:
        """The reporter of a report, as somebody who shows its code."""
        reporter = made.case.reporters.get()
        return Actor(reporter_id=reporter.pk, name="居民", visit="resident", clock=self.clock)

    def visitor(self, visit: str = "visit-1") -> Actor:
        """An anonymous visitor."""
        return Actor(visit=visit, clock=self.clock)

    def reported(
        self,
        text: str = "小区门口垃圾没人收",
        *,
        by: str = "",
        at: tuple[float, float] = IN_GRID_1,
        **given: Any,
    ) -> Reported:
        """A report: by a resident with a telephone, or by the person named in ``by``."""
        who = self.actor(by) if by else self.visitor()
        if not by:
            given = {"name": "张三丰", "phone": "13812341234", **given}
        return report(actor=who, text=text, lon=at[0], lat=at[1], **given)

    def case_at(self, at: tuple[float, float], **given: Any) -> Case:
        """A resident's case at a place."""
        return self.reported(at=at, **given).case

    def token(self, name: str) -> str:
        """A machine token that acts with the posts of the person ``name``."""
        machine = User.objects.create_user(f"machine_{name}", display_name=f"机器 {name}", is_machine=True)
        for post in Post.objects.filter(user=self.people[name]):
            Post.objects.create(user=machine, role=post.role, area=post.area, unit=post.unit, starts_on=SINCE)
        changed("posts")
        return tokens.issue(machine, "test", None)


def build_town(clock_at: datetime = MONDAY_MORNING) -> Town:
    """Make the town with its catalogue, units, areas and people."""
    fill_catalogue(clock_at)
    town = Town(clock=MovedClock(clock_at))
    for name, (code, level, name_zh, parent, square) in AREAS.items():
        town.areas[name] = make_area(town, name, code, level, name_zh, parent, square)
    for name, (kind, level, name_zh, area) in UNITS.items():
        town.units[name] = Unit.objects.create(
            code=name, kind=kind, level=level, name_zh=name_zh, name_en=name.title(), area=town.areas[area],
            phone="0532-8880000",
        )  # fmt: skip
    Area.objects.filter(code=AREAS["grid_4"][0]).update(
        supervising_unit=town.units["marine"], kind=AreaKind.DEDICATED
    )
    make_people(town)
    changed("areas", "units", "posts")
    return town


def fill_catalogue(at: datetime) -> None:
    """The shipped dictionaries; read once a process, then copied, because every story wants them."""
    if not COPIES:
        load_shipped("test", at)
        for table in CATALOGUE:
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as rows:
                COPIES[table] = b"".join(bytes(block) for block in rows)
        return
    for table, content in COPIES.items():
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY {table} FROM STDIN") as rows:
                rows.write(content)
            # in a fresh database the new rows' numbers come after the copied ones
            cursor.execute(
                f"SELECT nextval(s) FROM pg_get_serial_sequence('{table}', 'id') AS s, "
                f"generate_series(1, (SELECT max(id) FROM {table})) WHERE NOT (SELECT is_called AND last_value >= "
                f"(SELECT max(id) FROM {table}) FROM {table}_id_seq)"
            )
    changed("catalog", "keywords", "policies")


def make_area(
    town: Town, name: str, code: str, level: AreaLevel, name_zh: str, parent: str,
    square: tuple[float, float, float, float],
) -> Area:  # fmt: skip
    above = town.areas.get(parent)
    west, south, east, north = square
    area = Area.objects.create(
        code=code, level=level, kind=AreaKind.OVERLAY if level == L.POLICE_GRID else AreaKind.BASE, name_zh=name_zh,
        name_en=name.replace("_", " ").title(), parent=above, boundary=box(*square).wkb, min_lon=west, min_lat=south,
        max_lon=east, max_lat=north, valid_from_on=SINCE,
    )  # fmt: skip
    area.path = f"{above.path if above else '/'}{area.pk}/"
    area.save(update_fields=["path"])
    return area


@cache
def hashed(password: str) -> str:
    """Hashed once a process, because hashing is slow on purpose."""
    return make_password(password)


def make_people(town: Town) -> None:
    """One user per role."""
    password, at = hashed(PASSWORD), town.clock.at
    made = [
        User(username=name, display_name=zh, password=password, password_changed_at=at)
        for name, (zh, *_) in PEOPLE.items()
    ]
    made += [
        User(username=name, display_name=zh, admin_role=role, password=password, password_changed_at=at)
        for name, (zh, role) in ADMINISTRATORS.items()
    ]
    town.people = {user.username: user for user in User.objects.bulk_create(made)}
    Post.objects.bulk_create(
        Post(
            user=town.people[name], role=role, area=town.areas.get(area), unit=town.units.get(unit), starts_on=SINCE,
            specialty="0201" if role is Role.NAMED_PROFESSIONAL else "",
        )
        for name, (_, role, area, unit) in PEOPLE.items()
    )  # fmt: skip
