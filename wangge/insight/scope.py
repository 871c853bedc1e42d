"""Whose figures: of the areas over which somebody holds a post; of anybody else the cases that they may see.

Source: workflow.md, Scope ("street leader, county leader: figures …", "supervision_officer: figures and open cases").
Figures are numbers: of a leader's area also of cases that the leader may not open. Restricted cases are in no figure, and
a case from which somebody is recused (回避) is in no figure of theirs: the sums of their areas are told without it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from wangge.cases.queries.figures import BY_NUMBERS, countable, recused_inside
from wangge.cases.scope import WHOLE_AREA
from wangge.insight.measures import SPLIT_LEVELS
from wangge.insight.models import CaseFact
from wangge.kit.errors import NotFound
from wangge.territory.locator import area_by_code, area_by_id
from wangge.territory.models import Area
from wangge.territory.scope import Actor, inside


@dataclass(frozen=True)
class Whole:
    """What is counted: whole areas (none inside another), or with ``actor`` the cases that this person may see.

    ``recused``: ids of cases in the areas that are not counted for this person.
    """

    areas: tuple[Area, ...]
    actor: Actor | None = None
    recused: tuple[int, ...] = ()

    @property
    def facts(self) -> QuerySet[CaseFact]:
        """The rows of all cases that count."""
        if self.actor is not None:
            rows = CaseFact.objects.filter(pk__in=countable(self.actor).order_by().values("pk"))
            return rows.filter(inside([area.path for area in self.areas])) if self.areas else rows
        return self.summed.exclude(pk__in=self.recused) if self.recused else self.summed

    @property
    def summed(self) -> QuerySet[CaseFact]:
        """The rows of all cases in the areas: those that the sums count."""
        return CaseFact.objects.filter(inside([area.path for area in self.areas]))

    @property
    def left_out(self) -> QuerySet[CaseFact]:
        """The rows that the sums count and this person's figures do not."""
        return self.summed.filter(pk__in=self.recused)

    def has_sums(self, split: str) -> bool:
        """Whether the sums are kept for all of it."""
        return self.actor is None and all(area.level in SPLIT_LEVELS[split] for area in self.areas)

    @property
    def in_sums(self) -> Q:
        return Q(area_id__in=[area.pk for area in self.areas])


def own(actor: Actor) -> Whole:
    """All that this person's figures count."""
    paths = sorted(set(actor.area_paths(*WHOLE_AREA, *BY_NUMBERS)))
    if not paths:
        return Whole((), actor)
    outermost = [
        path for path in paths if not any(path != other and path.startswith(other) for other in paths)
    ]
    areas = tuple(area_by_id(int(path.rstrip("/").rsplit("/", 1)[-1])) for path in outermost)
    return Whole(areas, recused=recused_inside(actor, outermost))


def part(actor: Actor, area_code: str) -> Whole:
    """The same within one area; NotFound (404) when it lies outside."""
    whole = own(actor)
    if not area_code:
        return whole
    area = area_by_code(area_code)
    if area is None:
        raise NotFound()
    if whole.actor is not None:
        return Whole((area,), actor)
    if not area.path.startswith(tuple(one.path for one in whole.areas)):
        raise NotFound()
    return Whole((area,), recused=whole.recused)
