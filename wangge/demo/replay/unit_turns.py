"""The unit's part of a story: handle, extend, park, report the result."""

from __future__ import annotations

from datetime import timedelta

from wangge.cases.actions import delay, handback, unit
from wangge.cases.models import Assist, Case
from wangge.cases.workflow import State
from wangge.catalog.queries import policy_row
from wangge.demo.replay.turns import Playing
from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Conflict, Invalid
from wangge.territory.roles import Role
from wangge.territory.scope import Actor

PARK_GROUNDS = ("plan", "budget", "season")
LEADERS = (Role.STREET_LEADER, Role.COUNTY_LEADER)


class UnitTurns(Playing):
    """From taken to a reported result (or parked)."""

    def unit_person(self, *, head: bool = False) -> Actor:
        """Somebody of the lead unit who may see the case."""
        case = self.case()
        must_head = head or case.sensitivity == "restricted"
        found = self.scene.staff.in_unit(
            case.lead_unit_id or 0, self.scene.clock, self.scene.plan.random, head=must_head
        )
        if found is None:
            raise Conflict(
                "nobody",
                "承办单位没有在岗人员。请先安排岗位。",
                "Nobody holds a post in the unit. Give posts first.",
            )
        return found

    def handle(self) -> None:
        """Everything between taking and the result."""
        case = self.case()
        if self.will("assigned") and case.sensitivity != "restricted":
            person = self.unit_person()
            self.do(unit.assign, self.unit_person(head=True), person=self.username(person))
        if self.will("arrived"):
            self.wait(1)
            self.do(unit.arrive, self.unit_person())
        if case.n_rework == 0 and case.due_at and case.unit_due_at and self.scene.clock.at < case.unit_due_at:
            if self.will("parked") and self.park(case):
                return
            if self.will("extended"):
                self.extend()
        self.spend(case)
        if self.case().must_consult:
            self.do(
                handback.consult,
                self.somebody(Role.DISPATCHER),
                people="模拟:主办单位、社区",
                conclusion="模拟:已商定整改方案",
            )
        self.finish_assisting()
        self.result()

    def username(self, person: Actor) -> str:
        return self.scene.staff.username(person)

    def spend(self, case: Case) -> None:
        """Handling takes its share of the limit of this category; some are late."""
        row = policy_row(case.policy_version_id, case.category_id, case.channel)
        usual = min(row.handle_hours, row.unit_handle_hours)
        self.wait(usual * (1.6 if self.will("late") else 0.45))

    def extend(self) -> None:
        """Asked before due, granted or refused by the shift leader."""
        person = self.unit_person()
        try:
            self.do(delay.ask_extension, person, days=1, reason="模拟:等待材料")
        except (Conflict, Invalid):
            return
        self.wait(2)
        if self.will("refused_extension"):
            self.do(delay.refuse_extension, self.somebody(Role.SHIFT_LEADER), reason="模拟:请按期办结")
        else:
            self.do(delay.grant_extension, self.somebody(Role.SHIFT_LEADER))

    def park(self, case: Case) -> bool:
        """Asked with plan and leader, granted by the street's leader; some are taken up again. True when it stays parked."""
        leader = self.scene.staff.over(case.path, *LEADERS, random=self.scene.plan.random)
        if leader is None or case.sensitivity == "restricted" or case.urgency != "ordinary":
            return False
        review_on = (self.scene.clock.at.astimezone(SHANGHAI) + timedelta(days=28)).date()
        ground = self.scene.plan.random.choice(PARK_GROUNDS)
        self.do(
            delay.ask_park, self.unit_person(), ground=ground, plan="模拟:列入计划后实施", leader=leader.name or "分管领导",
            review_on=review_on,
        )  # fmt: skip
        self.wait(6)
        self.do(delay.park, leader.at(self.scene.clock))
        if self.will("unparked"):
            self.wait(60)
            self.do(delay.unpark, leader.at(self.scene.clock), reason="模拟:条件具备")
            return False
        return True

    def finish_assisting(self) -> None:
        """Each assisting unit says it is done; the lead waives one that has nobody."""
        for row in Assist.objects.filter(dispatch__case_id=self.case_id, dispatch__ended_at=None, outcome=""):
            helper = self.scene.staff.in_unit(
                row.unit_id, self.scene.clock, self.scene.plan.random, head=True
            )
            code = self.scene.staff.units[row.unit_id].code
            try:
                if helper is None:
                    raise Conflict("nobody", "协办单位无人。", "Nobody there.")
                self.do(unit.assist_done, helper, unit=code)
            except Conflict:
                self.do(
                    unit.assist_done, self.unit_person(), unit=code, outcome="waived", note="模拟:现场不需要"
                )

    def result(self) -> None:
        """The result, with a drawn picture where the category asks for a photo."""
        case, person = self.case(), self.unit_person()
        if case.state != State.HANDLING:
            return
        photos = self.scene.pictures(case, "after", person)
        self.do(
            unit.report_result, person, result="模拟:已按诉求逐项办理完毕", measures="模拟:现场处置", photos_after=photos,
            is_drawing=bool(photos),
        )  # fmt: skip
