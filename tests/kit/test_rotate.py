"""Keys change while everything runs: nothing is lost, old keys go only when nothing uses them."""

import json
import os

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.conf import settings
from django.db import connection, models

from tests.cast import Town, build_town
from wangge.accounts.models import User
from wangge.cases.actions import resident
from wangge.cases.models import PrivateWords, Reporter
from wangge.cases.move import keys
from wangge.kit import sealed
from wangge.kit.crypto import KEYRING, add_keys, key_ring
from wangge.kit.errors import Conflict, DomainError
from wangge.kit.upkeep import rotate
from wangge.office.lists import telephone_is
from wangge.wiring import SEALED

NOT_SEALED = {  # binary columns that hold no sealed value
    "cases_case.text_salt", "cases_privatewords.salt", "cases_reporter.salt", "cases_reporter.code_digest",
    "cases_reporter.phone_lookup", "accounts_machinetoken.digest", "kit_idempotencyrow.body_digest",
    "territory_area.boundary", "territory_areaform.boundary", "territory_building.outline",
    "catalog_importfile.content", "catalog_importfile.map_content",
    "cases_ledgerseal.signature", "cases_entry.hash",  # tables of areas, units and staff on their way in
}  # fmt: skip


@pytest.fixture
def own_keys(tmp_path, settings) -> None:
    settings.KEYS_FOLDER = tmp_path
    yield
    (tmp_path / KEYRING).unlink(missing_ok=True)


@pytest.fixture
def town(db, own_keys) -> Town:
    return build_town()


def code_of(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.code


def test_everything_is_sealed_anew_and_found_again(town) -> None:
    made = [town.reported(name=f"张三{n}", phone=f"1381234{n:04}") for n in range(3)]
    resident.supplement(made[0].case.pk, actor=town.resident(made[0]), words="我住302")
    TOTP.activate(town.people["dispatcher"], "JBSWY3DPEHPK3PXP")
    old = key_ring(settings.KEYS_FOLDER)

    told = rotate.rotated(SEALED)

    assert told == {"key": 2, "new": True, "sealed": 3 + 3 + 1 + 1, "keys": [1, 2], "left": 0}
    first = Reporter.objects.get(case=made[0].case)
    assert bytes(first.phone_sealed)[0] == bytes(first.name_sealed)[0] == 2
    assert keys().unseal(bytes(first.name_sealed), "reporter.name") == "张三0"
    assert bytes(first.phone_lookup) != old.lookup("13812340000", "reporter.phone")
    assert keys().unseal(bytes(PrivateWords.objects.get().sealed), "words") == "我住302"
    assert TOTP(Authenticator.objects.get()).validate_code("000000") is False
    found = made[0].case.__class__.objects.filter(telephone_is(town.actor("intake_clerk"), "13812340000"))
    assert [case.pk for case in found] == [made[0].case.pk]


def test_a_number_is_found_while_half_is_done(town) -> None:
    made = town.reported(phone="13812340001")
    add_keys(settings.KEYS_FOLDER, "2026-11-16T01:00:00+00:00")
    later = town.reported(phone="13812340001")
    condition = telephone_is(town.actor("intake_clerk"), "13812340001")
    found = made.case.__class__.objects.filter(condition).values_list("pk", flat=True)
    assert set(found) == {made.case.pk, later.case.pk}


def test_a_rotation_that_was_killed_goes_on_where_it_was(town, monkeypatch) -> None:
    monkeypatch.setattr(sealed, "BATCH", 2)
    for n in range(5):
        town.reported(phone=f"1381234{n:04}", name="")
    broken, (first, *_) = (
        key_ring(settings.KEYS_FOLDER),
        [one for one in SEALED if one.name.endswith("phone_sealed")],
    )
    number = add_keys(settings.KEYS_FOLDER, "2026-11-16T01:00:00+00:00")
    first.reseal(key_ring(settings.KEYS_FOLDER), 0)  # and then killed
    assert first.count() == {broken.newest: 3, number: 2}
    assert [one.code for one in rotate.findings(SEALED)] == ["rotation_unfinished"]
    with pytest.raises(Conflict) as refused:
        rotate.retired(SEALED, at_once=True)
    assert code_of(refused) == "still_used"

    assert rotate.rotated(SEALED) == {"key": number, "new": False, "sealed": 3, "keys": [1, 2], "left": 0}
    assert [one.code for one in rotate.findings(SEALED)] == ["old_keys"]


def test_an_old_key_goes_when_nothing_uses_it_and_drafts_have_ended(town) -> None:
    made = town.reported()
    with pytest.raises(Conflict) as none:
        rotate.retired(SEALED, at_once=True)
    assert code_of(none) == "no_old_key"
    rotate.rotated(SEALED)
    with pytest.raises(Conflict) as early:
        rotate.retired(SEALED, at_once=False)
    assert code_of(early) == "too_early"
    assert rotate.retired(SEALED, at_once=True) == {"key": 2, "retired": [1]}
    held = json.loads((settings.KEYS_FOLDER / KEYRING).read_bytes())
    assert list(held["sealing"]) == list(held["lookups"]) == ["2"]
    assert os.stat(settings.KEYS_FOLDER / KEYRING).st_mode & 0o077 == 0
    name = bytes(Reporter.objects.get(case=made.case).name_sealed)
    assert key_ring(settings.KEYS_FOLDER).unseal(name, "reporter.name") == "张三丰"
    assert [one.code for one in rotate.findings(SEALED)] == ["sealed"]


def test_doctor_names_a_key_that_is_gone(town) -> None:
    town.reported()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_reporter SET name_sealed = set_byte(name_sealed, 0, 9)")
    (found,) = rotate.findings(SEALED)
    assert (found.level, found.code) == ("error", "key_missing")


def test_a_running_process_follows_the_new_key(own_keys) -> None:
    before = key_ring(settings.KEYS_FOLDER)
    assert key_ring(settings.KEYS_FOLDER) is before
    add_keys(settings.KEYS_FOLDER, "2026-11-16T01:00:00+00:00")
    after = key_ring(settings.KEYS_FOLDER)
    assert after.seal("x", "p")[0] == 2
    assert after.unseal(before.seal("x", "p"), "p") == "x"
    assert after.web_secret == before.web_secret
    assert after.ledger_key == before.ledger_key


def test_no_sealed_column_is_forgotten() -> None:
    binary = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        if model.__module__.startswith("wangge.")
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField)
    }
    assert binary - NOT_SEALED == {one.name for one in SEALED if one.name != "mfa_authenticator.data"}
    assert User._meta.db_table == "accounts_user"
