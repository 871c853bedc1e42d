"""The cases of the walk: one for each sensitivity and situation, made by the verbs themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.cases.steps import checked, docketed, handled, handling, photo
from tests.cast import DAMAGED_ROAD, IN_GRID_3, IN_OTHER_GRID, MONDAY_MORNING, Town
from wangge.cases.actions import (
    Reported,
    closing,
    delay,
    desk,
    handback,
    intake,
    linking,
    notes,
    refusal,
    unit,
)
from wangge.cases.models import Case
from wangge.kit.words import Text

WORD = "枯井"  # stands in every text, so that a search finds what may be found
CHILD = f"{WORD}旁边有人打孩子"


@dataclass(frozen=True)
class Situation:
    key: str
    about: Text
    make: Callable[[Town], Reported]


def reported(town: Town, text: str = "", **given: object) -> Reported:
    return town.reported(f"{WORD}{text or '没有盖子'},电话13812341234", **given)  # type: ignore[arg-type]


def served(town: Town) -> Reported:
    return reported(town, by="grid_worker", for_resident=True, name="张三丰", phone="13812341234")


def internal(town: Town) -> Reported:
    made = reported(town)
    intake.accept(made.case.pk, actor=town.actor("intake_clerk"))
    desk.triage(made.case.pk, actor=town.actor("intake_clerk"), sensitivity="internal")
    return made


def dispatched(town: Town, lead: str = "works", *assisting: str, made: Reported | None = None) -> Reported:
    made = docketed(town, made or reported(town))
    desk.dispatch(made.case.pk, actor=town.actor("dispatcher"), lead=lead, assisting=list(assisting))
    return made


def in_hand(town: Town) -> Reported:
    made = dispatched(town, "works", "urban")
    unit.take(made.case.pk, actor=town.actor("works_handler"))
    return made


def handed_back(town: Town, days: int) -> Reported:
    now, town.clock.at = town.clock.at, MONDAY_MORNING - timedelta(days=days)
    made = dispatched(town)
    handback.ask_hand_back(
        made.case.pk, actor=town.actor("works_head"), ground="not_our_duty", reason="不归我们"
    )
    handback.agree_hand_back(made.case.pk, actor=town.actor("dispatcher"))
    Case.objects.filter(pk=made.case.pk).update(proposed_unit_ids=[])
    town.clock.at = now
    return made


def ended(town: Town, days: int) -> Reported:
    now, town.clock.at = town.clock.at, MONDAY_MORNING - timedelta(days=days)
    made = checked(town, in_works(town))
    closing.rate(made.case.pk, actor=town.resident(made), service="satisfied", result="solved")
    town.clock.at = now
    return made


def in_works(town: Town) -> Reported:
    return handling(town, made=reported(town))


def by_squad(town: Town, **given: object) -> Reported:
    return dispatched(town, "squad", made=reported(town, **given))


def settling(town: Town) -> Reported:
    made = docketed(town, reported(town))
    for lead in ("works", "urban"):
        desk.dispatch(made.case.pk, actor=town.actor("dispatcher"), lead=lead)
        handback.ask_hand_back(
            made.case.pk, actor=town.actor(f"{lead}_head"), ground="not_our_duty", reason="不归我们"
        )
        handback.agree_hand_back(made.case.pk, actor=town.actor("dispatcher"))
    Case.objects.filter(pk=made.case.pk).update(
        proposed_unit_ids=[town.units["works"].pk, town.units["urban"].pk]
    )
    return made


def parked(town: Town) -> Reported:
    made = in_works(town)
    delay.ask_park(
        made.case.pk, actor=town.actor("works_head"), ground="plan", plan="列入明年计划", leader="曹街",
        review_on=(MONDAY_MORNING + timedelta(days=20)).date(),
    )  # fmt: skip
    delay.park(made.case.pk, actor=town.actor("street_leader"))
    return made


def escalated(town: Town) -> Reported:
    made = reported(town)
    notes.escalate(made.case.pk, actor=town.actor("intake_clerk"), reason="多年未解决")
    return made


def restricted_in_unit(town: Town) -> Reported:
    made, county = town.reported(CHILD), town.actor("county_dispatcher")
    intake.accept(made.case.pk, actor=county)
    desk.docket(made.case.pk, actor=county)
    desk.dispatch(made.case.pk, actor=county, lead="urban")
    return made


def part_of_restricted(town: Town) -> Reported:
    whole = town.reported(CHILD)
    intake.split(
        whole.case.pk, actor=town.actor("county_dispatcher"), demands=[f"{WORD}没有盖子", f"{WORD}没有灯"]
    )
    part = Case.objects.filter(parent=whole.case).order_by("pk")[0]
    return Reported(part)


def about_works(town: Town) -> Reported:
    """The reporter complains of the unit's manners: a case of its own."""
    made = checked(town, in_works(town))
    closing.rate(
        made.case.pk, actor=town.resident(made), service="dissatisfied", result="not_solved", why="manners"
    )
    return Reported(Case.objects.get(parent=made.case))


