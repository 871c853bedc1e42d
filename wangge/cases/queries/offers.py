"""Which verbs a person may do on a case now, with their fields; and why not the others.

The table decides (state, role, lead unit); the conditions of the matter that can be known beforehand are looked at
here, so that a button that would be refused says so first. The verb itself always checks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache

from wangge.cases.actions import ACTIONS
from wangge.cases.actions.closing import CALLS_FROM, CALLS_TO, EXCEPTION, REOPEN_WITHIN
from wangge.cases.actions.intake import ANSWERED_KINDS
from wangge.cases.chain import UNDO_WINDOW
from wangge.cases.given import GivenField
from wangge.cases.models import Ask, Assist, Case, Entry
from wangge.cases.move import best_grant
from wangge.cases.queries.names import Coded, verb_named
from wangge.cases.scope import LARGE, unit_ids
from wangge.cases.verdicts import refusal_to_close
from wangge.cases.workflow import PLATFORM, RESIDENT, RULES, State, Verb, step
from wangge.catalog.models import Tier, Urgency
from wangge.kit.clock import REAL_CLOCK, SHANGHAI
from wangge.kit.errors import DomainError
from wangge.kit.words import Text
from wangge.territory.roles import Role
from wangge.territory.scope import Actor, Grant

# verb → what was asked that it decides; verb → what it asks
DECIDES: dict[Verb, str] = {
    Verb.AGREE_HAND_BACK: "hand_back", Verb.REFUSE_HAND_BACK: "hand_back", Verb.GRANT_EXTENSION: "extension",
    Verb.REFUSE_EXTENSION: "extension", Verb.PARK: "park", Verb.REFUSE_PARK: "park", Verb.GRANT_EXCEPTION: "exception",
    Verb.REFUSE_EXCEPTION: "exception", Verb.DECLINE: "decline", Verb.DECIDE_CONTEST: "contest",
}  # fmt: skip
ASKS: dict[Verb, str] = {
    Verb.ASK_HAND_BACK: "hand_back", Verb.ASK_EXTENSION: "extension", Verb.ASK_PARK: "park",
    Verb.ASK_EXCEPTION: "exception", Verb.PROPOSE_DECLINE: "decline", Verb.CONTEST: "contest",
}  # fmt: skip
MOST_KEPT = 10_000
SHIFT_ROLES = {Role.SHIFT_LEADER, Role.COUNTY_DISPATCHER, Role.ZONE_MANAGER}


@dataclass(frozen=True)
class Field:
    """One thing that a verb is given, for forms and documentation; see ``cases.given.Given`` for the widgets."""

    name: str
    label: Text
    widget: str
    choices: tuple[Coded, ...]
    source: str
    max_length: int
    is_required: bool
    is_list: bool
    is_private: bool
    help: Text | None


@dataclass(frozen=True)
class Offer:
    """A verb that may be done now."""

    verb: Coded
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class NotNow:
    """A verb that may not be done now; ``has_role``: it is this person's, only not at this moment."""

    verb: Coded
    code: str
    reason: Text
    has_role: bool


@dataclass(frozen=True)
class Facts:
    """What was read of the case already, so that deciding costs no further query (closing asks one)."""

    case: Case
    actor: Actor
    held: Mapping[Role, Grant]
    open_asks: Mapping[str, Ask]
    open_assists: tuple[Assist, ...]
    last: Entry | None
    has_sample: bool
    now: datetime


@cache
def offer_of(verb: Verb) -> Offer:
    """The offer of a verb, which is the same for everybody."""
    return Offer(verb_named(verb), tuple(field_of(given) for given in ACTIONS[verb].fields))


def field_of(given: GivenField) -> Field:
    mark = given.given
    return Field(
        given.name, mark.label, mark.widget, tuple(Coded(code, name) for code, name in mark.choices), mark.source,
        mark.max_length, given.is_required, given.is_list, mark.is_private, mark.help,
    )  # fmt: skip


def offers(facts: Facts) -> tuple[list[Offer], list[NotNow]]:
    """Every verb of this person's kind (staff or resident): offered, or with the reason why not."""
    possible, refused = [], []
    for action in ACTIONS.values():
        if not concerns(facts.actor, action.verb):
            continue
        reason = refusal(facts, action.verb)
        if reason is None:
            possible.append(offer_of(action.verb))
        else:
            has_role = bool(RULES[action.verb].roles & facts.held.keys())
            refused.append(not_now(action.verb, reason.code, reason.zh, reason.en, has_role))
    return possible, refused


