"""What waits for whom, by state and role: the counts and the lists are one condition.

Each row names the verb it waits for; a test compares its roles with the workflow table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q

from wangge.cases.models import OPEN_SAMPLE, OPEN_STATES, Ask, Assist, Inspection, Reporter
from wangge.cases.queries.deadlines import soonest
from wangge.cases.queries.lists import Lines, lines_of, with_names
from wangge.cases.scope import LARGE, one_of, unit_ids, visible_to
from wangge.cases.workflow import CHECKERS, DESK, GRID, HEAD, INTAKE, LEADERS, SHIFT, UNIT, State, Verb
from wangge.catalog.models import Tier, Urgency
from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Invalid
from wangge.kit.paging import page
from wangge.kit.words import Text
from wangge.territory.roles import Role
from wangge.territory.scope import Actor, inside

REVIEWED_BEFORE = timedelta(days=3)
SOONEST_FIRST = ("next_due", "id")
ROUTINE = (DESK | INTAKE | SHIFT | CHECKERS) - {Role.COUNTY_DISPATCHER}


@dataclass(frozen=True)
class Wait:
    """Something that waits: for which verb, for which roles, and which cases it is."""

    key: str
    name: Text
    verb: Verb
    roles: frozenset[Role]
    cases: Callable[[Actor], Q]


@dataclass(frozen=True)
class Waiting:
    """How many cases wait in this way; ``oldest`` first in their list."""

    key: str
    name: Text
    verb: str
    n: int


# --- conditions --------------------------------------------------------------------------------------------


def in_state(*states: State) -> Q:
    return Q(state__in=states)


def asked(actor: Actor, kind: str) -> Q:
    """Somebody else asked for it and nobody has decided yet."""
    open_asks = Ask.objects.filter(case=OuterRef("pk"), kind=kind, decision="")
    return Q(Exists(open_asks.filter(Q(asked_by_id=None) | ~Q(asked_by_id=actor.user_id))))


def not_asked(kind: str) -> Q:
    return ~Q(Exists(Ask.objects.filter(case=OuterRef("pk"), kind=kind, decision="")))


def led_by(actor: Actor, roles: Iterable[Role] = UNIT) -> Q:
    """The actor's unit leads."""
    return Q(lead_unit_id__in=sorted(actor.unit_ids(*roles)))


def weighty() -> Q:
    return ~Q(urgency=Urgency.ORDINARY) | Q(n_reporters__gte=LARGE)


def own_level(actor: Actor) -> Q:
    """Routine of the county's desk: what was escalated or lies in no street; the streets do the rest.

    Everybody else's routine is whatever their posts cover.
    """
    if Role.COUNTY_DISPATCHER not in actor.roles or actor.roles & ROUTINE:
        return Q()
    return Q(is_escalated=True) | Q(path__in=actor.area_paths(Role.COUNTY_DISPATCHER))


def to_docket(actor: Actor) -> Q:
    """Accepted; urgent and large ones are the shift leader's."""
    rows = in_state(State.ACCEPTED) & not_asked("decline") & own_level(actor)
    if actor.roles & {Role.SHIFT_LEADER, Role.COUNTY_DISPATCHER, Role.ZONE_MANAGER}:
        return rows & (Q() if actor.roles & INTAKE else weighty())
    return rows & ~weighty()


def to_dispatch(actor: Actor) -> Q:
    rows = in_state(State.DOCKETED) & own_level(actor)
    return rows if actor.roles & (DESK - {Role.COMMUNITY_MANAGER}) else rows & Q(tier=Tier.IN_GROUP)


def to_handle(actor: Actor) -> Q:
    """Of the unit: a head sees all, a handler the own ones and those that nobody has."""
    own = Q() if actor.roles & HEAD else Q(handler_id=None) | Q(handler_id=actor.user_id)
    return in_state(State.HANDLING) & led_by(actor) & own


def to_assist(actor: Actor) -> Q:
    waiting = Assist.objects.filter(
        dispatch__case=OuterRef("pk"),
        dispatch__ended_at=None,
        unit_id__in=sorted(unit_ids(actor)),
        outcome="",
    )
    return in_state(State.DISPATCHED, State.HANDLING) & Q(Exists(waiting))


def to_look_at(actor: Actor) -> Q:
    """Handled, and nobody of the grid has said what is seen."""
    seen = Inspection.objects.filter(case=OuterRef("pk"), purpose="seen", at__gte=OuterRef("handled_at"))
    return in_state(State.HANDLED) & ~Q(Exists(seen))


