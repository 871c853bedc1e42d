"""Which cases count in somebody's figures. Numbers only: lists still begin at ``visible_to``."""

from __future__ import annotations

from django.db.models import QuerySet

from wangge.cases.models import NOBODY_RECUSED, Case
from wangge.cases.scope import LEADERS, OPEN_ONLY, not_recused, visible_to
from wangge.catalog.models import Sensitivity
from wangge.territory.scope import Actor, inside

BY_NUMBERS = (*LEADERS, *OPEN_ONLY)


def countable(actor: Actor) -> QuerySet[Case]:
    """What this person may see, and for leaders and supervision everything in their area; restricted cases in no figure.

    Who is recused does not count the case either.
    Source: workflow.md, Scope ("street leader, county leader: figures …", "supervision_officer: figures and open cases").
    """
    over = Case.objects.filter(inside(actor.area_paths(*BY_NUMBERS))).filter(not_recused(actor))
    return (visible_to(actor) | over).exclude(sensitivity=Sensitivity.RESTRICTED)


def recused(actor: Actor) -> QuerySet[Case]:
    """Cases that complain of the actor, of a superior or of a unit of the actor's; found by an index of such cases."""
    return Case.objects.exclude(NOBODY_RECUSED).exclude(not_recused(actor))


def recused_inside(actor: Actor, paths: list[str]) -> tuple[int, ...]:
    """Ids of those that lie in these areas."""
    return tuple(recused(actor).filter(inside(paths)).order_by("pk").values_list("pk", flat=True))


def sees_all_counted(actor: Actor) -> bool:
    """Whether every case in this person's figures can also be opened by this person."""
    return not actor.roles & set(BY_NUMBERS)
