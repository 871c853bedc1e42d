"""Many verbs on many cases: everything that may change a figure, at different days."""

from __future__ import annotations

from tests.cases.steps import checked, docketed, handled, handling, photo
from tests.cast import IN_GRID_3, IN_OTHER_GRID, Town
from wangge.cases.actions import closing, delay, desk, intake, linking, notes, refusal, unit
from wangge.cases.models import Case
from wangge.cases.queries import reporter_by_code, resident_actor


def lived(town: Town) -> None:
    """Weeks in the town: closed in time and late, reworked, extended, parked, declined, merged, split, undone …"""
    rated(town, "satisfied", "solved")
    town.later(days=2)
    rated(town, "fair", "partly")
    checked(town)
    town.later(days=1)
    open_ones(town)
    town.later(days=3)
    late = handling(town, lead="works")
    town.later(days=6)
    handled(town, late)
    ended_otherwise(town)
    town.later(days=2)
    linked(town)
    undone_and_reopened(town)
    hidden, clerk = town.reported("路口的灯坏了").case, town.actor("intake_clerk")
    intake.accept(hidden.pk, actor=clerk)
    desk.triage(hidden.pk, actor=clerk, sensitivity="restricted")
    closing.check_failed(handled(town).case.pk, actor=town.actor("checker"), reason="没有填平")


def rated(town: Town, service: str, result: str) -> Case:
    made = checked(town)
    person = resident_actor(reporter_by_code(made.code), clock=town.clock)
    given = {"why": "incomplete"} if result != "solved" else {}
    return closing.rate(made.case.pk, actor=person, service=service, result=result, **given)


def open_ones(town: Town) -> None:
    town.reported("垃圾堆了三天", at=IN_GRID_3)
    town.case_at(IN_OTHER_GRID)
    docketed(town)
    extended = handling(town).case
    unit_head = town.actor("works_head")
    delay.ask_extension(extended.pk, actor=unit_head, days=2, reason="等材料")
    delay.grant_extension(extended.pk, actor=town.actor("shift_leader"))


def ended_otherwise(town: Town) -> None:
    clerk, leader = town.actor("intake_clerk"), town.actor("shift_leader")
    refusal.void(town.reported("测试").case.pk, actor=leader, ground="test", reason="测试")
    refused = town.reported("邻居欠钱不还").case
    refusal.propose_decline(refused.pk, actor=clerk, ground="no_duty", where="法院")
    refusal.decline(refused.pk, actor=leader)


def linked(town: Town) -> None:
    clerk, dispatcher = town.actor("intake_clerk"), town.actor("dispatcher")
    whole, first, second = (town.reported(f"路灯坏了{n}").case for n in range(3))
    linking.merge(first.pk, actor=dispatcher, parent=whole.number, reason="同一盏灯")
    linking.merge(second.pk, actor=dispatcher, parent=whole.number, reason="同一盏灯")
    linking.unmerge(second.pk, actor=dispatcher, reason="不是同一盏")
    intake.split(town.reported("垃圾没人收,路也破了").case.pk, actor=clerk, demands=["垃圾没人收", "路破了"])


def undone_and_reopened(town: Town) -> None:
    made = handling(town)
    handler = town.actor("works_handler")
    unit.report_result(made.case.pk, actor=handler, result="好了", photos_after=[photo(handler)])
    notes.undo(made.case.pk, actor=handler)
    closed = rated(town, "satisfied", "solved")
    town.later(days=1)
    closing.reopen(closed.pk, actor=town.actor("shift_leader"), words="又坏了")
    sent = desk.dispatch(docketed(town).case.pk, actor=town.actor("dispatcher"), lead="sanitation")
    desk.recall(sent.pk, actor=town.actor("dispatcher"), reason="派错")
