"""The ledger: the application cannot change it, and what the owner changes behind its back is found and named."""

import json

import pytest
from django.db import DatabaseError, connections, transaction

from tests.cases.steps import handling
from wangge.cases import ledger
from wangge.cases.audit import verify
from wangge.cases.models import Case, Entry, Reporter

BOTH = ["default", "owner"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_entry SET verb = 'void'",
        "DELETE FROM cases_entry",
        "TRUNCATE cases_entry",
        "SELECT * FROM cases_entry FOR UPDATE",
        "DELETE FROM cases_case",
        "TRUNCATE cases_case CASCADE",
        "UPDATE cases_revealrow SET purpose = ''",
        "UPDATE cases_ledgerseal SET n_entries = 0",
        "DELETE FROM cases_ledgerseal",
    ],
)
def test_the_application_role_may_only_append(town, statement):
    town.reported()
    with pytest.raises(DatabaseError), transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute(statement)


def kinds() -> list[str]:
    return [finding.kind for finding in verify().findings]


def owner(statement: str, *values: object) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.django_db(transaction=True, databases=BOTH)
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE cases_entry SET body = replace(body, 'dispatch', 'recall') WHERE case_id = %s AND seq = 4",
            "hash_differs",
        ),
        ("UPDATE cases_entry SET verb = 'recall' WHERE case_id = %s AND seq = 4", "columns_differ"),
        ("DELETE FROM cases_entry WHERE case_id = %s AND seq = 3", "entry_missing"),
        ("DELETE FROM cases_entry WHERE case_id = %s AND seq = 5", "head_differs"),
        ("DELETE FROM cases_entry WHERE case_id = %s", "no_entries"),
        (
            "UPDATE cases_entry SET seq = seq + 1 WHERE case_id = %s AND seq = 5",
            "entry_missing",
        ),
        ("UPDATE cases_case SET state = 'closed' WHERE id = %s", "state_differs"),
        ("UPDATE cases_case SET due_at = due_at + interval '1 day' WHERE id = %s", "due_differs"),
        ("UPDATE cases_case SET lead_unit_id = NULL WHERE id = %s", "holder_differs"),
    ],
)
def test_what_was_altered_is_named(transactional_town, statement, found):
    made = handling(transactional_town)
    handling(transactional_town)  # noise: a sound case beside it
    assert verify().findings == []
    owner(statement, made.case.pk)
    assert found in kinds()
    assert {finding.case for finding in verify().findings} == {made.case.number}


def test_the_body_is_text_as_documented_and_holds_no_personal_data(town):
    made = town.reported("门口有坑,我是张三丰", name="张三丰", phone="13812341234")
    entry = Entry.objects.get(case=made.case)
    body = json.loads(entry.body)
    assert entry.body == json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert body["prev"] == ledger.FIRST
    assert ledger.hash_of(entry.body) == bytes(entry.hash).hex()
    assert "张三丰" not in entry.body
    assert "13812341234" not in entry.body
    assert len(body["given"]["phone"]["digest"]) == 64


def test_erasing_a_person_leaves_the_chain_valid(town):
    made = town.reported()
    Reporter.objects.filter(case=made.case).update(name_sealed=None, phone_sealed=None, salt=None)
    Case.objects.filter(pk=made.case.pk).update(text="", title="", text_salt=None)
    assert verify().findings == []
