"""Which verb of a case stands first on its page, which beside it, which folded, and which are not possible and why."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.cases.queries import CaseView, NotNow
from wangge.cases.workflow import RULES, State, Verb
from wangge.catalog.models import Urgency
from wangge.territory.roles import Role

V = Verb

# what a person came for, best first; the second of a pair is the other way to decide the same
FIRST: tuple[tuple[Verb, ...], ...] = (
    (V.AGREE_HAND_BACK, V.REFUSE_HAND_BACK), (V.GRANT_EXTENSION, V.REFUSE_EXTENSION), (V.PARK, V.REFUSE_PARK),
    (V.GRANT_EXCEPTION, V.REFUSE_EXCEPTION), (V.DECLINE,), (V.DECIDE_CONTEST,), (V.VERIFY,), (V.ACCEPT,), (V.DOCKET,),
    (V.DISPATCH,), (V.TAKE,), (V.CLAIM,), (V.DESIGNATE,), (V.AGREE,), (V.REPORT_RESULT,), (V.ASSIST_DONE,),
    (V.CHECK_PASSED, V.CHECK_FAILED), (V.REPORT_SEEN,), (V.FOLLOW_UP,), (V.CLOSE,), (V.UNPARK,),
)  # fmt: skip
# what is done rarely or is grave stands last among the folded ones
LAST = (V.VOID, V.TRANSFER_OUT, V.PROPOSE_DECLINE, V.EMERGENCY_START, V.UNMERGE)
ELSEWHERE = frozenset({V.UNDO})  # has its own bar
NEEDS_CONFIRMING = frozenset({V.VOID, V.TRANSFER_OUT, V.DECLINE, V.MERGE, V.CLOSE, V.GRANT_EXCEPTION})
WEIGHTY_DOCKETED_BY = frozenset({Role.SHIFT_LEADER, Role.COUNTY_DISPATCHER, Role.ZONE_MANAGER})
LARGE = 5  # reporters
STATE = "state"  # the code of "not in this state"


@dataclass(frozen=True)
class Steps:
    """Verbs of a page in their order; ``not_now`` and ``other_states`` are this person's, only not at this moment."""

    first: tuple[Verb, ...]
    folded: tuple[Verb, ...]
    not_now: tuple[NotNow, ...]
    other_states: tuple[NotNow, ...]
    not_mine: tuple[NotNow, ...]
    has_one_desk: bool


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
    )  # fmt: skip


def first_of(offered: list[Verb]) -> tuple[Verb, ...]:
    """The verbs that stand open; a decision that somebody waits for goes before everything."""
    for group in FIRST:
        found = tuple(verb for verb in group if verb in offered)
        if found and group[0] in found:
            return found
    return ()


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
