"""The guided case: seven steps with a dissatisfied turn. Where it stands is read from the case itself."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from wangge.cases.models import Case, Evidence, Rating
from wangge.cases.workflow import State
from wangge.demo.bar.people import Person, in_part, of_unit
from wangge.kit.crypto import key_ring
from wangge.kit.errors import DomainError
from wangge.kit.words import Text
from wangge.territory.roles import Role

SESSION_KEY = "demo.guide"
PURPOSE = "demo.guide"
N_STEPS = 7
RESIDENT = "resident"
UNIT = "unit"


@dataclass
class Guide:
    """What is remembered of the guided case: ``drawing`` chooses the picture (before and after show the same place),
    ``upload`` is the key of the picture by which the resident's report is known again."""

    drawing: str
    upload: str
    case_id: int | None = None
    number: str = ""
    code: str = ""


@dataclass(frozen=True)
class Turn:
    """Whose turn it is and what is to be done, in plain words. ``step``: 1 to 7."""

    key: str
    step: int
    part: str  # a role, ``unit`` (whoever handles in the lead unit) or ``resident``
    title: Text
    todo: Text


TURNS: dict[str, Turn] = {
    turn.key: turn
    for turn in (
        Turn(
            "report", 1, RESIDENT, Text("居民反映", "A resident reports"),
            Text(
                "您是居民:照片、地点都已填好,一路点“下一步”,最后点“提交”。",
                "You are a resident: photo and place are filled in; press Next to the end, then send.",
            ),
        ),
        Turn(
            "accept", 2, Role.INTAKE_CLERK, Text("受理、立案", "Accept and docket"),
            Text(
                "在案件页点“受理”,再点“立案”(类别:道路破损)。", "On the case page press Accept, then Docket (category: damaged road)."
            ),
        ),
        Turn(
            "dispatch", 2, Role.DISPATCHER, Text("派遣", "Dispatch"),
            Text("点“派遣”,选排在第一的单位,理由写在旁边。", "Press Dispatch and choose the first unit; the reason stands beside it."),
        ),
        Turn(
            "handle", 3, UNIT, Text("单位办理", "The unit handles it"),
            Text(
                "点“签收”,再点“反馈结果”,写办理结果,附处置后照片。",
                "Press Take, then Report the result: what was done, with a photo afterwards.",
            ),
        ),
        Turn(
            "check", 4, Role.CHECKER, Text("核查", "Check"),
            Text("核查员不是办理单位的人。点“核查通过”。", "The checker is never of the handling unit. Press Check passed."),
        ),
        Turn(
            "refuse", 5, RESIDENT, Text("居民不满意", "The resident is not satisfied"),
            Text(
                "您是居民:点“没有解决”,原因选“没有处理完”。案件会退回重办,谁也不能结案。",
                "You are the resident: press Not solved, reason Not finished. It goes back; nobody can close it.",
            ),
        ),
        Turn(
            "rework", 6, UNIT, Text("单位返工", "The unit does it again"),
            Text(
                "案件回来了,返工 1 次。再点“反馈结果”,附处置后照片。",
                "The case is back, reworked once. Report the result again, with a photo.",
            ),
        ),
        Turn(
            "recheck", 6, Role.CHECKER, Text("再次核查", "Check again"),
            Text("再看一次,点“核查通过”。", "Look again and press Check passed."),
        ),
        Turn(
            "satisfied", 7, RESIDENT, Text("居民满意,结案", "The resident is satisfied: closed"),
            Text(
                "您是居民:点“已解决”并提交。案件随即结案。",
                "You are the resident: press Solved and send. The case is closed at once.",
            ),
        ),
    )
}  # fmt: skip
WAY = tuple(TURNS)


@dataclass(frozen=True)
class Standing:
    """Where the guided case stands: the turn (None when it is over or has left the way), the case, who is next."""

    guide: Guide
    case: Case | None
    turn: Turn | None
    person: Person | None  # None: the resident
    is_closed: bool = False
    is_astray: bool = False

    @property
    def step(self) -> int:
        return N_STEPS if self.is_closed else self.turn.step if self.turn else 0


def read_guide(request: HttpRequest) -> Guide | None:
    """The guided case of this session."""
    sealed = request.session.get(SESSION_KEY)
    if not isinstance(sealed, str):
        return None
    try:
        content: dict[str, Any] = orjson.loads(
            key_ring(settings.KEYS_FOLDER).unseal(base64.b64decode(sealed), PURPOSE)
        )
    except (ValueError, DomainError):
        return None
    known = {one.name for one in fields(Guide)}
    return Guide(**{name: value for name, value in content.items() if name in known})


def keep_guide(request: HttpRequest, guide: Guide) -> None:
    content = orjson.dumps(asdict(guide)).decode()
    request.session[SESSION_KEY] = base64.b64encode(
        key_ring(settings.KEYS_FOLDER).seal(content, PURPOSE)
    ).decode()


def drop_guide(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def standing(guide: Guide) -> Standing:
    """Where the case stands now; the case of a report that was sent by hand is found by its drawing."""
    case = case_of(guide)
    if case is None:
        return Standing(guide, None, TURNS["report"], None)
    key = turn_of(case)
    if key is None:
        return Standing(
            guide,
            case,
            None,
            None,
            is_closed=case.state == State.CLOSED,
            is_astray=case.state != State.CLOSED,
        )
    turn = TURNS[key]
    return Standing(guide, case, turn, person_for(turn, case))


def case_of(guide: Guide) -> Case | None:
    if guide.case_id is None:
        row = Evidence.objects.filter(file__key=guide.upload).select_related("case__lead_unit").first()
        return row.case if row else None
    return Case.objects.select_related("lead_unit").filter(pk=guide.case_id).first()


def turn_of(case: Case) -> str | None:
    """Whose turn it is in this state; None when the case is closed or has left the way (parked, transferred …)."""
    has_refused = Rating.objects.filter(case=case, result__in=("not_solved", "partly")).exists()
    early: dict[str, str] = {
        State.REPORTED: "accept", State.ACCEPTED: "accept", State.DOCKETED: "dispatch", State.DISPATCHED: "handle",
        State.HANDLING: "handle", State.HANDLED: "check", State.CHECKED: "refuse",
    }  # fmt: skip
    late: dict[str, str] = {State.HANDLED: "recheck", State.CHECKED: "satisfied"}
    again = {**early, State.HANDLING: "rework", State.DISPATCHED: "rework", **late}
    return (again if has_refused else early).get(case.state)


def person_for(turn: Turn, case: Case) -> Person | None:
    """Who is to act; None for the resident."""
    if turn.part == RESIDENT:
        return None
    if turn.part == UNIT and case.lead_unit_id is not None:
        return of_unit(case.lead_unit_id)
    return in_part(Role(turn.part))


def page_of(place: Standing) -> str:
    """The page on which the turn is taken."""
    if place.is_closed:
        return reverse("demo_finish")
    if place.case is None:
        return reverse("portal:what")
    if place.person is None:
        return (
            reverse("portal:progress", args=[place.guide.code])
            if place.guide.code
            else reverse("portal:follow")
        )
    return reverse("office_case", args=[place.case.number])
