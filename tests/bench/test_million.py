"""The large town of the bench: stamped from real chains, loaded by COPY, and as sound as if the verbs had been called."""

from datetime import timedelta

import pytest

from bench import fill as filling
from bench.codes import code_of
from tests.cases.steps import checked, docketed, handled, handling
from tests.cast import Town, build_town
from wangge.cases.actions import closing, resident
from wangge.cases.audit import verify
from wangge.cases.models import Case, Entry, Reporter
from wangge.cases.move import keys
from wangge.cases.queries.resident import reporter_by_code, resident_actor
from wangge.cases.workflow import OPEN, State
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.crypto import salted_digest

N = 200


@pytest.fixture
def town(transactional_db) -> Town:
    return build_town()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_stamped_cases_are_sound_and_go_on(town):
    made = [town.reported("路灯不亮"), docketed(town), handling(town), handled(town), checked(town)]
    originals = {one.case.number for one in made}

    filling.fill(filling.owner_url(), N)

    found = verify()
    assert (found.cases, found.findings) == (N, [])
    assert found.entries == Entry.objects.count() > 2 * N
    assert not originals & set(Case.objects.values_list("number", flat=True))
    assert {State(state) for state in Case.objects.values_list("state", flat=True)} <= OPEN
    oldest = Case.objects.earliest("reported_at").reported_at
    assert oldest < REAL_CLOCK.now() - timedelta(days=365)

    reporter = Reporter.objects.order_by("id")[N // 2]
    assert reporter_by_code(code_of(reporter.pk)) == reporter
    phone = keys().unseal(reporter.phone_sealed, "reporter.phone")
    said = reporter.case.entries.get(seq=1).given["phone"]["digest"]
    assert said == salted_digest(bytes(reporter.salt), phone)

    resident.urge(reporter.case_id, actor=resident_actor(reporter), words="请尽快")
    waiting = Case.objects.filter(state=State.HANDLED).first()
    closing.check_passed(waiting.pk, actor=town.actor("checker").at(REAL_CLOCK))
    assert Case.objects.get(pk=waiting.pk).state == State.CHECKED
    docketed(town, town.reported("新的一件"))
    again = verify()
    assert (again.cases, again.findings) == (N + 1, [])
    assert again.entries == found.entries + 5
