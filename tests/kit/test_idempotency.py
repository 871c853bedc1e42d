"""The same request twice: one act, one answer."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from wangge.kit import idempotency
from wangge.kit.errors import Conflict, DomainError
from wangge.kit.models import IdempotencyRow, RateRow

HEADERS = {"Content-Type": "application/json"}


def count_case(name: str) -> None:
    """Stands for the verb: a row that must not come twice."""
    row, _ = RateRow.objects.get_or_create(
        bucket=name, defaults={"window_started_at": datetime(2026, 1, 1, tzinfo=UTC), "n_requests": 0}
    )
    RateRow.objects.filter(pk=row.pk).update(n_requests=row.n_requests + 1)


def door(key: str, body: bytes, *, caller: str = "user:1", slow: float = 0.0) -> tuple[int, bytes, bool]:
    """A door as they all are: status, body, and whether it was a replay."""
    with transaction.atomic():
        replay = idempotency.begin(caller, key, body)
        if replay:
            response = replay.as_response()
            return response.status_code, response.content, response[idempotency.REPLAYED_HEADER] == "true"
        count_case("cases")
        time.sleep(slow)
        answer = b'{"number":"370211001-20260101-AB12CD","code":"ABCD-EFGH-JKMNPQ"}'
        idempotency.finish(caller, key, 201, answer, HEADERS)
        return 201, answer, False


def n_cases() -> int:
    row = RateRow.objects.filter(bucket="cases").first()
    return row.n_requests if row else 0


@pytest.mark.django_db
def test_second_time_gets_the_first_answer() -> None:
    first = door("k1", b"{}")
    second = door("k1", b"{}")

    assert first[2] is False
    assert second == (201, first[1], True)
    assert n_cases() == 1


@pytest.mark.django_db
def test_other_body_under_the_same_key_is_refused() -> None:
    door("k1", b"{}")
    with pytest.raises(DomainError) as refused:
        door("k1", b'{"other":1}')
    assert (refused.value.status, refused.value.code) == (422, "idempotency_other_body")
    assert n_cases() == 1


@pytest.mark.django_db
def test_keys_belong_to_their_caller() -> None:
    door("k1", b"{}")
    assert door("k1", b"other body", caller="visit:abc")[2] is False
    assert n_cases() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
def test_keys_that_are_none(key: str) -> None:
    with transaction.atomic(), pytest.raises(DomainError) as refused:
        idempotency.begin("user:1", key, b"")
    assert refused.value.status == 422


@pytest.mark.django_db
def test_the_kept_answer_is_not_readable_in_the_database() -> None:
    door("k1", b"{}")
    stored = bytes(IdempotencyRow.objects.get().answer)
    assert b"ABCD-EFGH" not in stored
    assert b"number" not in stored


@pytest.mark.django_db(transaction=True)
def test_a_verb_that_failed_leaves_the_key_free() -> None:
    with pytest.raises(RuntimeError, match="verb"), transaction.atomic():
        idempotency.begin("user:1", "k1", b"{}")
        count_case("cases")
        raise RuntimeError("the verb failed")

    assert door("k1", b"{}")[2] is False
    assert n_cases() == 1


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_a_mistake() -> None:
    with pytest.raises(RuntimeError):
        idempotency.begin("user:1", "k1", b"{}")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_case_and_both_get_its_answer() -> None:
    answers: list[tuple[int, bytes, bool]] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        answers.append(door("k1", b"{}", slow=0.3))
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert n_cases() == 1
    assert sorted(answer[2] for answer in answers) == [False, True, True, True]
    assert len({answer[:2] for answer in answers}) == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 1)
    claimed, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            idempotency.begin("user:1", "k1", b"{}")
            claimed.set()
            release.wait(20)
            idempotency.finish("user:1", "k1", 200, b"{}")
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    claimed.wait(20)
    with pytest.raises(Conflict) as refused:
        door("k1", b"{}")
    release.set()
    holder.join()

    assert refused.value.code == "idempotency_in_progress"
    assert door("k1", b"{}")[2] is True
    assert n_cases() == 0


@pytest.mark.django_db
def test_the_limit_on_waiting_is_gone_for_the_verb_itself() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()
        idempotency.begin("user:1", "k1", b"{}")
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == before


@pytest.mark.django_db
def test_answers_are_kept_48_hours() -> None:
    door("old", b"{}")
    door("young", b"{}")
    now = datetime.now(UTC)
    IdempotencyRow.objects.filter(key="old").update(created_at=now - timedelta(hours=48, minutes=1))
    IdempotencyRow.objects.filter(key="young").update(created_at=now - timedelta(hours=47))

    assert idempotency.sweep(now, batch=1) == 1
    assert [row.key for row in IdempotencyRow.objects.all()] == ["young"]


def test_a_form_is_the_same_form_without_its_tokens() -> None:
    one = QueryDict("csrfmiddlewaretoken=a&idempotency_key=k&text=路灯&tag=1&tag=2")
    same = QueryDict("tag=1&tag=2&text=路灯&csrfmiddlewaretoken=b")
    photo = MultiValueDict({"photo": [SimpleUploadedFile("a.jpg", b"bytes")]})
    same_photo = MultiValueDict({"photo": [SimpleUploadedFile("b.jpg", b"bytes")]})
    other_photo = MultiValueDict({"photo": [SimpleUploadedFile("a.jpg", b"Bytes")]})

    assert idempotency.form_body(one) == idempotency.form_body(same)
    assert idempotency.form_body(one) != idempotency.form_body(QueryDict("text=路灯&tag=1"))
    assert idempotency.form_body(one, photo) == idempotency.form_body(same, same_photo)
    assert idempotency.form_body(one, photo) != idempotency.form_body(one, other_photo)
    assert photo["photo"].read() == b"bytes", "the upload can still be read afterwards"
