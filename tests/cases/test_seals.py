"""Seals: late commits are not passed over, and whoever rewrites history as the database's superuser is found."""

import json
import os
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models import Max

from tests.cases.steps import handling
from wangge.cases import chain, ledger, sealing
from wangge.cases.actions import notes
from wangge.cases.audit import verify
from wangge.cases.doctor import findings as doctor_findings
from wangge.cases.models import Case, Entry, LedgerSeal
from wangge.cases.seal_files import export_seals, read_exported
from wangge.cases.sealing import seal_entries
from wangge.kit.clock import REAL_CLOCK, MovedClock
from wangge.kit.errors import DomainError
from wangge.kit.postgres import lease

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def seal_all() -> int:
    """One round, as soon as all that has been written can be sealed: tests beside this one write in the same server."""
    newest = Entry.objects.aggregate(newest=Max("xact"))["newest"]
    until = monotonic() + 240
    while monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %s", [newest])
            if cursor.fetchone() == (True,):
                return seal_entries()
        sleep(0.05)
    raise AssertionError("an older transaction does not end")


@pytest.fixture
def town(transactional_town, tmp_path, settings):
    settings.SEALS_FOLDER = tmp_path / "seals"
    return transactional_town


@pytest.fixture
def sealed(town) -> tuple[Case, Case]:
    """Two cases whose entries are all sealed: the one that is tampered with, and noise."""
    cases = handling(town).case, handling(town).case
    assert seal_all() == 1
    return cases


def superuser(*statements: str, **values: object) -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)


def found() -> set[tuple[str, int, str]]:
    return {(one.case, one.entry or one.seal, one.kind) for one in verify().findings}


def test_sealed_entries_are_proven_and_younger_ones_are_said_to_be_unsealed(town, sealed):
    case, _ = sealed
    assert seal_entries() == 0  # nothing new, no seal
    sound = verify()
    assert (sound.findings, sound.unsealed, sound.seals) == ([], 0, 1)
    notes.note(case.pk, actor=town.actor("dispatcher"), text="补充说明")
    young = verify()
    assert (young.findings, young.unsealed, young.entries) == ([], 1, sound.entries + 1)
    assert young.oldest_unsealed_at == Entry.objects.latest("recorded_at").recorded_at
    assert seal_all() == 1
    head = json.loads(LedgerSeal.objects.get(seq=2).body)["heads"]
    assert [line[:4] for line in head] == [[case.pk, case.number, 6, 6]]
    assert verify().unsealed == 0


def test_the_newest_entry_removed_with_the_case_put_back(sealed):
    case, _ = sealed
    before = Entry.objects.get(case=case, seq=4)
    superuser(
        "DELETE FROM cases_entry WHERE case_id = %(id)s AND seq = 5",
        "UPDATE cases_case SET state = 'dispatched', handler_id = NULL, n_entries = 4, head_hash = %(hash)s"
        " WHERE id = %(id)s",
        id=case.pk, hash=bytes(before.hash).hex(),
    )  # fmt: skip
    assert found() == {(case.number, 5, "sealed_entry_missing")}


def test_a_whole_case_removed(sealed):
    case, _ = sealed
    tables = ("entry", "caseclock", "dispatch", "reporter", "privatewords", "inspection")
    superuser(
        *(f"DELETE FROM cases_{table} WHERE case_id = %(id)s" for table in tables),
        "DELETE FROM cases_case WHERE id = %(id)s",
        id=case.pk,
    )
    assert found() == {(case.number, 0, "sealed_case_missing")}


def test_an_entry_inserted(sealed):
    case, _ = sealed
    superuser(
        "UPDATE cases_entry SET seq = 6 WHERE case_id = %(id)s AND seq = 5",
        "INSERT INTO cases_entry (case_id, seq, verb, from_state, to_state, actor_name, role, recorded_at, occurred_at,"
        " body, hash) SELECT case_id, 5, verb, from_state, to_state, actor_name, role, recorded_at, occurred_at,"
        " body, hash FROM cases_entry WHERE case_id = %(id)s AND seq = 4",
        "UPDATE cases_case SET n_entries = 6 WHERE id = %(id)s",
        id=case.pk,
    )
    kinds = {(entry, kind) for _, entry, kind in found()}
    assert {(5, "chain_broken"), (5, "columns_differ"), (5, "sealed_entry_differs")} <= kinds
    assert {number for number, *_ in found()} == {case.number}


