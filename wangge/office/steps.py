"""Which verb of a case stands first on its page, which beside it, which folded, and which are not possible and why."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.cases.queries import CaseView, NotNow
from wangge.cases.queries.offers import DECIDES
from wangge.cases.workflow import RULES, State, Verb
from wangge.catalog.models import Urgency
from wangge.kit.words import Text
from wangge.territory.roles import Role

V = Verb

# what a person came for, best first; the second of a pair is the other way to decide the same
FIRST: tuple[tuple[Verb, ...], ...] = (
    (V.AGREE_HAND_BACK, V.REFUSE_HAND_BACK), (V.GRANT_EXTENSION, V.REFUSE_EXTENSION), (V.PARK, V.REFUSE_PARK),
    (V.GRANT_EXCEPTION, V.REFUSE_EXCEPTION), (V.DECLINE,), (V.DECIDE_CONTEST,), (V.VERIFY,), (V.ACCEPT,), (V.DOCKET,),
    (V.DISPATCH,), (V.TAKE,), (V.CLAIM,), (V.DESIGNATE,), (V.AGREE,), (V.REPORT_RESULT,), (V.ASSIST_DONE,),
    (V.CHECK_PASSED, V.CHECK_FAILED), (V.REPORT_SEEN,), (V.FOLLOW_UP,), (V.CLOSE,), (V.UNPARK,),
)  # fmt: skip
WAITS_FOR: dict[State, Text] = {
    State.REPORTED: Text("正等待受理。", "It waits to be accepted."),
    State.VERIFYING: Text("正等待现场核实。", "It waits to be verified on site."),
    State.ACCEPTED: Text("正等待立案。", "It waits to be docketed."),
    State.DOCKETED: Text("正等待派遣。", "It waits to be dispatched."),
    State.DISPATCHED: Text("正等待{unit}签收。", "It waits to be taken by {unit}."),
    State.HANDLING: Text("{unit}{who}正在办理。", "{unit}{who} is working on it."),
    State.SETTLING: Text("正在协调由哪个单位负责。", "The responsible unit is being settled."),
    State.HANDLED: Text("正等待核查。", "It waits to be checked."),
    State.CHECKED: Text("正等待诉求人评价或回访。", "It waits for the reporter's verdict."),
    State.PARKED: Text("已挂账,到期复核。", "It is parked until its review."),
}
# what is done rarely or is grave stands last among the folded ones
LAST = (V.VOID, V.TRANSFER_OUT, V.PROPOSE_DECLINE, V.EMERGENCY_START, V.UNMERGE)
ELSEWHERE = frozenset({V.UNDO})  # has its own bar
NEEDS_CONFIRMING = frozenset({V.VOID, V.TRANSFER_OUT, V.DECLINE, V.MERGE, V.CLOSE, V.GRANT_EXCEPTION})
WEIGHTY_DOCKETED_BY = frozenset({Role.SHIFT_LEADER, Role.COUNTY_DISPATCHER, Role.ZONE_MANAGER})
LARGE = 5  # reporters
STATE = "state"  # the code of "not in this state"


@dataclass(frozen=True)
class Steps:
    """Verbs of a page in their order; ``not_now`` and ``other_states`` are this person's, only not at this moment.

    ``blocked``: the next step is this person's, but something stands in its way.
    """

    first: tuple[Verb, ...]
    folded: tuple[Verb, ...]
    not_now: tuple[NotNow, ...]
    other_states: tuple[NotNow, ...]
    not_mine: tuple[NotNow, ...]
    has_one_desk: bool
    blocked: NotNow | None = None


def steps_of(view: CaseView) -> Steps:
    """The order of the verbs on this person's page of this case."""
    offered = [V(offer.verb.code) for offer in view.offers if V(offer.verb.code) not in ELSEWHERE]
    has_one_desk = may_one_desk(view)
    first: tuple[Verb, ...] = () if has_one_desk else first_of(offered)
    rest = [verb for verb in offered if verb not in first]
    folded = [verb for verb in rest if verb not in LAST] + [verb for verb in rest if verb in LAST]
    refused = [one for one in view.not_now if V(one.verb.code) not in ELSEWHERE]
    mine = [one for one in refused if one.has_role]
    return Steps(
        first, tuple(folded), tuple(one for one in mine if one.code != STATE),
        tuple(one for one in mine if one.code == STATE), tuple(one for one in refused if not one.has_role), has_one_desk,
        None if first or has_one_desk else blocked_of(mine),
    )  # fmt: skip


def first_of(offered: list[Verb]) -> tuple[Verb, ...]:
    """The verbs that stand open; a decision that somebody waits for goes before everything."""
    for group in FIRST:
        found = tuple(verb for verb in group if verb in offered)
        if found and group[0] in found:
            return found
    return ()


def blocked_of(refused: list[NotNow]) -> NotNow | None:
    """What this person would do next if nothing stood in its way."""
    next_ones = [group[0] for group in FIRST if not DECIDES.get(group[0])]
    return next((one for one in refused if one.code != STATE and V(one.verb.code) in next_ones), None)


def waits_for(view: CaseView) -> Text:
    """What the case waits for now, in words."""
    words = WAITS_FOR.get(State(view.line.state.code), Text("", ""))
    unit = view.line.unit.name if view.line.unit else Text("承办单位", "the unit")
    who = f"({view.line.handler})" if view.line.handler else ""
    return Text(
        words.zh.format(unit=unit.zh, who=who), words.en.format(unit=unit.en, who=f" {who}" if who else "")
    )


def may_one_desk(view: CaseView) -> bool:
    """Whether this person may accept, docket and dispatch this case in one submission."""
    state = view.line.state.code
    if state not in (State.REPORTED, State.ACCEPTED):
        return False
    roles = frozenset(Role(role) for role in view.roles)
    needed = [V.DOCKET, V.DISPATCH] + ([V.ACCEPT] if state == State.REPORTED else [])
    if not all(RULES[verb].roles & roles for verb in needed) or any(not ask.decision for ask in view.asks):
        return False
    is_weighty = view.line.urgency.code != Urgency.ORDINARY or view.line.n_reporters >= LARGE
    return not is_weighty or bool(roles & WEIGHTY_DOCKETED_BY)
