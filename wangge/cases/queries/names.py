"""Names in both languages for what a page shows: coded values, areas with the way to them, units, posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from django.db.models import Choices

from wangge.cases.workflow import RULES, STATE_NAMES, State, Verb
from wangge.catalog.models import Category
from wangge.catalog.queries import channel
from wangge.kit.errors import DomainError
from wangge.kit.words import Text
from wangge.territory.changes import Kept
from wangge.territory.models import Area, AreaLevel, Post, Unit
from wangge.territory.roles import ROLE_NAMES, Role
from wangge.territory.staff import all_units

# said before the name of a place: everybody knows the county, and a zone is no address
NOT_SAID = (AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.ZONE)
NOTHING = Text("", "")


@dataclass(frozen=True)
class Coded:
    """A stored word with its names."""

    code: str
    name: Text


@dataclass(frozen=True)
class AreaNamed:
    """An area; ``way`` is its name with those above it: 望海街道·长江路社区·长江路第一网格."""

    code: str
    name: Text
    level: str
    way: Text


@dataclass(frozen=True)
class UnitNamed:
    """A unit with its duty telephone."""

    code: str
    name: Text
    phone: str = ""


def both(label: str) -> Text:
    """Both names of a choice's label: ``受理 Accept`` → 受理, Accept."""
    zh, _, en = str(label).partition(" ")
    return Text(zh, en or zh)


@cache
def choice(kind: type[Choices], value: str) -> Coded:
    """A stored choice with its names; an unknown value stands for itself."""
    labels = dict(kind.choices)
    return Coded(value, both(labels[value]) if value in labels else Text(value, value))


@cache
def state_named(state: str) -> Coded:
    return Coded(state, STATE_NAMES[State(state)])


@cache
def verb_named(verb: str) -> Coded:
    return Coded(verb, RULES[Verb(verb)].name)


def category_named(category: Category | None) -> Coded | None:
    if category is None:
        return None
    return Coded(category.code, Text(category.name_zh, category.name_en or category.name_zh))


def channel_named(code: str) -> Coded:
    """The channel's names; a retired one stands for itself."""
    try:
        row = channel(code)
    except DomainError:
        return Coded(code, Text(code, code))
    return Coded(code, Text(row.name_zh, row.name_en or row.name_zh))


def unit_named(unit: Unit | None) -> UnitNamed | None:
    if unit is None:
        return None
    return UnitNamed(unit.code, Text(unit.name_zh, unit.name_en or unit.name_zh), unit.phone)


def units_by_id(ids: Iterable[int | None]) -> dict[int, UnitNamed]:
    """Units by id, from memory."""
    wanted = {pk for pk in ids if pk is not None}
    found = {unit.pk: unit_named(unit) for unit in all_units() if unit.pk in wanted} if wanted else {}
    return {pk: unit for pk, unit in found.items() if unit is not None}


def areas_by_path(paths: Iterable[str]) -> dict[str, AreaNamed]:
    """The areas at the end of these paths with the way to them, from memory."""
    known = _areas.get()
    found = {}
    for path in paths:
        if path and path not in known.by_path and (named := area_at(path, known.by_id)) is not None:
            known.by_path[path] = named
        if path in known.by_path:
            found[path] = known.by_path[path]
    return found


def area_names(codes: Iterable[str]) -> dict[str, Text]:
    """The names of areas by code, from memory; of a code used again that of the newest area."""
    by_code = _areas.get().by_code
    return {code: by_code[code] for code in codes if code in by_code}


@dataclass(frozen=True)
class AreasKnown:
    """All areas, past ones too, without their boundaries; ``by_path`` is filled as paths are asked for."""

    by_id: dict[int, Area]
    by_code: dict[str, Text]
    by_path: dict[str, AreaNamed] = field(default_factory=dict)


def _read_areas() -> AreasKnown:
    areas = list(Area.objects.only("id", "code", "level", "name_zh", "name_en").order_by("id"))
    names = {area.code: Text(area.name_zh, area.name_en or area.name_zh) for area in areas}
    return AreasKnown({area.pk: area for area in areas}, names)


_areas = Kept("areas", read=_read_areas)


def area_at(path: str, by_id: Mapping[int, Area]) -> AreaNamed | None:
    chain = [by_id[int(part)] for part in path.split("/") if part and int(part) in by_id]
    if not chain:
        return None
    last = chain[-1]
    told = [area for area in chain if area.level not in NOT_SAID] or [last]
    return AreaNamed(
        last.code,
        Text(last.name_zh, last.name_en or last.name_zh),
        last.level,
        Text("·".join(a.name_zh for a in told), ", ".join(a.name_en or a.name_zh for a in reversed(told))),
    )


def role_named(role: str) -> Text:
    return ROLE_NAMES[Role(role)]


def places_of_posts(ids: Iterable[int | None]) -> dict[int, Text]:
    """Where each post is held: the area's or the unit's name; from memory, what is new there by one query."""
    known = _places.get()
    wanted = {pk for pk in ids if pk}
    if missing := wanted - known.keys():
        posts = Post.objects.filter(pk__in=missing).values_list(
            "pk", "unit__name_zh", "unit__name_en", "area__name_zh", "area__name_en"
        )
        for pk, unit_zh, unit_en, area_zh, area_en in posts:
            known[pk] = Text(unit_zh or area_zh or "", unit_en or unit_zh or area_en or area_zh or "")
    return {pk: known[pk] for pk in wanted if pk in known}


def _no_places() -> dict[int, Text]:
    return {}


_places = Kept("posts", "areas", "units", read=_no_places)
