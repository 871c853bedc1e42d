"""Whom a move of a case is told to: one table, read forwards. Called by the relay for each ``case_moved``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from wangge.accounts.models import User
from wangge.cases.actions import closing, intake
from wangge.cases.events import CaseMoved
from wangge.cases.models import Case
from wangge.cases.scope import sees
from wangge.cases.workflow import ENDED, RULES, State, Verb
from wangge.catalog.models import Sensitivity
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.db import planned
from wangge.kit.errors import DomainError
from wangge.kit.events import Event
from wangge.kit.words import Text
from wangge.notify.actions import tell
from wangge.registry.masking import masked_text
from wangge.territory.roles import Role
from wangge.territory.scope import PLATFORM, actor_for
from wangge.territory.staff import heads_of_unit, users_over

LOG = logging.getLogger(__name__)
Whom = Callable[[Case], Iterable[int]]


@dataclass(frozen=True)
class Telling:
    """To whom, and with which words."""

    whom: Whom
    words: Text


def unit_heads(case: Case) -> set[int]:
    return heads_of_unit(case.lead_unit_id, REAL_CLOCK.now()) if case.lead_unit_id else set()


def handler(case: Case) -> set[int]:
    return {case.handler_id} if case.handler_id else unit_heads(case)


def over(*roles: Role) -> Whom:
    """People whose post of one of these roles covers the case's area."""
    return lambda case: users_over(case.path, roles, REAL_CLOCK.now())


def concerned_heads(case: Case) -> set[int]:
    now = REAL_CLOCK.now()
    return {user for unit_id in case.proposed_unit_ids for user in heads_of_unit(unit_id, now)}


GRID = over(Role.GRID_WORKER, Role.GRID_HEAD)
DESK = over(Role.DISPATCHER, Role.COMMUNITY_MANAGER)
LEADERS = over(Role.STREET_LEADER)

TELLINGS: dict[Verb, Telling] = {
    Verb.ASK_VERIFICATION: Telling(GRID, Text("请到现场核实", "Please look at the place")),
    Verb.DISPATCH: Telling(unit_heads, Text("新派案件,请签收", "A new case to take")),
    Verb.AGREE: Telling(unit_heads, Text("商定由贵单位承办", "Agreed: your unit handles it")),
    Verb.DESIGNATE: Telling(unit_heads, Text("指定由贵单位承办", "Designated: your unit handles it")),
    Verb.ASSIGN: Telling(handler, Text("交给您承办", "Assigned to you")),
    Verb.ASK_HAND_BACK: Telling(DESK, Text("有单位申请退单,请裁定", "A unit asks to hand back; please rule")),
    Verb.REFUSE_HAND_BACK: Telling(unit_heads, Text("退单未获同意", "The hand-back was refused")),
    Verb.ASK_EXTENSION: Telling(over(Role.SHIFT_LEADER), Text("有延期申请,请审批", "An extension is asked for")),
    Verb.GRANT_EXTENSION: Telling(handler, Text("延期已同意", "The extension is granted")),
    Verb.REFUSE_EXTENSION: Telling(handler, Text("延期未获同意", "The extension was refused")),
    Verb.ASK_PARK: Telling(LEADERS, Text("有挂账申请,请审批", "Parking is asked for")),
    Verb.REFUSE_PARK: Telling(handler, Text("挂账未获同意", "Parking was refused")),
    Verb.CHECK_FAILED: Telling(handler, Text("核查不合格,请返工", "The check failed; please rework")),
    Verb.URGE: Telling(handler, Text("有人催办", "Somebody urges")),
    Verb.INSTRUCT: Telling(handler, Text("领导有批示", "A leader gave an instruction")),
    Verb.REOPEN: Telling(handler, Text("诉求人要求重新办理", "The reporter asks for it again")),
    Verb.ASK_EXCEPTION: Telling(LEADERS, Text("有例外结案申请,请审批", "An exceptional closing is asked for")),
    Verb.PROPOSE_DECLINE: Telling(over(Role.SHIFT_LEADER), Text("建议不予受理,请签批", "A decline waits for your signature")),
    Verb.CONTEST: Telling(over(Role.STREET_LEADER, Role.COUNTY_DISPATCHER), Text("诉求人提出异议", "The reporter contests")),
    Verb.SUPPLEMENT: Telling(handler, Text("诉求人补充了情况", "The reporter added something")),
}  # fmt: skip
SETTLING = Telling(concerned_heads, Text("请商定承办单位", "Please agree on the responsible unit"))
REWORK = Telling(
    handler, Text("诉求人表示没有解决,请返工", "The reporter says it is not solved; please rework")
)