def not_own_work(actor: Actor) -> Q:
    units = sorted(unit_ids(actor))
    return ~(Q(lead_unit_id__in=units) & Q(lead_unit_id__isnull=False)) if units else Q()


def to_sample(actor: Actor) -> Q:
    drawn = Inspection.objects.filter(OPEN_SAMPLE, case=OuterRef("pk"))
    return in_state(State.CLOSED) & Q(Exists(drawn)) & (Q(submitter_id=None) | ~Q(submitter_id=actor.user_id))


def can_be_called() -> Q:
    return Q(Exists(Reporter.objects.filter(case=OuterRef("pk"), erased_at=None, phone_sealed__isnull=False)))


def to_follow_up(actor: Actor) -> Q:
    return (
        in_state(State.CHECKED)
        & Q(is_dissatisfied=False)
        & can_be_called()
        & not_own_work(actor)
        & own_level(actor)
    )


def to_close(actor: Actor) -> Q:
    return in_state(State.CHECKED) & Q(is_dissatisfied=False) & ~can_be_called() & own_level(actor)


def to_review(actor: Actor) -> Q:
    today = actor.now().astimezone(SHANGHAI).date()
    return in_state(State.PARKED) & Q(review_on__lte=today + REVIEWED_BEFORE)


# --- the table ---------------------------------------------------------------------------------------------

WAITS: tuple[Wait, ...] = (
    Wait("accept", Text("待受理", "To accept"), Verb.ACCEPT, INTAKE, lambda a: in_state(State.REPORTED) & own_level(a)),
    Wait(
        "verify", Text("待核实", "To verify"), Verb.VERIFY, GRID | {Role.INSPECTOR, Role.POLICE_OFFICER},
        lambda a: in_state(State.VERIFYING),
    ),
    Wait("docket", Text("待立案", "To docket"), Verb.DOCKET, INTAKE | SHIFT, to_docket),
    Wait("dispatch", Text("待派遣", "To dispatch"), Verb.DISPATCH, DESK, to_dispatch),
    Wait("take", Text("待签收", "To take"), Verb.TAKE, UNIT, lambda a: in_state(State.DISPATCHED) & led_by(a)),
    Wait("handle", Text("处置中", "To handle"), Verb.REPORT_RESULT, UNIT, to_handle),
    Wait("assist", Text("待协办", "To assist"), Verb.ASSIST_DONE, UNIT, to_assist),
    Wait(
        "claim", Text("可认领", "May be claimed"), Verb.CLAIM, UNIT,
        lambda a: in_state(State.DOCKETED) & Q(proposed_unit_ids__overlap=sorted(unit_ids(a))),
    ),
    Wait("hand_back", Text("退单待裁定", "Hand-backs to decide"), Verb.AGREE_HAND_BACK, DESK, lambda a: asked(a, "hand_back")),
    Wait(
        "agree", Text("待商定", "To agree on the unit"), Verb.AGREE, HEAD,
        lambda a: in_state(State.SETTLING) & Q(proposed_unit_ids__overlap=sorted(a.unit_ids(*HEAD))),
    ),
    Wait(
        "designate", Text("待指定", "To designate"), Verb.DESIGNATE, frozenset({Role.STREET_LEADER, Role.COUNTY_DISPATCHER}),
        lambda a: in_state(State.SETTLING),
    ),
    Wait(
        "extension", Text("延期待批", "Extensions to decide"), Verb.GRANT_EXTENSION, LEADERS | SHIFT | {Role.ZONE_MANAGER},
        lambda a: asked(a, "extension"),
    ),
    Wait("park", Text("挂账待批", "Parking to decide"), Verb.PARK, LEADERS, lambda a: asked(a, "park")),
    Wait("exception", Text("例外结案待批", "Exceptions to decide"), Verb.GRANT_EXCEPTION, LEADERS, lambda a: asked(a, "exception")),
    Wait("decline", Text("不予受理待签", "Declines to sign"), Verb.DECLINE, SHIFT, lambda a: asked(a, "decline")),
    Wait("void", Text("作废待签", "Voids to sign"), Verb.VOID, SHIFT, lambda a: asked(a, "void")),
    Wait(
        "contest", Text("异议待裁定", "Contests to decide"), Verb.DECIDE_CONTEST, LEADERS | {Role.COUNTY_DISPATCHER},
        lambda a: asked(a, "contest"),
    ),
    Wait("look", Text("待现场查看", "To look at"), Verb.REPORT_SEEN, GRID | {Role.GRID_ADVISER}, to_look_at),
    Wait(
        "check", Text("待核查", "To check"), Verb.CHECK_PASSED,
        frozenset({Role.CHECKER, Role.INSPECTOR, Role.ZONE_MANAGER, Role.COUNTY_DISPATCHER}),
        lambda a: in_state(State.HANDLED) & not_own_work(a) & own_level(a),
    ),
    Wait(
        "sample", Text("待抽查", "Samples to check"), Verb.CHECK_PASSED, frozenset({Role.CHECKER, Role.INSPECTOR}), to_sample
    ),
    Wait(
        "follow_up", Text("待回访", "To follow up"), Verb.FOLLOW_UP,
        frozenset({Role.CHECKER, Role.INTAKE_CLERK, Role.SHIFT_LEADER, Role.ZONE_MANAGER, Role.COMMUNITY_MANAGER, Role.COUNTY_DISPATCHER}),
        to_follow_up,
    ),
    Wait(
        "close", Text("待结案", "To close"), Verb.CLOSE,
        frozenset({Role.COMMUNITY_MANAGER, Role.SHIFT_LEADER, Role.ZONE_MANAGER, Role.COUNTY_DISPATCHER}), to_close,
    ),
    Wait(
        "dissatisfied", Text("不满意待会商", "Dissatisfied, to explain or consult"), Verb.ASK_EXCEPTION, UNIT,
        lambda a: in_state(State.CHECKED) & Q(is_dissatisfied=True) & led_by(a),
    ),
    Wait("review", Text("挂账待复核", "Parked, to review"), Verb.UNPARK, LEADERS | HEAD | DESK, to_review),
)  # fmt: skip
WAITS_BY_KEY = {wait.key: wait for wait in WAITS}


