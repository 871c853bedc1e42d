"""Bringing a case to where a story begins."""

from io import BytesIO

from PIL import Image

from tests.cast import DAMAGED_ROAD, Town
from wangge.cases.actions import Reported, closing, desk, intake, unit
from wangge.files.actions import store
from wangge.territory.scope import Actor


def docketed(town: Town, made: Reported | None = None, category: str = DAMAGED_ROAD) -> Reported:
    made = made or town.reported("门口道路破了一个大坑")
    intake.accept(made.case.pk, actor=town.actor("intake_clerk"))
    desk.docket(made.case.pk, actor=town.actor("intake_clerk"), category=category)
    return made


def handling(town: Town, lead: str = "works", made: Reported | None = None) -> Reported:
    made = docketed(town, made)
    desk.dispatch(made.case.pk, actor=town.actor("dispatcher"), lead=lead)
    unit.take(made.case.pk, actor=town.actor(f"{lead}_handler"))
    return made


def photo(actor: Actor) -> str:
    """The key of a small photo that this person just uploaded."""
    picture = BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 90)).save(picture, "JPEG")
    return str(store(picture.getvalue(), name="after.jpg", uploaded_by=actor.caller, at=actor.now()).key)


def handled(town: Town, made: Reported | None = None) -> Reported:
    made = made or handling(town)
    handler = town.actor("works_handler")
    unit.report_result(made.case.pk, actor=handler, result="坑已填平,路面恢复", photos_after=[photo(handler)])
    return made


def checked(town: Town, made: Reported | None = None) -> Reported:
    made = handled(town, made)
    closing.check_passed(made.case.pk, actor=town.actor("checker"))
    return made
