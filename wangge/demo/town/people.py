"""About 240 invented people and their posts, in the role words of the workflow."""

from __future__ import annotations

from random import Random

from wangge.demo.town import names
from wangge.demo.town.model import Area, Person, Post, Town, Unit

ADMINISTRATORS = {"sysadmin": "system_admin", "secadmin": "security_admin", "audadmin": "audit_admin"}
# Role, area (county or street), how many people.
CENTRE_POSTS = [
    ("county_leader", "county", 1), ("county_dispatcher", "county", 2), ("supervision_officer", "county", 1),
    ("duty_officer", "county", 1), ("street_leader", "street", 2), ("supervision_officer", "street", 1),
    ("shift_leader", "street", 3), ("intake_clerk", "street", 5), ("dispatcher", "street", 4),
    ("checker", "street", 4), ("duty_officer", "street", 2),
]  # fmt: skip
ZONE_POSTS = ("zone_manager", "inspector", "grid_adviser")
# Units with so much to do that several people handle cases; elsewhere the head does it alone.
BUSY = {
    "urban_management": 3, "housing": 2, "municipal_works": 2, "environment": 2, "traffic_police": 2, "water": 1,
    "market": 1, "sanitation": 2, "human_resources": 1, "public_security": 1, "section_urban": 2,
    "section_livelihood": 2, "section_emergency": 1, "section_property": 1, "street_enforcement": 2,
    "police_station": 1,
}  # fmt: skip
# Named professionals that stand beside the grids: the unit they come from and their category of cases.
PROFESSIONALS = [
    ("street_enforcement", "05"), ("section_urban", "01"), ("judicial_office", "DP"), ("health_centre", "PH"),
    ("fire_station", "HZ"), ("section_property", "LV20"),
]  # fmt: skip
N_WORKERS_WITH_TWO_GRIDS = 10
N_PART_TIME = 6
N_CADRES = 13


class Register:
    """Makes people with a name and a user name that nobody else has."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set(ADMINISTRATORS)
        self._named: set[str] = set()
        self._surnames = [*names.SURNAMES, *list(names.SURNAMES)[:12] * 2]  # the commonest come oftener
        self.people: list[Person] = []

    def person(self, *posts: Post, username: str = "") -> Person:
        """A new invented person who holds the posts."""
        while True:
            surname = self._rng.choice(self._surnames)
            given = self._rng.choice(list(names.GIVEN))
            if surname + given not in self._named:
                break
        self._named.add(surname + given)
        stem = username or names.SURNAMES[surname] + names.GIVEN[given]
        login, number = stem, 2
        while login in self._taken and not username:
            login, number = f"{stem}{number}", number + 1
        self._taken.add(login)
        person = Person(login, surname + given, list(posts))
        self.people.append(person)
        return person


def make_staff(town: Town, rng: Random) -> list[Person]:
    """Everyone who signs in: administrators, centres, zones, communities, grids, police, units, partners."""
    register = Register(rng)
    for username, role in ADMINISTRATORS.items():
        register.person(username=username).admin_role = role
    for role, level, count in CENTRE_POSTS:
        for _ in range(count):
            register.person(Post(role, area=(names.COUNTY if level == "county" else names.STREET)[0]))
    for zone in town.at_level("zone"):
        for role in ZONE_POSTS:
            register.person(Post(role, area=zone.code))
    _community_people(town, register)
    _grid_people(town, register, rng)
    _police(town, register)
    _unit_people(town.units, register)
    _professionals(town, register)
    _householders(town, register, rng)
    return register.people


def _community_people(town: Town, register: Register) -> None:
    """The head of each community committee manages the community."""
    for community in town.at_level("community"):
        register.person(
            Post("community_manager", area=community.code),
            Post("head_of_unit", unit=f"{community.code}-community"),
        )
    for community, role in zip(
        town.at_level("community"), ("information_officer", "assistant") * 2, strict=False
    ):
        register.person(Post(role, area=community.code))


def _grid_people(town: Town, register: Register, rng: Random) -> None:
    """A head and a worker for each grid; some people have two grids, some grids a part-timer beside."""
    grids = town.at_level("grid")
    managers = {post.area: p for p in register.people for post in p.posts if post.role == "community_manager"}
    headless: list[Area] = []
    for grid in grids:
        manager = managers.pop(grid.parent, None) if grid.kind == "base" else None
        if manager:
            manager.posts.append(Post("grid_head", area=grid.code))
        else:
            headless.append(grid)
    size = -(-len(headless) // N_CADRES)
    for first in range(0, len(headless), size):
        register.person(*(Post("grid_head", area=g.code) for g in headless[first : first + size]))
    _workers(grids, register, rng)


def _workers(grids: list[Area], register: Register, rng: Random) -> None:
    by_community: dict[str, list[Area]] = {}
    for grid in grids:
        by_community.setdefault(grid.parent or "", []).append(grid)
    n_doubles = N_WORKERS_WITH_TWO_GRIDS
    for community, own in by_community.items():
        waiting = list(own)
        while waiting:
            take = 2 if n_doubles and len(waiting) >= 2 and len(own) >= 2 else 1
            n_doubles -= take - 1
            posts = [Post("grid_worker", area=grid.code) for grid in waiting[:take]]
            if len(waiting) == len(own):
                posts.append(Post("department_handler", unit=f"{community}-community"))
            register.person(*posts)
            waiting = waiting[take:]
    for grid in rng.sample([g for g in grids if g.kind == "base"], N_PART_TIME):
        register.person(Post("part_time_worker", area=grid.code))


def _police(town: Town, register: Register) -> None:
    """An officer for each police grid; the first of each office leads it."""
    led: set[str] = set()
    for area in town.at_level("police_grid"):
        office = area.external_codes["police_office"]
        role = "department_handler" if office in led else "head_of_unit"
        led.add(office)
        register.person(Post("police_officer", area=area.code), Post(role, unit=office))


def _unit_people(units: list[Unit], register: Register) -> None:
    for unit in units:
        if unit.kind == "property_company":
            register.person(Post("partner", unit=unit.code), Post("head_of_unit", unit=unit.code),
                            Post("department_handler", unit=unit.code))  # fmt: skip
        elif unit.level != "community":
            handlers = BUSY.get(unit.kind, 0)
            head = register.person(Post("head_of_unit", unit=unit.code))
            if not handlers:
                head.posts.append(Post("department_handler", unit=unit.code))
            for _ in range(handlers):
                register.person(Post("department_handler", unit=unit.code))


def _professionals(town: Town, register: Register) -> None:
    """Handlers of street units, each the named professional of all grids of one zone in turn."""
    handlers = {
        post.unit: p for p in register.people for post in p.posts if post.role == "department_handler"
    }
    zones = town.at_level("zone")
    parents = {area.code: area.parent for area in town.areas}
    for place, (kind, category) in enumerate(PROFESSIONALS):
        unit = f"{names.STREET[0]}-{kind}"
        zone = zones[place % len(zones)].code
        for grid in town.at_level("grid"):
            if parents[grid.parent or ""] == zone and grid.kind == "base":
                handlers[unit].posts.append(
                    Post("named_professional", area=grid.code, unit=unit, specialty=category)
                )


def _householders(town: Town, register: Register, rng: Random) -> None:
    """A few of the residents who help: householders, heads of buildings, volunteers."""
    lived_in = [area for area in town.at_level("micro_grid") if area.n_households > 30]
    for role in ("security_householder", "building_head", "volunteer"):
        for micro in rng.sample(lived_in, 3):
            register.person(Post(role, area=micro.code))