def rewritten(case: Case, change) -> None:
    """What somebody does who knows the format: change bodies, recompute every hash, put the case right."""
    previous, last = ledger.FIRST, {}
    for entry in Entry.objects.filter(case=case).order_by("seq"):
        last = json.loads(entry.body)
        change(last)
        last["prev"] = previous
        body = json.dumps(last, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = ledger.hash_of(body)
        superuser(
            "UPDATE cases_entry SET body = %(body)s, hash = decode(%(hash)s, 'hex'), actor_name = %(name)s, to_state = %(to)s,"
            " from_state = %(from)s WHERE id = %(id)s",
            body=body, hash=previous, name=last["actor"]["name"], to=last["to"], **{"from": last["from"]},
            id=entry.pk,
        )  # fmt: skip
    superuser(
        "UPDATE cases_case SET head_hash = %(hash)s, state = %(to)s WHERE id = %(id)s",
        hash=previous, to=last["to"], id=case.pk,
    )  # fmt: skip


def test_all_hashes_recomputed(sealed):
    case, _ = sealed
    rewritten(case, lambda body: body["actor"].update(name="别人"))
    assert found() == {(case.number, 5, "sealed_entry_differs")}


def test_a_step_that_no_verb_makes_is_found_without_a_seal(town):
    case = handling(town).case
    handling(town)

    def skips_the_unit(body):
        if body["seq"] == 5:
            body["to"] = "closed"

    rewritten(case, skips_the_unit)
    assert found() == {(case.number, 5, "step_illegal")}


def test_a_holder_that_no_verb_gave_is_found(town):
    case = handling(town).case
    stranger = town.people["works_head"].pk
    notes.note(case.pk, actor=town.actor("dispatcher"), text="补充说明")

    def gives_it_away(body):
        if body["seq"] == 6:
            body["holder"]["user"] = stranger

    rewritten(case, gives_it_away)
    superuser("UPDATE cases_case SET handler_id = %(user)s WHERE id = %(id)s", user=stranger, id=case.pk)
    assert found() == {(case.number, 6, "holder_jumps")}


@pytest.mark.parametrize(
    ("statement", "seal", "kind"),
    [
        ("UPDATE cases_ledgerseal SET body = replace(body, '\"heads\":[[', '\"heads\":[[9') WHERE seq = 2", 2, "seal_differs"),
        ("UPDATE cases_ledgerseal SET signature = '\\x00' WHERE seq = 2", 2, "seal_signature_wrong"),
        ("DELETE FROM cases_ledgerseal WHERE seq = 1", 1, "seal_missing"),
        ("DELETE FROM cases_ledgerseal WHERE seq = 3", 3, "seal_missing"),
    ],
)  # fmt: skip
def test_seals_removed_or_changed_are_found_against_the_exported_ones(town, sealed, statement, seal, kind):
    for text in ("一", "二"):
        notes.note(sealed[0].pk, actor=town.actor("dispatcher"), text=text)
        assert seal_all() == 1
    assert export_seals() == 3
    kept = read_exported([settings.SEALS_FOLDER])
    assert verify(exported=kept).findings == []
    superuser(statement)
    against_file = {(one.seal, one.kind) for one in verify(exported=kept).findings}
    assert against_file == {(seal, "seal_differs" if kind == "seal_signature_wrong" else kind)}
    if seal != 3:  # the newest one removed shows only against what was kept elsewhere
        assert (seal, kind) in {(one.seal, one.kind) for one in verify().findings}


def test_history_and_seals_rewritten_with_another_key(town, sealed, tmp_path):
    export_seals()
    kept = read_exported([settings.SEALS_FOLDER])
    case, _ = sealed
    rewritten(case, lambda body: body["actor"].update(name="别人"))
    superuser("DELETE FROM cases_ledgerseal")
    settings.KEYS_FOLDER = tmp_path / "other keys"
    other = town_key()
    assert seal_all() == 1
    assert verify(keys=frozenset({other})).findings == []  # whoever has only the database believes it
    kinds = {
        (one.case, one.kind)
        for one in verify(exported=kept, keys=frozenset({kept[0].said()["key"]})).findings
    }
    assert kinds == {("", "seal_differs"), (case.number, "sealed_entry_differs")}


def town_key() -> str:
    from wangge.cases.move import keys

    return keys().ledger_key


def test_an_entry_that_commits_late_is_not_passed_over(town):
    first, second = handling(town).case, handling(town).case
    seal_all()
    written, may_end = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            notes.note(first.pk, actor=town.actor("dispatcher"), text="慢")
            written.set()
            may_end.wait(30)
        connection.close()

    thread = Thread(target=slow)
    thread.start()
    assert written.wait(30)
    notes.note(second.pk, actor=town.actor("dispatcher"), text="快")  # does not wait for the slow one
    assert seal_entries() == 0  # the quick one is younger than one that still runs
    may_end.set()
    thread.join()
    assert seal_all() == 1
    heads = json.loads(LedgerSeal.objects.latest("seq").body)["heads"]
    assert {line[0] for line in heads} == {first.pk, second.pk}
    assert (verify().findings, verify().unsealed) == ([], 0)


def test_verbs_at_once_on_one_case_do_not_fork_its_chain(town):
    case = handling(town).case

    def often() -> None:
        for n in range(8):
            notes.note(case.pk, actor=town.actor("dispatcher"), text=f"第 {n} 条")
        connection.close()

    threads = [Thread(target=often) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        seal_entries()
    for thread in threads:
        thread.join()
    seal_all()
    assert Case.objects.get(pk=case.pk).n_entries == 5 + 24
    assert (verify().findings, verify().unsealed) == ([], 0)


def test_after_a_restore_on_another_server_sealing_goes_on(town, sealed):
    superuser("UPDATE cases_ledgerseal SET server = '1', to_xact = 4000000000000")
    notes.note(sealed[1].pk, actor=town.actor("dispatcher"), text="恢复之后")
    assert seal_all() == 1
    heads = json.loads(LedgerSeal.objects.get(seq=2).body)["heads"]
    assert [line[:4] for line in heads] == [[sealed[1].pk, sealed[1].number, 6, 6]]
    assert (verify().findings, verify().unsealed) == ([], 0)


def test_files_of_seals_go_on_after_a_line_was_cut_off(town, sealed):
    assert (export_seals(), export_seals()) == (1, 0)
    (file,) = Path(settings.SEALS_FOLDER).iterdir()
    notes.note(sealed[0].pk, actor=town.actor("dispatcher"), text="一")
    seal_all()
    with file.open("a") as lines:
        lines.write('{"seq": 2, "bo')
    assert export_seals() == 1
    assert [seal.seq for seal in read_exported([file])] == [1, 2]
    assert verify(exported=read_exported([file])).findings == []


def test_files_of_seals_go_on_when_the_clock_was_set_back(town, sealed, monkeypatch):
    """The seal of tomorrow lies in a file that sorts last; those made after it are exported all the same, once."""
    tomorrow = REAL_CLOCK.now() + timedelta(days=1)
    with monkeypatch.context() as ahead:
        ahead.setattr(sealing, "REAL_CLOCK", MovedClock(tomorrow))
        notes.note(sealed[0].pk, actor=town.actor("dispatcher"), text="一")
        seal_all()
    export_seals()
    notes.note(sealed[0].pk, actor=town.actor("dispatcher"), text="二")
    seal_all()
    assert (export_seals(), export_seals()) == (1, 0)
    files = sorted(Path(settings.SEALS_FOLDER).iterdir())
    assert [[seal.seq for seal in read_exported([file])] for file in files] == [[1, 3], [2]]
    assert verify(exported=read_exported(files)).findings == []


def test_a_clock_set_back_leaves_a_sound_ledger_that_the_doctor_speaks_of(town, monkeypatch):
    case = handling(town).case
    with monkeypatch.context() as ahead:
        ahead.setattr(chain, "REAL_CLOCK", MovedClock(REAL_CLOCK.now() + timedelta(days=1)))
        notes.note(case.pk, actor=town.actor("dispatcher"), text="明天")
    with pytest.raises(DomainError, match="10 秒"):
        notes.undo(case.pk, actor=town.actor("dispatcher"))
    assert "ledger_ahead" in {finding.code for finding in doctor_findings()}
    notes.note(case.pk, actor=town.actor("dispatcher"), text="今天")
    noise = handling(town).case
    seal_all()
    assert (verify().findings, verify().unsealed) == ([], 0)
    times = list(Entry.objects.filter(case=case).order_by("seq").values_list("recorded_at", flat=True))
    assert times[-1] < times[-2]
    assert Entry.objects.filter(case=noise).count() == 5


def test_a_file_without_seals_says_what_to_name(tmp_path):
    other = tmp_path / "other.jsonl"
    other.write_bytes("封签".encode("gb18030"))
    with pytest.raises(DomainError, match="ledger-seals"):
        read_exported([other])


def test_the_doctor_says_when_nothing_is_sealed(town):
    handling(town)
    codes = {finding.code for finding in doctor_findings()}
    assert "ledger_seals" in codes
    superuser("UPDATE cases_entry SET recorded_at = recorded_at - interval '1 hour'")
    assert "ledger_unsealed" in {finding.code for finding in doctor_findings()}
    seal_all()
    superuser("UPDATE cases_ledgerseal SET made_at = made_at - interval '2 days'")
    assert {"ledger_seals", "seals_not_exported"} <= {finding.code for finding in doctor_findings()}


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can run the database as another user; doctor says so otherwise"
)
def test_the_superuser_of_the_database_cannot_read_the_ledger_key():
    with lease(Path(os.environ["WANGGE_TEST_FOLDER"])) as server:
        key = town_key()
        with psycopg.connect(server.superuser_url, autocommit=True) as link:
            assert link.execute("SELECT length(pg_read_file('PG_VERSION')) > 0").fetchone() == (True,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                link.execute("SELECT pg_read_file(%s)", [str(settings.KEYS_FOLDER / "keyring.json")])
            with pytest.raises(psycopg.errors.ExternalRoutineException):
                link.execute(f"COPY (SELECT 1) TO PROGRAM 'cat {settings.KEYS_FOLDER}/keyring.json'")
    assert len(key) == 64
