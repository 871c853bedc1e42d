"""The desk's part of a story: accept, triage, docket, dispatch, hand-backs and who is responsible."""

from __future__ import annotations

from wangge.cases.actions import desk, handback, intake, unit
from wangge.cases.models import Ask, Case
from wangge.cases.workflow import State
from wangge.catalog.keywords import classify
from wangge.catalog.queries import leaves
from wangge.demo.replay.turns import Playing
from wangge.territory.roles import Role

DOCKETERS = (Role.INTAKE_CLERK, Role.COMMUNITY_MANAGER)
DISPATCHERS = (Role.DISPATCHER,)
WEIGHTY = (Role.SHIFT_LEADER,)


class DeskTurns(Playing):
    """From reported to a unit that handles it."""

    def to_unit(self) -> None:
        """Accept, docket and dispatch (or let a unit claim), then everything until somebody handles it."""
        case = self.case()
        category = case.category.code if case.category else self.chosen_category(case)
        if self.is_plain(case) and case.state == State.REPORTED and self.will("one_desk"):
            one = self.somebody(Role.COUNTY_DISPATCHER)
            lead, assisting = self.lead_of(case, category)
            self.do(desk.one_desk, one, category=category, lead=lead, assisting=assisting)
        else:
            self.accept_and_docket(case, category)
        self.wait(1)
        self.side_turns()
        self.until_taken()

    def is_plain(self, case: Case) -> bool:
        return case.sensitivity != "restricted" and case.area_id is not None

    def chosen_category(self, case: Case) -> str:
        """What the simulated clerk chooses where keywords do not decide: the best guess, else any leaf."""
        guesses = classify(case.text, n=1)
        if guesses:
            return guesses[0].code
        every = [row.code for row in leaves() if row.sensitivity == "ordinary" and row.urgency == "ordinary"]
        return self.scene.plan.random.choice(every)

    def accept_and_docket(self, case: Case, category: str) -> None:
        """The steps one by one, each by who may do it."""
        if case.state == State.REPORTED:
            self.do(intake.accept, self.somebody(*DOCKETERS))
            self.wait(0.5)
        if self.will("contacted") and case.has_contact:
            self.do(intake.contact, self.somebody(*DOCKETERS), outcome="reached", summary="模拟:已电话了解")
        if self.will("triaged") or case.category_id is None:
            self.do(desk.triage, self.somebody(*DOCKETERS), category=category)
        self.wait(0.5)
        weighty = self.case().urgency != "ordinary" or self.case().n_reporters >= desk.LARGE
        self.do(desk.docket, self.somebody(*(WEIGHTY if weighty else DOCKETERS)), category=category)

    def lead_of(self, case: Case, category: str) -> tuple[str, list[str]]:
        """The first proposed unit that can work, now and then with an assisting one."""
        staff, random = self.scene.staff, self.scene.plan.random
        able = staff.handling_units(case.proposed_unit_ids)
        lead = able[0] if able else staff.any_unit(random, but=set(case.recused_unit_ids))
        others = [unit_id for unit_id in able[1:] if unit_id != lead]
        assisting = [staff.units[others[0]].code] if others and self.will("assisted") else []
        return staff.units[lead].code, assisting

    def until_taken(self) -> None:
        """Dispatch, recall, hand back, settle, take: until a unit handles it."""
        for _ in range(4):
            state = self.case().state
            if state == State.DOCKETED:
                self.send()
            elif state == State.SETTLING:
                self.settle()
            elif state == State.DISPATCHED and not self.sent_back():
                self.take()
            if self.case().state == State.HANDLING:
                return
        if self.case().state == State.DISPATCHED:
            self.take()

    def send(self) -> None:
        """Dispatched by the desk, or claimed by a unit on the list."""
        case = self.case()
        able = self.scene.staff.handling_units(case.proposed_unit_ids)
        if able and self.is_plain(case) and self.will("claimed"):
            unit_person = self.scene.staff.in_unit(able[0], self.scene.clock, self.scene.plan.random)
            if unit_person is not None:
                self.do(desk.claim, unit_person)
                return
        lead, assisting = self.lead_of(case, "")
        self.do(
            desk.dispatch,
            self.somebody(*DISPATCHERS),
            lead=lead,
            assisting=assisting,
            advice="模拟:请按时限办理",
        )
        if self.will("recalled"):
            self.wait(0.3)
            self.do(desk.recall, self.somebody(*DISPATCHERS), reason="模拟:派错单位")
            self.do(desk.dispatch, self.somebody(*DISPATCHERS), lead=lead, assisting=assisting)

    def sent_back(self) -> bool:
        """The unit's head asks to hand it back; the desk rules. True when it went back."""
        case = self.case()
        share = "settled" if case.n_hand_back else "handed_back"
        if case.is_final_dispatch or case.lead_unit_id is None or not self.will(share):
            return False
        head = self.scene.staff.in_unit(
            case.lead_unit_id, self.scene.clock, self.scene.plan.random, head=True
        )
        asked = Ask.objects.filter(case=case, kind="hand_back", unit_id=case.lead_unit_id).exists()
        if head is None or asked:
            return False
        self.wait(2)
        self.do(handback.ask_hand_back, head, ground="not_our_duty", reason="模拟:不属本单位职责")
        self.wait(2)
        if self.will("refused_hand_back"):
            self.do(handback.refuse_hand_back, self.somebody(*DISPATCHERS), reason="模拟:属本单位职责")
            return False
        self.do(handback.agree_hand_back, self.somebody(*DISPATCHERS))
        return True

    def settle(self) -> None:
        """Agreed among the units, or designated by a leader."""
        case = self.case()
        able = self.scene.staff.handling_units(case.proposed_unit_ids)
        self.wait(10)
        if able and not self.will("designated"):
            head = self.scene.staff.in_unit(able[0], self.scene.clock, self.scene.plan.random, head=True)
            if head is not None:
                self.do(handback.agree, head, ruling="模拟:经协商由我单位承办")
                return
        lead, _ = self.lead_of(case, "")
        leader = self.somebody(Role.COUNTY_DISPATCHER)
        self.do(handback.designate, leader, lead=lead, ruling="模拟:指定承办", basis="模拟:职责清单")

    def take(self) -> None:
        """The lead unit signs for it."""
        self.wait(2)
        self.do(unit.take, self.unit_person())