@lru_cache(maxsize=MOST_KEPT)
def not_now(verb: Verb, code: str, zh: str, en: str, has_role: bool) -> NotNow:
    return NotNow(verb_named(verb), code, Text(zh, en), has_role)


def concerns(actor: Actor, verb: Verb) -> bool:
    """Whether the verb is one of residents (for a resident) or of the staff (for the others)."""
    roles = RULES[verb].roles
    return bool(roles & RESIDENT) if actor.reporter_id is not None else bool(roles - RESIDENT - PLATFORM)


def refusal(facts: Facts, verb: Verb) -> DomainError | None:
    """Why the verb would be refused now, or None."""
    if (by_table := refusal_of_table(State(facts.case.state), verb, frozenset(facts.held))) is not None:
        return by_table
    try:
        best_grant(facts.held, verb, facts.case)
    except DomainError as error:
        return error.with_traceback(None)
    if verb in DECIDES:
        return not_to_decide(facts, DECIDES[verb])
    if verb in ASKS and ASKS[verb] in facts.open_asks:
        return said(
            "already_asked",
            "同一事项已有申请在等待裁定。",
            "The same request is already waiting for a decision.",
        )
    look = CONDITIONS.get(verb)
    return look(facts) if look else None


@lru_cache(maxsize=MOST_KEPT)
def refusal_of_table(state: State, verb: Verb, roles: frozenset[Role]) -> DomainError | None:
    """What ``step`` raises; the same few hundred answers all day."""
    try:
        step(state, verb, roles)
    except DomainError as error:
        return error.with_traceback(None)
    return None


@lru_cache(maxsize=MOST_KEPT)
def said(code: str, zh: str, en: str) -> DomainError:
    return DomainError(409, code, zh, en)


def not_to_decide(facts: Facts, kind: str) -> DomainError | None:
    ask = facts.open_asks.get(kind)
    if ask is None:
        return said("nothing_asked", "没有等待裁定的申请。", "There is no request waiting for a decision.")
    if ask.asked_by_id is not None and ask.asked_by_id == facts.actor.user_id:
        return said(
            "own_request",
            "不能裁定自己提出的申请,请由另一人办理。",
            "You cannot decide your own request; another person must.",
        )
    return None


def not_to_answer(facts: Facts) -> DomainError | None:
    if facts.case.kind in ANSWERED_KINDS:
        return None
    return said(
        "not_answerable", "只有咨询、建议、表扬可以当场答复。",
        "Only consultations, suggestions and praise are answered at the desk.",
    )  # fmt: skip


def not_to_self_close(facts: Facts) -> DomainError | None:
    category = facts.case.category
    if category is None or category.may_self_close:
        return None
    return said(
        "not_self_closable",
        "这一类别不能自办自结,请上报。",
        "This category cannot be closed in the grid; report it up.",
    )


def not_to_docket(facts: Facts) -> DomainError | None:
    weighty = facts.case.urgency != Urgency.ORDINARY or facts.case.n_reporters >= LARGE
    if not weighty or facts.held.keys() & SHIFT_ROLES:
        return None
    return said(
        "shift_leader", "紧急或多人反映的案件须由值班长立案。",
        "Urgent cases and those of many reporters are docketed by the shift leader.",
    )  # fmt: skip


def not_to_dispatch(facts: Facts) -> DomainError | None:
    if (
        facts.held.keys() & (RULES[Verb.DISPATCH].roles - {Role.COMMUNITY_MANAGER})
        or facts.case.tier == Tier.IN_GROUP
    ):
        return None
    return said("in_group_only", "社区只派遣“群内办”的案件。", "A community dispatches in-group cases only.")


def not_to_claim(facts: Facts) -> DomainError | None:
    if unit_ids(facts.actor) & set(facts.case.proposed_unit_ids):
        return None
    return said(
        "not_proposed", "本单位不在此案的建议承办名单中。", "Your unit is not on the list for this case."
    )


def not_to_assist(facts: Facts) -> DomainError | None:
    mine = unit_ids(facts.actor)
    if any(row.unit_id in mine or facts.case.lead_unit_id in mine for row in facts.open_assists):
        return None
    return said("no_assistance", "没有待完成的协办事项。", "There is no open assistance.")


