"""Showing a reporter's name and number: only to those who need it, and each time leaves a row."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from wangge.cases.lookups import needed
from wangge.cases.models import Case, Reporter, RevealRow
from wangge.cases.move import keys
from wangge.cases.scope import may_see_reporter, sees
from wangge.cases.verdicts import concerned
from wangge.kit.errors import Forbidden, NotFound
from wangge.territory.scope import Actor

LONGEST_PURPOSE = 100


@dataclass(frozen=True)
class Revealed:
    """A reporter's name and telephone number, shown once."""

    reporter_id: int
    name: str
    phone: str


@transaction.atomic
def reveal(case_id: int, *, actor: Actor, purpose: str, reporter_id: int | None = None) -> Revealed:
    """Who the reporter is (the case's own, or one of a case that joined it), for a stated purpose.

    Raises NotFound outside the scope, Forbidden for those who need not know (see ``may_see_reporter``), Invalid
    without a purpose. The row of who looked at what and why is written in the same transaction.
    """
    case = Case.objects.filter(pk=case_id).first()
    if case is None or actor.user_id is None or not sees(actor, case):
        raise NotFound()
    why = needed("purpose", purpose, "请写明查看用途。", "Say what you need it for.")[:LONGEST_PURPOSE]
    found = Reporter.objects.filter(concerned(case), erased_at=None).order_by("id")
    person = (found.filter(pk=reporter_id) if reporter_id is not None else found.filter(case=case)).first()
    if person is None:
        raise NotFound("此案没有可查看的诉求人。", "Nobody stands behind this case who could be shown.")
    if not may_see_reporter(actor, case, may_show_to_grid=person.may_show_to_grid, at=actor.now()):
        raise Forbidden(
            "您的岗位不能查看此案诉求人的姓名和电话。",
            "Your post may not see the name and number of this case's reporter.",
            code="reporter_hidden",
        )
    RevealRow.objects.create(case=case, reporter=person, user_id=actor.user_id, purpose=why, at=actor.now())
    ring = keys()
    return Revealed(
        person.pk,
        ring.unseal(bytes(person.name_sealed), "reporter.name") if person.name_sealed is not None else "",
        ring.unseal(bytes(person.phone_sealed), "reporter.phone") if person.phone_sealed is not None else "",
    )
