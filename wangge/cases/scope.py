"""Which cases an actor sees, and which roles it holds over one case. Source: workflow.md, Scope and Sensitivity.

``visible_to`` (rows, SQL) and ``roles_on`` (one case, Python) say the same; a test compares them. What comes of it at
every door stands in docs/reference/scope.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet

from wangge.cases.models import OPEN_STATES, Ask, Case, Dispatch, Reporter
from wangge.cases.workflow import OPEN, State
from wangge.catalog.models import Sensitivity, Urgency
from wangge.kit.db import select
from wangge.territory.roles import Role
from wangge.territory.scope import Actor, Grant, inside
from wangge.territory.superiors import superiors_of, units_of

# See everything in their area (what is shown of the reporter is decided by ``may_see_reporter``).
WHOLE_AREA = (
    Role.GRID_HEAD, Role.GRID_WORKER, Role.PART_TIME_WORKER, Role.GRID_ADVISER, Role.INSPECTOR, Role.CHECKER,
    Role.ZONE_MANAGER, Role.COMMUNITY_MANAGER, Role.INTAKE_CLERK, Role.DISPATCHER, Role.SHIFT_LEADER,
    Role.COUNTY_DISPATCHER, Role.DUTY_OFFICER,
)  # fmt: skip
OPEN_ONLY = (Role.SUPERVISION_OFFICER,)
LEADERS = (Role.STREET_LEADER, Role.COUNTY_LEADER)
IN_UNITS = (Role.DEPARTMENT_HANDLER, Role.HEAD_OF_UNIT, Role.DUTY_OFFICER)
SEES_REPORTER = (
    Role.ZONE_MANAGER, Role.COMMUNITY_MANAGER, Role.INTAKE_CLERK, Role.DISPATCHER, Role.SHIFT_LEADER, Role.CHECKER,
    Role.COUNTY_DISPATCHER,
)  # fmt: skip
# A role over the case that suffices to see it; the others depend on more than the post (leaders, own reports).
SEEING = frozenset(
    {
        *WHOLE_AREA,
        *OPEN_ONLY,
        *IN_UNITS,
        Role.NAMED_PROFESSIONAL,
        Role.POLICE_OFFICER,
        Role.RESIDENT,
        Role.PLATFORM,
    }
)
AFTER_LEADING = timedelta(days=90)
LARGE = 5  # reporters
PROPOSED_IN = (State.DOCKETED, State.SETTLING)


def visible_to(actor: Actor) -> QuerySet[Case]:
    """The cases that this actor may see; every list starts here."""
    if actor.is_platform:
        return Case.objects.all()
    if actor.reporter_id is not None:
        return Case.objects.filter(reporters__id=actor.reporter_id)
    if actor.user_id is None or not actor.grants:  # a post gives the scope, not the person
        return Case.objects.none()
    seen = by_area(actor) | by_unit(actor) | Q(submitter_id=actor.user_id)
    return Case.objects.filter(seen).filter(allowed(actor))


def by_area(actor: Actor) -> Q:
    """Rows seen because of a post over an area."""
    seen = inside(actor.area_paths(*WHOLE_AREA))
    if paths := actor.area_paths(*OPEN_ONLY):
        seen |= inside(paths) & Q(state__in=OPEN_STATES)
    if paths := actor.area_paths(Role.POLICE_OFFICER):
        seen |= inside(paths, "police_path")
    if paths := actor.area_paths(*LEADERS):
        asked = one_of(Ask.objects.filter(decision=""))
        weighty = (
            Q(is_escalated=True)
            | Q(n_reporters__gte=LARGE)
            | Q(urgency=Urgency.CRITICAL)
            | Q(state__in=[State.PARKED, State.SETTLING])
        )
        seen |= inside(paths) & (weighty | asked)
    return seen


def by_unit(actor: Actor) -> Q:
    """Rows seen because of a post in a unit (of named professionals: in their area only)."""
    seen = Q(pk__in=[])
    for path, units in sorted(units_by_area(actor).items()):
        rows = of_units(sorted(units), actor.now() - AFTER_LEADING)
        seen |= rows & inside([path]) if path else rows
    return seen


def of_units(units: list[int], since: datetime) -> Q:
    """Open cases that the units lead, assist or are proposed for, and those that one of them led after ``since``."""
    led = Dispatch.objects.filter(unit_id__in=units, ended_at__gte=since)
    return (
        Q(lead_unit_id__in=units) & (Q(state__in=OPEN_STATES) | Q(ended_at__gte=since))
        | Q(assist_unit_ids__overlap=units, state__in=OPEN_STATES)
        | Q(proposed_unit_ids__overlap=units, state__in=PROPOSED_IN)
        | one_of(led)
    )


def one_of(rows: QuerySet[Any]) -> Q:
    """Cases that these rows belong to. As an array made once, so that an index finds them also beside an OR."""
    return Q(OneOf(F("pk"), ArraySubquery(rows.values("case_id"))))


class OneOf(Func):
    """``id = ANY(ARRAY(SELECT …))``."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def units_by_area(actor: Actor) -> dict[str, set[int]]:
    """The units in which posts are held that handle cases, by the area in which each counts (empty: everywhere)."""
    found: dict[str, set[int]] = {}
    for grant in actor.grants:
        if grant.unit_id is not None and grant.role in (*IN_UNITS, Role.NAMED_PROFESSIONAL):
            found.setdefault(grant.area_path, set()).add(grant.unit_id)
    return found


