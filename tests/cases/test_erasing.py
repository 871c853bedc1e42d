"""Contact data go when the purpose is over or the person asks; what goes on is kept, and the ledger stays whole."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from django.db import connection
from django.test import Client

from tests.cases.steps import checked, handling
from tests.cast import Town
from wangge.cases import erasing
from wangge.cases.actions import Reported, closing, intake, linking, refusal
from wangge.cases.audit import verify
from wangge.cases.erase_command import command
from wangge.cases.erasing import BATCH, KEPT_UNLESS_SET, erase_due, erase_on_request, findings, kept
from wangge.cases.models import Case, ErasureRow, PrivateWords, Reporter
from wangge.cases.queries import case_view, reporter_by_code
from wangge.kit.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from wangge.office.lists import telephone_is

pytestmark = pytest.mark.django_db
LONG = {"days": 731}


def ended(town: Town) -> Reported:
    """Closed, with private words of the reporter and of a handler."""
    made = checked(town)
    intake.contact(
        made.case.pk, actor=town.actor("intake_clerk"), outcome="reached", summary="电话里说她姓欧阳"
    )
    closing.rate(made.case.pk, actor=town.resident(made), service="satisfied", result="solved")
    return made


def holds(made: Reported) -> tuple[bool, bool]:
    """Whether contact data and private words are still there."""
    person = Reporter.objects.get(case=made.case)
    sealed = [person.name_sealed, person.phone_sealed, person.phone_lookup, person.salt]
    assert len({one is None for one in sealed}) == 1
    words = PrivateWords.objects.filter(case=made.case)
    assert {(row.sealed is None) == (row.salt is None) for row in words} <= {True}
    return sealed[0] is not None, any(row.sealed is not None for row in words)


def at_the_towns_time(town: Town) -> time_machine.travel:
    return time_machine.travel(town.clock.now(), tick=False)


def test_what_ended_long_ago_is_erased_and_the_ledger_stays_whole(town: Town) -> None:
    old = ended(town)
    town.later(days=30)
    young, open_one = ended(town), handling(town)
    town.later(days=701)
    with at_the_towns_time(town):
        assert [one.code for one in findings()] == ["contacts"]
        assert erase_due() == 1
        assert erase_due() == 0
    assert (holds(old), holds(young), holds(open_one)[0]) == ((False, False), (True, True), True)
    person = Reporter.objects.get(case=old.case)
    assert person.erased_at == town.clock.now()
    assert verify().findings == []
    view = case_view(town.actor("county_dispatcher"), old.case.number)
    assert "欧阳" not in repr(view)
    assert [one.is_erased for one in view.reporters] == [True]
    found = Case.objects.filter(telephone_is(town.actor("county_dispatcher"), "13812341234"))
    assert set(found) == {young.case, open_one.case}


def test_what_goes_on_is_kept(town: Town) -> None:
    asked, merged, whole, followed = ended(town), town.reported(), handling(town), ended(town)
    declined = town.reported()
    refusal.propose_decline(
        declined.case.pk, actor=town.actor("intake_clerk"), ground="no_duty", where="法院"
    )
    refusal.decline(declined.case.pk, actor=town.actor("shift_leader"))
    linking.merge(merged.case.pk, actor=town.actor("dispatcher"), parent=whole.case.number, reason="同一件事")
    reopened = ended(town)
    closing.reopen(reopened.case.pk, actor=town.actor("shift_leader"), words="又坏了")
    refusal.contest(declined.case.pk, actor=town.resident(declined), words="应当受理")
    Case.objects.filter(pk=town.reported().case.pk).update(parent=followed.case, link="followed")
    town.later(**LONG)
    with at_the_towns_time(town):
        assert erase_due() == 1
    assert [holds(one)[0] for one in (asked, merged, reopened, declined, followed)] == [
        False,
        True,
        True,
        True,
        True,
    ]


def test_with_the_parent_its_merged_cases_are_erased(town: Town) -> None:
    whole, merged = town.reported(), town.reported()
    linking.merge(merged.case.pk, actor=town.actor("dispatcher"), parent=whole.case.number, reason="同一件事")
    refusal.void(whole.case.pk, actor=town.actor("shift_leader"), ground="test", reason="测试")
    town.later(**LONG)
    with at_the_towns_time(town):
        assert erase_due() == 2


def test_the_code_answers_with_a_sentence(town: Town) -> None:
    old, noise = ended(town), town.reported()
    town.later(**LONG)
    with at_the_towns_time(town):
        erase_due()
        with pytest.raises(DomainError, match="已于 2028-11-16 清除") as refused:
            reporter_by_code(old.code)
        assert (refused.value.status, refused.value.code) == (410, "erased")
        for address in (f"/follow/{old.code}/", f"/api/follow/{old.code}"):
            answer = Client().get(address)
            assert answer.status_code == 410, address
            assert "2028-11-16 清除" in answer.content.decode(), address
        typed = Client().post("/follow/", {"code": old.code})
        assert (typed.status_code, "2028-11-16 清除" in typed.content.decode()) == (410, True)
        assert (
            Client()
            .post(f"/api/follow/{old.code}/urge", {"words": "x"}, content_type="application/json")
            .status_code
            == 410
        )
        assert Client().get(f"/api/follow/{noise.code}").status_code == 200


def test_batches_are_few_and_use_the_index(town: Town, settings) -> None:
    for _ in range(3):
        refusal.void(town.reported().case.pk, actor=town.actor("shift_leader"), ground="test", reason="测试")
    town.later(**LONG)
    before = town.clock.now() - timedelta(days=700)
    assert [erasing.erase_some(before, most=2)[0] for _ in range(3)] == [2, 1, 0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
        )
        cursor.execute(f"EXPLAIN {erasing.DUE}", {"before": before, "most": BATCH})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "case_to_erase" in plan, plan
    settings.CONTACT_KEPT = timedelta()
    assert (kept(), erase_due(), findings()[0].code) == (None, 0, "contacts_kept")
    settings.CONTACT_KEPT = timedelta(days=1)
    assert kept() == timedelta(days=90)


def test_the_default_period_is_the_documented_one(settings) -> None:
    assert settings.CONTACT_KEPT == KEPT_UNLESS_SET == timedelta(days=730)


def test_doctor_says_when_nobody_erases(town: Town) -> None:
    ended(town)
    town.later(days=734)
    with at_the_towns_time(town):
        assert findings()[0].code == "contacts_overdue"
        told = CliRunner().invoke(command, ["--dry-run", "--json"])
        assert json.loads(told.output) == {"cases": 1}
        assert findings()[0].code == "contacts_overdue"
        told = CliRunner().invoke(command, ["--json"])
        assert json.loads(told.output) == {"cases": 1, "people": 1, "words": 1}
        assert findings()[0].code == "contacts"


def test_on_request_of_the_person(town: Town) -> None:
    """Personal information protection law, article 47."""
    made, noise, going_on = ended(town), ended(town), handling(town)
    admin = town.people["security_admin"]
    for by, number, reason, error in (
        (town.people["intake_clerk"], made.case.number, "本人申请", Forbidden),
        (town.people["audit_admin"], made.case.number, "本人申请", Forbidden),
        (admin, made.case.number, " ", Invalid), (admin, "nothing", "本人申请", NotFound),
        (admin, going_on.case.number, "本人申请", Conflict),
    ):  # fmt: skip
        with pytest.raises(error):
            erase_on_request(number, by=by, reason=reason)
    words = ["--case", made.case.number, "--reason", "本人书面申请", "--by", "security_admin"]
    told = CliRunner().invoke(command, words, catch_exceptions=False)
    assert "已清除 1 人、1 段私密的话" in told.output
    assert (holds(made), holds(noise), holds(going_on)[0]) == ((False, False), (True, True), True)
    row = ErasureRow.objects.get()
    assert (row.case, row.user_id, row.reason, row.n_people, row.n_words) == (
        made.case,
        admin.pk,
        "本人书面申请",
        1,
        1,
    )
    with pytest.raises(Conflict, match="已经清除"):
        erase_on_request(made.case.number, by=admin, reason="本人申请")
    assert verify().findings == []


def test_who_comes_again_is_erased_again(town: Town) -> None:
    made = ended(town)
    erase_on_request(made.case.number, by=town.people["system_admin"], reason="本人申请")
    closing.reopen(made.case.pk, actor=town.actor("shift_leader"), words="又坏了")
    intake.contact(made.case.pk, actor=town.actor("intake_clerk"), outcome="reached", summary="又说了住址")
    assert holds(made) == (False, True)
    refusal.transfer_out(
        made.case.pk,
        actor=town.actor("shift_leader"),
        legal_channel="court",
        receipt="A1",
        unit="法院",
        phone="12368",
    )
    town.later(**LONG)
    with at_the_towns_time(town):
        assert erase_due() == 1
    assert holds(made) == (False, False)