def not_to_report_result(facts: Facts) -> DomainError | None:
    if facts.case.must_consult:
        return said("must_consult", "此案须先会商。", "A consultation must be held first.")
    if facts.open_assists:
        names = [row.unit.name_zh for row in facts.open_assists]
        return said(
            "assistance_open",
            f"协办单位还没有完成:{'、'.join(names)}。",
            f"Assisting units are not done: {', '.join(names)}.",
        )
    return None


def not_to_check(facts: Facts) -> DomainError | None:
    if facts.case.lead_unit_id in unit_ids(facts.actor) or facts.case.handler_id == facts.actor.user_id:
        return said(
            "own_work",
            "处置单位和处置人不能核查自己的结果。",
            "The handling unit may not check its own result.",
        )
    if facts.case.state == State.CLOSED and not facts.has_sample:
        return said("no_sample", "此案没有待抽查的任务。", "This closed case was not drawn for checking.")
    return None


def not_to_follow_up(facts: Facts) -> DomainError | None:
    if facts.case.lead_unit_id in unit_ids(facts.actor):
        return said(
            "own_work",
            "处置单位不能回访自己办理的案件。",
            "The handling unit may not follow up its own case.",
        )
    if not CALLS_FROM <= facts.now.astimezone(SHANGHAI).time() <= CALLS_TO:
        return said("calling_hours", "回访电话请在 8:30–20:00 之间拨打。", "Call between 8:30 and 20:00.")
    return None


def not_to_close(facts: Facts) -> DomainError | None:
    return refusal_to_close(facts.case, facts.now)


def not_to_reopen(facts: Facts) -> DomainError | None:
    closed_at = facts.case.closed_at
    if facts.actor.reporter_id is None or closed_at is None or facts.now <= closed_at + REOPEN_WITHIN:
        return None
    return said(
        "too_late", "结案已超过 15 天,请重新反映。", "Closed for more than 15 days; please report anew."
    )


def not_to_contest(facts: Facts) -> DomainError | None:
    if facts.case.state == State.CLOSED and facts.case.close_type != EXCEPTION:
        return said("not_contestable", "此案可以申请重新办理。", "This case can be reopened instead.")
    return None


def not_to_rate(facts: Facts) -> DomainError | None:
    parent = facts.case.parent if facts.case.state == State.MERGED else None
    if parent is None or parent.state in (State.CHECKED, State.CLOSED):
        return None
    return said("too_early", "还在办理,办完后请您评价。", "Still being handled; please rate when it is done.")


def not_to_undo(facts: Facts) -> DomainError | None:
    last = facts.last
    if last is None or facts.case.undo is None or last.user_id != facts.actor.user_id:
        return said("not_yours", "只能撤销自己刚刚办的一步。", "Only your own last step can be undone.")
    if undo_left(last, REAL_CLOCK.now()) <= timedelta(0):
        return said(
            "too_late", "已超过 10 秒,不能撤销。", "More than ten seconds have passed; it cannot be undone."
        )
    return None


def undo_left(last: Entry, now: datetime) -> timedelta:
    """How long the last step can still be undone; not at all when the clock was set back since."""
    left = last.recorded_at + UNDO_WINDOW - now
    return left if left < 2 * UNDO_WINDOW else timedelta(0)


CONDITIONS: dict[Verb, Callable[[Facts], DomainError | None]] = {
    Verb.ANSWER: not_to_answer, Verb.SELF_CLOSE: not_to_self_close, Verb.DOCKET: not_to_docket,
    Verb.DISPATCH: not_to_dispatch, Verb.CLAIM: not_to_claim, Verb.ASSIST_DONE: not_to_assist,
    Verb.REPORT_RESULT: not_to_report_result, Verb.CHECK_PASSED: not_to_check, Verb.CHECK_FAILED: not_to_check,
    Verb.FOLLOW_UP: not_to_follow_up, Verb.CLOSE: not_to_close, Verb.REOPEN: not_to_reopen, Verb.CONTEST: not_to_contest,
    Verb.RATE: not_to_rate, Verb.UNDO: not_to_undo,
}  # fmt: skip


def open_asks_of(asks: Iterable[Ask]) -> dict[str, Ask]:
    """Undecided requests by their kind."""
    return {ask.kind: ask for ask in asks if not ask.decision}
