"""Cases that belong together, as far as a person sees them."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.cases.models import Case
from wangge.cases.queries.names import Coded, state_named
from wangge.cases.scope import visible_to
from wangge.kit.db import planned
from wangge.territory.scope import Actor

RELATED = """
SELECT id, number, state, link, is_parent FROM (
  SELECT id, number, state, link, false AS is_parent FROM cases_case WHERE parent_id = %s
  UNION ALL SELECT id, number, state, link, true FROM cases_case WHERE id = %s
) AS found ORDER BY NOT is_parent, id"""


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
    found = planned(RELATED, [case.pk, case.parent_id])
    if not found:
        return []
    seen = set(visible_to(actor).filter(pk__in=[row[0] for row in found]).values_list("pk", flat=True))
    return [
        Related(number, state_named(state), case.link if is_parent else link, is_parent)
        for pk, number, state, link, is_parent in found
        if pk in seen
    ]
