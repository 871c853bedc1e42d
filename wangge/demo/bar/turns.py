""" "Do it for me": each turn of the guided case through the ordinary verbs, by the person whose turn it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from wangge.cases.actions import closing, desk, intake, unit
from wangge.cases.actions import report as report_case
from wangge.cases.models import Case
from wangge.cases.queries import reporter_by_code, resident_actor
from wangge.cases.routing import proposals
from wangge.cases.workflow import State
from wangge.demo.bar.guide import Guide, Standing
from wangge.demo.bar.people import user_of
from wangge.demo.bar.scene import CATEGORY, Scene
from wangge.demo.shelf import uploaded
from wangge.kit.errors import Conflict
from wangge.territory.scope import Actor, actor_for


def report(guide: Guide, scene: Scene, visit: str) -> Guide:
    """The resident's report with the drawing; the guide then knows the case and the code."""
    made = report_case(
        actor=Actor(visit=visit, is_simulated=True), text=scene.text, address=scene.address, lon=scene.lon, lat=scene.lat,
        position_source="map", name=scene.name, phone=scene.phone, may_show_to_grid=True, files=[guide.upload],
        is_drawing=True,
    )  # fmt: skip
    return replace(guide, case_id=made.case.pk, number=made.case.number, code=made.code)


def act(place: Standing) -> None:
    """Do the present turn; each verb is its own transaction, as when a person presses the buttons."""
    if place.turn is None or place.case is None:
        raise Conflict(
            "no_turn",
            "引导案例已经走完或已偏离,请重新开始。",
            "The guided case is over or has left the way; begin anew.",
        )
    DO[place.turn.key](place, actor_of(place))


def actor_of(place: Standing) -> Actor:
    """The person of the turn; entries say that it was simulated."""
    if place.person is None:
        return resident_actor(reporter_by_code(place.guide.code))
    return actor_for(user_of(place.person.username), is_simulated=True)


def accept(place: Standing, actor: Actor) -> None:
    case = case_now(place)
    if case.state == State.REPORTED:
        intake.accept(case.pk, actor=actor)
    category = "" if case.category_id else CATEGORY
    desk.docket(case.pk, actor=actor, category=category)


def dispatch(place: Standing, actor: Actor) -> None:
    case = case_now(place)
    best = next(iter(proposals(case)), None)
    if best is None:
        raise Conflict(
            "no_unit", "清单里没有建议的单位,请自己选一个派遣。", "No unit is proposed; choose one yourself."
        )
    desk.dispatch(case.pk, actor=actor, lead=best.code)


def handle(place: Standing, actor: Actor) -> None:
    case = case_now(place)
    if case.state == State.DISPATCHED:
        unit.take(case.pk, actor=actor)
    result = "已用冷料填平压实,并清扫路面。" if not case.n_rework else "已返工:切边、补齐剩余坑槽,路面平整。"
    unit.report_result(
        case.pk, actor=actor, result=result, photos_after=[after_picture(place.guide, actor)], is_drawing=True
    )


def check(place: Standing, actor: Actor) -> None:
    closing.check_passed(case_now(place).pk, actor=actor, kind="on_site", note="现场核实,路面已恢复。")


def refuse(place: Standing, actor: Actor) -> None:
    closing.rate(
        case_now(place).pk, actor=actor, service="fair", result="not_solved", why="incomplete", note="旁边还有一个坑没补。"
    )  # fmt: skip


def agree(place: Standing, actor: Actor) -> None:
    closing.rate(case_now(place).pk, actor=actor, service="satisfied", result="solved")


DO: dict[str, Callable[[Standing, Actor], None]] = {
    "accept": accept, "dispatch": dispatch, "handle": handle, "check": check, "refuse": refuse, "rework": handle,
    "recheck": check, "satisfied": agree,
}  # fmt: skip


def case_now(place: Standing) -> Case:
    assert place.case is not None
    return Case.objects.select_related("category", "area").get(pk=place.case.pk)


def after_picture(guide: Guide, actor: Actor) -> str:
    """The drawing of the same place after the work, as an upload of this person."""
    return uploaded(guide.drawing, CATEGORY, "after", actor.caller)
