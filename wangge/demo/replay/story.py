"""One message through the whole loop: simulated people call the verbs at simulated times. Used by replay and demo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from wangge.cases.actions import Reported, intake, linking, notes, refusal, resident
from wangge.cases.models import Case, Reporter
from wangge.cases.workflow import State
from wangge.catalog import queries as catalog
from wangge.demo.replay.closing_turns import ClosingTurns
from wangge.demo.replay.desk_turns import DeskTurns
from wangge.demo.replay.plan import Plan
from wangge.demo.replay.staff import Staff
from wangge.demo.replay.turns import PresentReached
from wangge.demo.replay.unit_turns import UnitTurns
from wangge.kit.clock import MovedClock
from wangge.territory.roles import Role
from wangge.territory.scope import Actor

GRID = (Role.GRID_WORKER, Role.GRID_HEAD)
INTAKE = (Role.INTAKE_CLERK, Role.COMMUNITY_MANAGER)


@dataclass
class Scene:
    """What a story plays with: the people, its draws, its clock, and when it must be over."""

    staff: Staff
    plan: Plan
    clock: MovedClock
    until: datetime
    pace: float = 1.0
    """1: durations as drawn; smaller when the story would otherwise reach into the future"""
    pictures: Callable[[Case, str, Actor], list[str]] = lambda case, phase, actor: []

    stops_at_present: bool = False

    def pass_hours(self, usual: float) -> None:
        """Time goes by, around the usual hours, never past the end: there the story stops, or goes on at once."""
        step = timedelta(hours=self.plan.hours(usual) * self.pace)
        if self.stops_at_present and self.clock.at + step > self.until:
            raise PresentReached
        self.clock.at = min(self.clock.at + step, self.until)


class Story(DeskTurns, UnitTurns, ClosingTurns):
    """Carries one case from its report to an end state; ``run`` returns that state."""

    def __init__(self, scene: Scene, made: Reported) -> None:
        self.scene = scene
        self.made = made
        self.case_id = made.case.pk
        self._now = made.case

    # ---- who and what

    def case(self) -> Case:
        """The case as its newest verb left it."""
        return self._now

    def will(self, what: str) -> bool:
        return self.scene.plan.will(what)

    def wait(self, usual: float) -> None:
        self.scene.pass_hours(usual)

    def somebody(self, *roles: Role) -> Actor:
        """Somebody with one of these roles over the case."""
        return self.scene.staff.somebody(self.case(), self.scene.clock, self.scene.plan.random, *roles)

    @cached_property
    def reporter(self) -> Reporter | None:
        return self.made.case.reporters.first()

    def resident(self) -> Actor:
        """The reporter, showing the code."""
        reporter = self.reporter
        return Actor(
            name="居民",
            reporter_id=reporter.pk if reporter else 0,
            visit="replay",
            is_simulated=True,
            clock=self.scene.clock,
        )

    def do(self, verb: Callable[..., Case], actor: Actor, **given: Any) -> Case:
        self._now = verb(self.case_id, actor=actor, **given)
        return self._now

    # ---- the way

    def tell(self) -> str:
        """``run``, or as far as it goes until the present; returns the state."""
        try:
            return self.run()
        except PresentReached:
            return self.case().state

    def run(self) -> str:
        """From the report to the end; returns the end state."""
        self.wait(0.6)
        turns: Sequence[Callable[[], bool]] = (
            self.refuse,
            self.look,
            self.solve_in_grid,
            self.answer_at_desk,
        )
        for turn in turns:
            if turn():
                break
        else:
            self.work()
        return self.case().state

    def work(self) -> None:
        """Docket, dispatch, handle, check, ask the reporter."""
        if self.case().state in (State.REPORTED, State.ACCEPTED):
            self.to_unit()
        for _ in range(6):
            self.handle()
            if self.case().state != State.HANDLED:
                return
            self.check()
            if self.case().state == State.CHECKED:
                self.hear_reporter()
            if self.case().state != State.HANDLING:
                return

    def refuse(self) -> bool:
        """Declined, void or passed on to another legal channel."""
        if self.will("void") and not self.case().evidence.exists():
            self.do(
                refusal.void,
                self.somebody(Role.SHIFT_LEADER),
                ground="no_content",
                reason="模拟:没有实际内容",
            )
            return True
        if self.will("declined"):
            self.decline()
            return self.case().state == State.DECLINED
        if self.will("transferred"):
            self.do(
                refusal.transfer_out, self.somebody(Role.SHIFT_LEADER), legal_channel="court", unit="县人民法院",
                phone="12368", receipt=f"模拟-{self.made.case.number[-6:]}",
            )  # fmt: skip
            return True
        return False

    def decline(self) -> None:
        """A clerk proposes, the shift leader signs; some contest, once."""
        self.do(
            refusal.propose_decline,
            self.somebody(*INTAKE),
            ground="other_channel",
            where="县人民法院诉讼服务中心 12368",
        )
        self.wait(1)
        self.do(refusal.decline, self.somebody(Role.SHIFT_LEADER))
        if self.reporter and self.will("contested"):
            self.wait(6)
            self.do(refusal.contest, self.resident(), words="模拟:我有新的情况")
            self.wait(20)
            decision = "granted" if self.scene.plan.random.random() < 0.5 else "refused"
            self.do(
                refusal.decide_contest,
                self.somebody(Role.STREET_LEADER),
                decision=decision,
                reason="模拟:已复核",
            )

    def look(self) -> bool:
        """Sent to look first, now and then."""
        case = self.case()
        if case.state == State.REPORTED and self.will("verified") and case.sensitivity != "restricted":
            self.do(intake.ask_verification, self.somebody(*INTAKE), question="模拟:请到现场看看")
            self.wait(2)
            finding = self.scene.plan.random.choice(["true", "true", "true", "address_unclear", "gone"])
            self.do(
                intake.verify, self.somebody(*GRID, Role.INSPECTOR), finding=finding, note="模拟:已到现场"
            )
        return False

    def solve_in_grid(self) -> bool:
        """The grid's own people, where the category allows it."""
        case = self.case()
        category = case.category
        if (
            category is None
            or not category.may_self_close
            or case.sensitivity == "restricted"
            or not self.will("self_closed")
        ):
            return False
        worker = self.scene.staff.over(case.path, *GRID, random=self.scene.plan.random)
        if worker is None:
            return False
        worker = worker.at(self.scene.clock)
        photos = self.scene.pictures(case, "after", worker)
        if category.needs_photo_after and not photos:
            return False
        self.wait(3)
        self.do(
            intake.self_close,
            worker,
            result="模拟:网格员当场处理完毕",
            photos_after=photos,
            is_drawing=bool(photos),
        )
        return self.after_desk()

    def answer_at_desk(self) -> bool:
        """Consultations, suggestions and praise are answered at once."""
        case = self.case()
        if case.kind not in intake.ANSWERED_KINDS or case.state not in (State.REPORTED, State.ACCEPTED):
            return False
        if not self.will("answered"):
            return False
        known = catalog.knowledge_for(case.text, category_id=case.category_id, n=1)
        self.wait(1)
        self.do(
            intake.answer, self.somebody(*INTAKE), answer=known[0].answer_zh if known else "模拟:已当场答复",
            knowledge=known[0].code if known else "", basis="" if known else "模拟:现行政策",
        )  # fmt: skip
        return self.after_desk()

    def after_desk(self) -> bool:
        """Ask the reporter when there is one; "not solved" leads on to the ordinary way."""
        if self.case().state == State.CHECKED:
            self.hear_reporter()
        if self.case().state in (State.ACCEPTED, State.HANDLING):
            self.work()
        return True

    def join(self, parent: Story) -> str:
        """This message says the same as an earlier one: it becomes one case with it."""
        self.wait(1)
        self.do(
            linking.merge, self.somebody(Role.DISPATCHER, Role.INTAKE_CLERK), parent=parent.made.case.number,
            reason="模拟:同类反映",
        )  # fmt: skip
        return self.case().state

    def side_turns(self) -> None:
        """What happens beside the way: a resident urges or adds, somebody notes."""
        if self.reporter and self.will("urged"):
            self.do(resident.urge, self.resident(), words="模拟:请尽快")
        if self.reporter and self.will("supplemented"):
            self.do(resident.supplement, self.resident(), words="模拟:补充情况")
        if self.will("noted"):
            self.do(notes.note, self.somebody(*INTAKE), text="模拟:已提醒承办单位")
        if self.will("escalated"):
            self.do(notes.escalate, self.somebody(Role.DISPATCHER), reason="模拟:多人关注")
            if self.will("instructed"):
                self.do(notes.instruct, self.somebody(Role.STREET_LEADER), text="模拟:请抓紧办理")