def covered(actor: Actor, roles: frozenset[Role]) -> Q:
    """Cases that the actor's posts of these roles cover."""
    over = inside(actor.area_paths(*(roles - {Role.POLICE_OFFICER} - UNIT)))
    if Role.POLICE_OFFICER in roles:
        over |= inside(actor.area_paths(Role.POLICE_OFFICER), "police_path")
    if units := sorted(actor.unit_ids(*(roles & UNIT))):
        over |= (
            Q(lead_unit_id__in=units)
            | Q(assist_unit_ids__overlap=units)
            | Q(proposed_unit_ids__overlap=units)
        )
    return over


def waits_of(actor: Actor) -> dict[str, Q]:
    """The condition of everything that may wait for this actor."""
    return {
        wait.key: covered(actor, wait.roles & actor.roles) & wait.cases(actor)
        for wait in WAITS
        if wait.roles & actor.roles
    }


def waiting_for(actor: Actor) -> list[Waiting]:
    """How many cases wait for this actor, by what they wait for; one query. Empty rows are left out."""
    conditions = waits_of(actor)
    if not conditions:
        return []
    rows = visible_to(actor).filter(waits_in(conditions))
    counts = rows.aggregate(
        **{f"n_{key}": Count("pk", filter=condition) for key, condition in conditions.items()}
    )
    return [
        Waiting(wait.key, wait.name, wait.verb.value, counts[f"n_{wait.key}"])
        for wait in WAITS
        if counts.get(f"n_{wait.key}")
    ]


def waiting_list(actor: Actor, key: str = "", after: str = "", size: int | None = None) -> Lines:
    """The cases that wait for this actor (``key``: in this way only), soonest deadline first."""
    if key and key not in WAITS_BY_KEY:
        raise Invalid(
            "waiting",
            f"“{key}”不认识,请从待办分类中选择。",
            f"“{key}” is unknown; choose one of {', '.join(WAITS_BY_KEY)}.",
        )
    conditions = waits_of(actor)
    wanted = {name: condition for name, condition in conditions.items() if not key or name == key}
    rows = visible_to(actor).filter(waits_in(wanted))
    found = page(with_names(rows, next_due=soonest()), key=SOONEST_FIRST, after=after or None, size=size)
    return Lines(lines_of(found.items, actor.now()), found.next_cursor)


def waits_in(conditions: Mapping[str, Q]) -> Q:
    """Cases that wait in any of these ways (some of ``waits_of``, by their key).

    First of all they are open, or ended with a request or a sample: by that indexes find the few among millions.
    """
    may_wait = Q(state__in=OPEN_STATES) | one_of(Ask.objects.filter(decision=""))
    if "sample" in conditions:
        may_wait |= one_of(Inspection.objects.filter(OPEN_SAMPLE))
    wanted = Q(pk__in=[])
    for condition in conditions.values():
        wanted |= condition
    return may_wait & wanted
