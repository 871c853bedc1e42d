"""The last part of a story: check, ask the reporter, rework, close, reopen."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from wangge.cases.actions import closing
from wangge.cases.workflow import State
from wangge.demo.replay.turns import Playing, PresentReached
from wangge.kit.clock import SHANGHAI
from wangge.territory.roles import Role

CHECKERS = (Role.CHECKER,)
CALLERS = (Role.INTAKE_CLERK,)
SOLVED = ("satisfied", "satisfied", "satisfied", "fair", "dissatisfied")
NOT_DONE = ("untouched", "incomplete", "came_back")


class ClosingTurns(Playing):
    """From a reported result to a satisfied closing."""

    def check(self) -> None:
        """The worker says what is seen; the centre decides."""
        self.wait(5)
        if self.will("seen") and self.case().sensitivity != "restricted":
            self.do(
                closing.report_seen, self.somebody(Role.GRID_WORKER, Role.GRID_HEAD, Role.INSPECTOR),
                seen="restored", note="模拟:现场已恢复",
            )  # fmt: skip
        if self.case().n_rework < 3 and self.will("check_failed"):
            self.do(closing.check_failed, self.somebody(*CHECKERS), reason="模拟:现场仍有遗留")
        else:
            self.do(closing.check_passed, self.somebody(*CHECKERS), kind="on_site", note="模拟:核查属实")

    def hear_reporter(self) -> None:
        """By code or by a call; not solved sends it back, bad manners make a complaint, policy is explained."""
        if self.reporter is None:
            self.wait(3)
            self.do(closing.close, self.somebody(Role.SHIFT_LEADER, Role.COMMUNITY_MANAGER))
            return
        self.wait(8)
        random = self.scene.plan.random
        if self.will("unreached") and self.has_days(4):
            self.call_in_vain()
            return
        if self.case().n_rework < 3 and self.will("dissatisfied"):
            self.dissatisfied()
            return
        self.verdict(service=random.choice(SOLVED), result="solved")
        if self.case().state == State.CLOSED and self.case().n_reopen == 0 and self.will("reopened"):
            self.wait(24)
            self.do(closing.reopen, self.resident(), words="模拟:问题又出现了")

    def verdict(self, **said: str) -> None:
        """The reporter's own rating by code, or the centre's call in calling hours."""
        if self.will("called") and self.at_calling_hours():
            self.do(closing.follow_up, self.somebody(*CALLERS), **said)
        else:
            self.do(closing.rate, self.resident(), **said)

    def dissatisfied(self) -> None:
        """Most want it done properly; some disagree with a rule, some complain of manners."""
        random = self.scene.plan.random
        if self.will("manners"):
            self.verdict(service="dissatisfied", result="not_solved", why="manners")
            self.wait(12)
            self.verdict(service="fair", result="solved")
        elif self.will("policy") and self.case().lead_unit_id is not None:
            self.verdict(service="fair", result="not_solved", why="policy")
            self.explain()
        else:
            self.verdict(
                service="dissatisfied",
                result=random.choice(["partly", "not_solved"]),
                why=random.choice(NOT_DONE),
            )

    def explain(self) -> None:
        """Explained; accepted by the reporter, or closed by an exception that a leader grants."""
        self.wait(10)
        if not self.will("excepted"):
            self.verdict(service="fair", result="solved")
            return
        self.do(
            closing.ask_exception, self.unit_person(), law="模拟:现行法规", explained="模拟:已当面说明理由",
            remedies="模拟:已告知复议、诉讼途径",
        )  # fmt: skip
        self.wait(10)
        self.do(closing.grant_exception, self.somebody(Role.STREET_LEADER, Role.COUNTY_LEADER))

    def has_days(self, days: int) -> bool:
        return self.scene.until - self.scene.clock.at > timedelta(days=days)

    def at_calling_hours(self) -> bool:
        """Whether it is between 8:30 and 20:00, after waiting for the next morning where there is time."""
        local = self.scene.clock.at.astimezone(SHANGHAI)
        if closing.CALLS_FROM <= local.time() <= closing.CALLS_TO:
            return True
        day = local.date() + timedelta(days=1 if local.time() > closing.CALLS_TO else 0)
        morning = datetime.combine(day, time(9, 10), tzinfo=SHANGHAI)
        if morning >= self.scene.until:
            if self.scene.stops_at_present:
                raise PresentReached
            return False
        self.scene.clock.at = morning
        return True

    def call_in_vain(self) -> None:
        """Three calls on three days at three hours; nobody answers."""
        start = self.scene.clock.at.astimezone(SHANGHAI).date() + timedelta(days=1)
        for n, hour in enumerate((9, 14, 18)):
            self.scene.clock.at = datetime.combine(start + timedelta(days=n), time(hour, 20), tzinfo=SHANGHAI)
            self.do(closing.follow_up, self.somebody(*CALLERS), reached=False)
        if self.case().state == State.CHECKED:
            self.do(closing.rate, self.resident(), service="fair", result="solved")