def allowed(actor: Actor) -> Q:
    """Not recused (回避), and named if the case is restricted (限定)."""
    named = ~Q(sensitivity=Sensitivity.RESTRICTED) | Q(named_user_ids__contains=[actor.user_id])
    return named & not_recused(actor)


def not_recused(actor: Actor) -> Q:
    """Cases that do not complain of this actor, of a superior, or of a unit to which it belongs."""
    clear = ~Q(recused_user_ids__overlap=sorted(complained_people(actor)))
    if units := sorted(units_of(actor)):
        clear &= ~Q(recused_unit_ids__overlap=units)
    return clear


def complained_people(actor: Actor) -> set[int]:
    """A complaint of any of these people recuses the actor."""
    return superiors_of(actor) | {actor.user_id or 0}


def is_recused(actor: Actor, case: Case) -> bool:
    """The opposite of ``not_recused`` for one case."""
    if not (case.recused_user_ids or case.recused_unit_ids):
        return False
    of_people = complained_people(actor) & set(case.recused_user_ids)
    return bool(of_people or units_of(actor) & set(case.recused_unit_ids))


def unit_ids(actor: Actor) -> set[int]:
    """Units in which the actor holds a post that handles cases."""
    return actor.unit_ids(*IN_UNITS, Role.NAMED_PROFESSIONAL)


def is_allowed(actor: Actor, case: Case) -> bool:
    """``allowed`` for one case."""
    if is_recused(actor, case):
        return False
    return case.sensitivity != Sensitivity.RESTRICTED or actor.user_id in case.named_user_ids


def roles_on(actor: Actor, case: Case) -> dict[Role, Grant]:
    """The roles that count over this case, each with the post that gives it; empty when it is not visible."""
    if actor.is_platform:
        return {Role.PLATFORM: actor.grants[0]}
    if actor.reporter_id is not None:
        own = select(
            Reporter, "WHERE id = %s AND case_id = %s AND erased_at IS NULL", [actor.reporter_id, case.pk]
        )
        return {Role.RESIDENT: Grant(Role.RESIDENT, post_id=0)} if own else {}
    if actor.user_id is None or not is_allowed(actor, case):
        return {}
    held: dict[Role, Grant] = {}
    since = actor.now() - AFTER_LEADING
    for grant in actor.grants:
        if counts(grant, case, since):
            held.setdefault(grant.role, grant)
    return held


def counts(grant: Grant, case: Case, since: datetime) -> bool:
    """Whether one post covers this case; ``since``: how long ago a unit may have led an ended one."""
    is_area_duty = grant.role is Role.DUTY_OFFICER and grant.area_path
    if grant.unit_id is not None and grant.role in (*IN_UNITS, Role.NAMED_PROFESSIONAL) and not is_area_duty:
        return case.path.startswith(grant.area_path) and concerns_unit(grant.unit_id, case, since)
    if not grant.area_path:
        return False
    if grant.role is Role.POLICE_OFFICER:
        return case.police_path.startswith(grant.area_path)
    if grant.role in OPEN_ONLY and State(case.state) not in OPEN:
        return False
    return case.path.startswith(grant.area_path)


def concerns_unit(unit_id: int, case: Case, since: datetime) -> bool:
    """Whether the unit leads, assists or is proposed for the open case, or led it when it ended lately."""
    if State(case.state) not in OPEN:
        return case.lead_unit_id == unit_id and case.ended_at is not None and case.ended_at >= since
    if case.state in PROPOSED_IN and unit_id in case.proposed_unit_ids:
        return True
    return unit_id == case.lead_unit_id or unit_id in case.assist_unit_ids


def sees(actor: Actor, case: Case) -> bool:
    """Whether this actor sees this case: the rows of ``visible_to`` for one case, cheapest test first."""
    if roles_on(actor, case).keys() & SEEING:
        return True
    return visible_to(actor).filter(pk=case.pk).exists()


def may_see_reporter(actor: Actor, case: Case, *, may_show_to_grid: bool, at: datetime) -> bool:
    """Whether the reporter's name and phone may be revealed to this actor (masked first, logged always).

    The desk always; the handling unit while the case is open; the grid only if the reporter allowed it or
    was served in person (then the submitter is the worker).
    """
    held = roles_on(actor, case)
    if held.keys() & set(SEES_REPORTER):
        return True
    if held.keys() & {Role.DEPARTMENT_HANDLER, Role.HEAD_OF_UNIT, Role.NAMED_PROFESSIONAL}:
        return State(case.state) in OPEN and case.lead_unit_id in unit_ids(actor)
    if held.keys() & {Role.GRID_WORKER, Role.GRID_HEAD, Role.PART_TIME_WORKER}:
        return may_show_to_grid or case.submitter_id == actor.user_id
    return case.submitter_id == actor.user_id and at - case.reported_at < timedelta(days=1)
