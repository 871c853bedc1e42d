"""Bringing a case to where a story begins."""

from tests.cast import DAMAGED_ROAD, Town
from wangge.cases.actions import Reported, closing, desk, intake, unit
from wangge.cases.models import Case


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


def handled(town: Town, made: Reported | None = None) -> Reported:
    made = made or handling(town)
    done = Case.objects.get(pk=made.case.pk)
    if done.category is not None and done.category.needs_photo_after:
        Category = type(done.category)
        Category.objects.filter(pk=done.category.pk).update(needs_photo_after=False)
    unit.report_result(made.case.pk, actor=town.actor("works_handler"), result="坑已填平,路面恢复")
    return made


def checked(town: Town, made: Reported | None = None) -> Reported:
    made = handled(town, made)
    closing.check_passed(made.case.pk, actor=town.actor("checker"))
    return made
