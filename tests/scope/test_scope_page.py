"""Every role × every case × every verb × every door, against the page that people have reviewed.

The page is not made from the table of the product: ``tools/scope.sh`` writes it from what the doors answered, and shows
which rights grew; somebody reads the difference against workflow.md before it is committed.
"""

import os

import pytest

from tests.cast import PEOPLE
from tests.scope import page
from tests.scope.people import MORE
from tests.scope.walk import walked_cases, walked_verbs
from wangge.cases.models import Case
from wangge.cases.scope import visible_to
from wangge.catalog.models import CaseKind, Sensitivity
from wangge.territory.roles import Role

WRITE = os.environ.get("WANGGE_WRITE_SCOPE", "")


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_who_sees_what_through_every_door(town) -> None:
    compare(page.SEEN, page.seen_section(walked_cases(town)))


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_who_may_do_what(town) -> None:
    compare(page.DONE, page.done_section(walked_verbs(town)))


def compare(name: str, content: str) -> None:
    more = page.grown(page.part(name), content)
    if WRITE == "also what grew" or (WRITE and not more):
        page.put(name, content)
    different = page.difference(name, content)
    grown = "\nRIGHTS GREW:\n" + "\n".join(more) if more else ""
    assert not different, f"other than the reviewed page; see tools/scope.sh{grown}\n{different}"


def test_every_role_knocks() -> None:
    knocking = {role for _, role, _, _ in PEOPLE.values()} | {entry[0] for entry in MORE.values()}
    assert knocking == set(Role) - {Role.RESIDENT, Role.PLATFORM}


def test_kinds_do_not_matter_but_sensitivity_does(town) -> None:
    """So that the walk needs no case of each kind: who sees a case depends on its sensitivity, never on its kind."""
    made: dict[tuple[str, str], int] = {}
    for kind in CaseKind:
        for sensitivity in Sensitivity:
            case = town.reported().case
            Case.objects.filter(pk=case.pk).update(
                kind=kind, sensitivity=sensitivity, named_user_ids=[town.people["shift_leader"].pk]
            )
            made[kind, sensitivity] = case.pk
    for name in PEOPLE:
        seen = set(visible_to(town.actor(name)).values_list("pk", flat=True))
        for sensitivity in Sensitivity:
            told = {made[kind, sensitivity] in seen for kind in CaseKind}
            assert len(told) == 1, (name, sensitivity)


def test_a_right_that_grew_is_named() -> None:
    before = "| clerk | · | m | R |\n| take 签收 | dispatched | works_head, works_handler | – |"
    after = "| clerk | m | m | · |\n| take 签收 | dispatched | works_head, works_handler, grid_worker | – |"
    assert page.grown(before, after) == ["clerk · 1: · → m", "take 签收: + grid_worker"]
    assert page.grown(before, before) == []
