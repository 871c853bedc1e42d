"""Cases that belong together, as far as a person sees them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from wangge.cases.models import Case
from wangge.cases.queries.names import Coded, state_named
from wangge.cases.scope import visible_to
from wangge.territory.scope import Actor


@dataclass(frozen=True)
class Related:
    """A case that joined this one, is a part of it, or which it follows."""

    number: str
    state: Coded
    link: str
    is_parent: bool


def related(actor: Actor, case: Case) -> list[Related]:
    """The case it joined or follows, and those that joined or are parts of it, as far as this person sees them.

    A complaint about a unit follows the case that the unit handled: there its number must not stand for the unit.
    """
    rows = visible_to(actor).filter(Q(parent=case) | Q(pk=case.parent_id)).order_by("id")
    found = rows.values_list("pk", "number", "state", "link")
    above = [
        Related(n, state_named(state), case.link, True) for pk, n, state, _ in found if pk == case.parent_id
    ]
    below = [
        Related(n, state_named(state), link, False) for pk, n, state, link in found if pk != case.parent_id
    ]
    return above + below