def about(town: Town, *people: str, is_large: bool = False) -> Reported:
    made = reported(town, "的网格员态度不好", kind="complaint")
    clerk = town.actor("county_dispatcher")
    intake.accept(made.case.pk, actor=clerk)
    desk.triage(made.case.pk, actor=clerk, recused=list(people))
    if is_large:
        notes.escalate(made.case.pk, actor=clerk, reason="涉及领导")
    return made


SITUATIONS = [
    Situation("ordinary", Text("普通,居民上报,未同意告知网格员", "ordinary, by a resident who does not show the grid"), reported),
    Situation(
        "shown", Text("普通,居民同意告知网格员", "ordinary, the reporter shows the grid"),
        lambda town: reported(town, may_show_to_grid=True),
    ),
    Situation("served", Text("网格员上门代报", "reported by the grid worker for a resident"), served),
    Situation("internal", Text("内部", "internal"), internal),
    Situation("in_hand", Text("工程处主办、城管科协办,处置中", "works leads, urban assists"), in_hand),
    Situation("former", Text("工程处 10 天前退单", "works led until 10 days ago"), lambda town: handed_back(town, 10)),
    Situation("long_former", Text("工程处 91 天前退单", "works led until 91 days ago"), lambda town: handed_back(town, 91)),
    Situation("squad_here", Text("中队主办,在一网格", "the squad's, in grid 1"), by_squad),
    Situation("squad_there", Text("中队主办,在三网格", "the squad's, in grid 3"), lambda town: by_squad(town, at=IN_GRID_3)),
    Situation("settling", Text("工程处与城管科待商定", "works and urban must settle it"), settling),
    Situation("parked", Text("挂账", "parked"), parked),
    Situation("escalated", Text("已提级", "escalated"), escalated),
    Situation("closed", Text("工程处办结,今天", "closed today, works led"), lambda town: ended(town, 0)),
    Situation("long_closed", Text("工程处办结,91 天前", "closed 91 days ago"), lambda town: ended(town, 91)),
    Situation("restricted", Text("限定(未成年人)", "restricted (a child)"), lambda town: town.reported(CHILD)),
    Situation("restricted_unit", Text("限定,已派城管科", "restricted, given to urban"), restricted_in_unit),
    Situation("restricted_part", Text("限定案件拆分出的一项", "a part of a restricted case"), part_of_restricted),
    Situation("tip_off", Text("举报", "a tip-off"), lambda town: reported(town, kind="tip_off")),
    Situation("about_works", Text("投诉工程处态度", "complains of works' manners"), about_works),
    Situation("about_worker", Text("投诉一网格网格员", "complains of grid_worker"), lambda town: about(town, "grid_worker")),
    Situation("about_head", Text("投诉一网格网格长", "complains of grid_head"), lambda town: about(town, "grid_head")),
    Situation(
        "about_leader", Text("投诉街道负责人(已提级)", "complains of a street leader, escalated"),
        lambda town: about(town, "leader_complained_of", is_large=True),
    ),
    Situation("other_street", Text("另一街道的普通案件", "ordinary, in the other street"), lambda town: reported(town, at=IN_OTHER_GRID)),
]  # fmt: skip


# --- a case in each state, for the verbs --------------------------------------------------------------------


def verifying(town: Town) -> Reported:
    made = reported(town)
    intake.ask_verification(made.case.pk, actor=town.actor("intake_clerk"), question="是否属实")
    return made


def accepted(town: Town) -> Reported:
    made = reported(town)
    intake.accept(made.case.pk, actor=town.actor("intake_clerk"))
    return made


def declined(town: Town) -> Reported:
    made = accepted(town)
    refusal.propose_decline(
        made.case.pk, actor=town.actor("intake_clerk"), ground="no_duty", where="请向人民法院提出"
    )
    refusal.decline(made.case.pk, actor=town.actor("shift_leader"))
    return made


def merged(town: Town) -> Reported:
    parent, made = reported(town), reported(town)
    linking.merge(made.case.pk, actor=town.actor("dispatcher"), parent=parent.case.number, reason="同一口井")
    return made


IN_STATE: dict[str, Callable[[Town], Reported]] = {
    "reported": reported,
    "verifying": verifying,
    "accepted": accepted,
    "docketed": lambda town: docketed(town, reported(town), DAMAGED_ROAD),
    "dispatched": dispatched,
    "handling": in_hand,
    "settling": settling,
    "handled": lambda town: handled(town, in_works(town)),
    "checked": lambda town: checked(town, in_works(town)),
    "parked": parked,
    "closed": lambda town: ended(town, 0),
    "declined": declined,
    "merged": merged,
}
__all__ = ["IN_STATE", "SITUATIONS", "WORD", "Situation", "photo"]
