"""Where: the areas one may choose, and what a point on the ground is called."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.kit.errors import DomainError
from wangge.kit.speech import spoken
from wangge.portal.draft import Draft
from wangge.territory.locator import area_by_id, home_area, locate
from wangge.territory.models import Area, AreaLevel
from wangge.territory.queries import areas_on


@dataclass(frozen=True)
class Group:
    """Communities of one street."""

    name: str
    areas: list[tuple[str, str]]  # code, name


def name_of(area: Area) -> str:
    return spoken(area.name_zh, area.name_en or area.name_zh)


def home() -> Area | None:
    """The town itself; None while nothing has been set up."""
    try:
        return home_area()
    except DomainError:
        return None


def area_groups() -> list[Group]:
    """All communities, under their streets; one group without a name when there is one street only."""
    rows = list(areas_on().filter(level__in=[AreaLevel.STREET, AreaLevel.COMMUNITY]).order_by("code"))
    streets = [area for area in rows if area.level == AreaLevel.STREET]
    communities = [area for area in rows if area.level == AreaLevel.COMMUNITY]
    groups: list[Group] = []
    placed: set[int] = set()
    for street in streets:
        own = [area for area in communities if area.path.startswith(street.path)]
        placed.update(area.pk for area in own)
        if own:
            groups.append(Group(name_of(street), [(area.code, name_of(area)) for area in own]))
    others = [(area.code, name_of(area)) for area in communities if area.pk not in placed]
    if others:
        groups.append(Group(spoken("其他", "Others"), others))
    return groups


def codes_of(groups: list[Group]) -> set[str]:
    return {code for group in groups for code, _ in group.areas}


def spot_name(lon: float, lat: float) -> str:
    """What the place is called: the grid, else the lowest area that holds it; empty outside the town."""
    found = locate(lon, lat)
    area_id = found.grid_id or found.area_id
    if area_id is None:
        return ""
    area = area_by_id(area_id)
    above = area_by_id(found.community_id) if found.community_id and found.community_id != area_id else None
    return f"{name_of(above)} · {name_of(area)}" if above else name_of(area)


def disagreement(draft: Draft) -> str:
    """A sentence when the chosen community does not hold the marked point; empty when they agree."""
    if draft.lon is None or draft.lat is None or not draft.area:
        return ""
    chosen = areas_on().filter(code=draft.area).first()
    found = locate(draft.lon, draft.lat)
    if chosen is None or not found.is_found or found.area_path.startswith(chosen.path):
        return ""
    return spoken(
        f"标出的位置在“{spot_name(draft.lon, draft.lat)}”,不在您选的“{chosen.name_zh}”。请改一处,或清除位置。",
        f"The marked place lies in {spot_name(draft.lon, draft.lat)}, not in {name_of(chosen)}. Change one of them, or "
        "clear the mark.",
    )


def area_to_send(draft: Draft) -> str:
    """The code that goes with the report: a marked point is finer than a chosen community around it."""
    if draft.lon is not None and draft.lat is not None and locate(draft.lon, draft.lat).is_found:
        return ""
    return draft.area
