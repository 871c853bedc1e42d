"""回避: who is complained of, and their subordinates, neither see nor handle the case. Source: workflow.md, Must.

The case names who is complained of; who stands below them is looked up whenever somebody asks (``scope.not_recused``),
so that it holds for whoever comes to work there later. Of a county leader only the person is recused: such a complaint
belongs to a legal channel outside (``transfer_out``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wangge.accounts.models import User
from wangge.cases.models import Case
from wangge.cases.scope import is_recused
from wangge.catalog.models import Sensitivity
from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Conflict
from wangge.territory.models import Unit
from wangge.territory.scope import actor_for
from wangge.territory.superiors import heads_over, with_units_above

SENSITIVITY_ORDER = (Sensitivity.ORDINARY, Sensitivity.INTERNAL, Sensitivity.RESTRICTED)


def recuse(case: Case, *, users: Iterable[int] = (), units: Iterable[int] = ()) -> None:
    """Write into the case (unsaved) who is complained of, beside those who are already."""
    case.recused_user_ids = sorted({*case.recused_user_ids, *users})
    case.recused_unit_ids = sorted({*case.recused_unit_ids, *units})


def take_on(case: Case, other: Case) -> None:
    """The case (unsaved) becomes at least as protected as ``other``, with which it shares its matter.

    Parts, followers and merged cases would otherwise tell what the first one hides.
    """
    if SENSITIVITY_ORDER.index(other.sensitivity) > SENSITIVITY_ORDER.index(case.sensitivity):
        case.sensitivity = other.sensitivity
    case.named_user_ids = sorted({*case.named_user_ids, *other.named_user_ids})
    recuse(case, users=other.recused_user_ids, units=other.recused_unit_ids)


def refuse_recused(case: Case, *units: Unit, at: datetime) -> None:
    """The unit complained of (or whose head is) neither leads nor assists in the complaint, nor do those below it."""
    if not (case.recused_unit_ids or case.recused_user_ids):
        return
    day = at.astimezone(SHANGHAI).date()
    for unit in units:
        above = {one.pk for one in with_units_above([unit.pk])}
        if above & set(case.recused_unit_ids) or heads_over([unit.pk], day) & set(case.recused_user_ids):
            raise Conflict(
                "recused", "被反映的单位须回避,请改派。", "The unit complained of is recused; choose another."
            )


def refuse_recused_person(case: Case, user: User) -> None:
    """Who is complained of, or works under them, does not handle the complaint."""
    if is_recused(actor_for(user), case):
        raise Conflict(
            "recused",
            "被反映的人员须回避,请另选他人。",
            "The person complained of is recused; choose another.",
        )
