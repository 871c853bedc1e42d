"""服务投诉: "bad manners" becomes a case of its own; whoever is complained of neither sees nor handles it (回避)."""

from __future__ import annotations

from wangge.cases.actions.report import report
from wangge.cases.models import Case
from wangge.cases.move import Move
from wangge.cases.recusal import recuse
from wangge.territory.scope import PLATFORM


def complain_of_manners(move: Move) -> Case:
    """A service complaint linked to the case, about the unit that handled it."""
    handled = move.case
    clerk = PLATFORM.at(move.actor.clock, is_simulated=move.actor.is_simulated)
    unit = handled.lead_unit
    made = report(
        actor=clerk, kind="complaint", channel="platform", follows=handled, area=handled.area.code if handled.area else "",
        text=f"诉求人对 {handled.number} 的服务态度不满意({unit.name_zh if unit else '受理环节'})。",
    ).case  # fmt: skip
    handler = [handled.handler_id] if handled.handler_id else []
    recuse(made, users=handler, units=[unit.pk] if unit else [])
    made.save(update_fields=["recused_unit_ids", "recused_user_ids"])
    return made
