"""Which units a case should go to, each with the reason in words.

Order: the responsibility list · the dedicated grid's department · the grid's named professionals · the grid's own
people (their community station) · the command centre.
"""

from __future__ import annotations

from dataclasses import dataclass

from wangge.cases.models import Case
from wangge.catalog import queries as catalog
from wangge.catalog.models import Duty, ResponsibilityRow
from wangge.catalog.queries import responsibilities
from wangge.kit.words import Text
from wangge.territory.models import Area, AreaKind
from wangge.territory.queries import units_of_kind_near
from wangge.territory.staff import ancestors_of, professionals_of

MOST = 5


@dataclass(frozen=True)
class Proposal:
    """A unit with the reason why, and the units that would assist."""

    unit_id: int
    code: str
    name: str
    reason: Text
    assist_codes: tuple[str, ...] = ()


def proposals(case: Case) -> list[Proposal]:
    """At most five units in the order of preference; the recused are left out."""
    area = case.area
    if area is None:
        return []
    found = [*by_list(case, area), *by_dedicated_grid(area), *by_professionals(case, area), *by_place(area)]
    recused = set(case.recused_unit_ids)
    seen: set[int] = set()
    kept = []
    for proposal in found:
        if proposal.unit_id not in seen and proposal.unit_id not in recused:
            seen.add(proposal.unit_id)
            kept.append(proposal)
    return kept[:MOST]


def by_list(case: Case, area: Area) -> list[Proposal]:
    """Rows of the responsibility list for the category (or the one above it), those of the place first."""
    if case.category_id is None:
        return []
    name = catalog.category(case.category_id)
    found = []
    for row in listed_for(case.category_id, area):
        unit = row.lead_unit or next(iter(units_of_kind_near(row.lead_kind, area)), None)
        if unit is None:
            continue
        assist = [next(iter(units_of_kind_near(kind, area)), None) for kind in row.assist_kinds]
        basis = f"({row.legal_basis})" if row.legal_basis else ""
        reason = Text(
            f"职责清单:“{name.name_zh}”由{unit.name_zh}牵头{basis}",
            f"Responsibility list: {unit.name_en or unit.name_zh} leads “{name.name_en or name.name_zh}”",
        )
        codes = tuple(u.code for u in assist if u is not None and u.pk != unit.pk)
        found.append(Proposal(unit.pk, unit.code, unit.name_zh, reason, codes))
    return found


def listed_for(category_id: int, area: Area) -> list[ResponsibilityRow]:
    """Rows that hold in this area, those of the smallest area first; whoever only lends a hand (配合) comes after."""
    rows = [
        row
        for row in responsibilities(category_id)
        if row.area is None or area.path.startswith(row.area.path)
    ]
    return sorted(
        rows, key=lambda row: (-len(row.area.path if row.area else ""), row.duty == Duty.COOPERATIVE)
    )


def by_dedicated_grid(area: Area) -> list[Proposal]:
    """The department that supervises the dedicated grid in which the case lies."""
    for place in reversed(ancestors_of(area)):
        if place.kind == AreaKind.DEDICATED and place.supervising_unit is not None:
            unit = place.supervising_unit
            reason = Text(
                f"专属网格“{place.name_zh}”由{unit.name_zh}主管",
                f"{unit.name_zh} supervises the dedicated grid {place.name_zh}",
            )
            return [Proposal(unit.pk, unit.code, unit.name_zh, reason)]
    return []


def by_professionals(case: Case, area: Area) -> list[Proposal]:
    """Units of the grid's named professionals for this category."""
    if case.category is None:
        return []
    found = []
    for post in professionals_of(area, case.category.code, case.reported_at):
        if post.unit is not None:
            reason = Text(
                f"本网格的专业网格员 {post.user} 负责此类事项",
                f"{post.user} is this grid's professional for such matters",
            )
            found.append(Proposal(post.unit.pk, post.unit.code, post.unit.name_zh, reason))
    return found


def by_place(area: Area) -> list[Proposal]:
    """The grid's own people through their community station, then the command centre."""
    found = []
    for kind, zh, en in (
        ("community", "由本网格所在社区办理", "The community of this grid"),
        ("command_centre", "由联动指挥中心协调", "The command centre co-ordinates"),
    ):
        for unit in units_of_kind_near(kind, area)[:1]:
            found.append(
                Proposal(
                    unit.pk, unit.code, unit.name_zh, Text(f"{zh}:{unit.name_zh}", f"{en}: {unit.name_zh}")
                )
            )
    return found