def telling_of(event: CaseMoved) -> Telling | None:
    """What this move makes the platform say, if anything."""
    verb = Verb(event.verb)
    if event.to_state == State.SETTLING and verb is Verb.AGREE_HAND_BACK:
        return SETTLING
    if verb in (Verb.RATE, Verb.FOLLOW_UP) and event.to_state == State.HANDLING:
        return REWORK
    return TELLINGS.get(verb)


def tell_people(event: Event) -> None:
    """Put the message of a move into the inboxes of those concerned (not of the one who acted, not in a simulation)."""
    if not isinstance(event, CaseMoved) or event.is_simulated:
        return
    telling = telling_of(event)
    if telling is None:
        return
    case = Case.objects.filter(pk=event.case_id).first()
    if case is None:
        return
    concerned = those_who_see(case, set(telling.whom(case)) - {None})
    users = concerned - {event.user_id}
    if concerned and not users:
        return  # the only one concerned did it
    done = RULES[Verb(event.verb)].name
    tell(
        users=sorted(users), topic=f"case.{event.verb}",
        subject=Text(f"{telling.words.zh}:{event.number}", f"{telling.words.en}: {event.number}"),
        body=told_of(done, case),
        link=f"/office/cases/{event.number}/", about=event.number, once_key=f"case:{event.case_id}:{event.seq}",
        is_restricted=case.sensitivity == Sensitivity.RESTRICTED,
    )  # fmt: skip


def those_who_see(case: Case, users: Iterable[int]) -> set[int]:
    """Whom of these the case may be told to: not the recused; of a restricted one only the named.

    When none of them is named, those who are named must act, so they are told.
    """
    seeing = seers(case, users)
    if seeing or case.sensitivity != Sensitivity.RESTRICTED:
        return seeing
    return seers(case, case.named_user_ids)


def seers(case: Case, users: Iterable[int]) -> set[int]:
    people = User.objects.filter(pk__in=list(users), is_active=True)
    return {user.pk for user in people if sees(actor_for(user), case)}


def told_of(done: Text, case: Case) -> Text:
    """The message's second line: the title without numbers of people; of a restricted case nothing of the matter."""
    if case.sensitivity == Sensitivity.RESTRICTED:
        return Text(f"{done.zh}。限定事项", f"{done.en}. A restricted matter")
    title = masked_text(case.title)
    return Text(f"{done.zh}。{title}", f"{done.en}. {title}")


SPLIT_FROM = "SELECT parent_id FROM cases_case WHERE id = %s AND link = 'split' AND parent_id IS NOT NULL"


def follow_parts(event: Event) -> None:
    """A part of a split case ended: when it was the last, the whole goes to its reporter."""
    if not isinstance(event, CaseMoved) or State(event.to_state) not in ENDED:
        return
    of_parts = planned(SPLIT_FROM, [event.case_id])
    if not of_parts or not intake.parts_are_done(of_parts[0][0]):
        return
    parent = Case.objects.get(pk=of_parts[0][0])
    if State(parent.state) in RULES[Verb.FOLLOW_PARTS].origin:
        intake.follow_parts(parent.pk, actor=PLATFORM)


ARCHIVE_AFTER = timedelta(days=30)
ARCHIVE_BATCH = 200
ARCHIVED_FROM = (State.CLOSED, State.DECLINED, State.TRANSFERRED)


def archive_ended() -> int:
    """Archive cases that ended long enough ago that nothing can be contested or reopened; returns how many.

    One that cannot be archived is logged and skipped: it never stops the others.
    """
    before = REAL_CLOCK.now() - ARCHIVE_AFTER
    ended = Case.objects.filter(state__in=ARCHIVED_FROM, ended_at__lt=before, is_simulated=False)
    numbers = list(ended.order_by("ended_at").values_list("pk", flat=True)[:ARCHIVE_BATCH])
    n_archived = 0
    for case_id in numbers:
        try:
            closing.archive(case_id, actor=PLATFORM)
            n_archived += 1
        except DomainError:
            LOG.exception("case %s cannot be archived", case_id)
    return n_archived
