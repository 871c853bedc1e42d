"""The same request sent twice acts once: the first answer is kept and given again.

The row is written in the verb's own transaction, so it stands exactly when the verb does, also after a crash::

    with transaction.atomic():
        replay = idempotency.begin(caller, key, body)
        if replay:
            return replay.as_response()
        …the verb…
        idempotency.finish(caller, key, 201, answer)

The same key at the same moment: the second waits for the first to commit and gets its answer. Two cases never
come of it. Answers may hold a resident's code, so they are stored encrypted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection
from django.http import HttpResponse, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.datastructures import MultiValueDict
from psycopg.errors import LockNotAvailable

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.crypto import key_ring
from wangge.kit.errors import Conflict, DomainError, Invalid
from wangge.kit.models import IdempotencyRow

KEPT = timedelta(hours=48)
WAIT_SECONDS = 10  # for the same key in another process
REPLAYED_HEADER = "Idempotency-Replayed"
FORM_FIELD = "idempotency_key"
PURPOSE = "idempotency.answer"
UNFINISHED = 0

# One round trip. The limit on waiting holds for this insert alone, not for the verb's own locks.
BEGIN = """
SET LOCAL lock_timeout = '{seconds}s';
INSERT INTO kit_idempotencyrow (caller, key, body_digest, status, answer, created_at)
VALUES (%s, %s, %s, %s, '', %s) ON CONFLICT (caller, key) DO NOTHING RETURNING id;
SET LOCAL lock_timeout = DEFAULT
"""


@dataclass(frozen=True)
class Replay:
    """The answer that was given the first time."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_response(self) -> HttpResponse:
        """The first answer once more, marked ``Idempotency-Replayed: true``."""
        response = HttpResponse(self.body, status=self.status)
        for name, value in self.headers.items():
            if name == "Set-Cookie":
                response.cookies.load(value)
            else:
                response[name] = value
        response[REPLAYED_HEADER] = "true"
        return response


def check_key(key: str) -> None:
    """Raise Invalid (422) for what is no key."""
    if not (0 < len(key) <= 200 and key.isprintable()):
        raise Invalid(
            "Idempotency-Key",
            "Idempotency-Key 须为 1 至 200 个可见字符。",
            "Idempotency-Key must be 1 to 200 printable characters.",
        )


def begin(caller: str, key: str, body: bytes) -> Replay | None:
    """Claim ``key`` in the present transaction; the kept answer when this request was already answered.

    ``caller`` owns the key (``user:12``, ``visit:…``), ``body`` is what makes the request the same request.
    Raises Invalid (422) for a key over 200 characters, DomainError ``idempotency_other_body`` (422) when the key
    came with another body, Conflict (409) when the same request is still being worked on after 10 seconds.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("idempotency.begin belongs into the transaction of the verb")
    check_key(key)
    if len(caller) > 80:
        raise RuntimeError("a caller has a short name")
    digest = salted_hmac("wangge.idempotency", body, algorithm="sha256").digest()  # a body may hold a number
    if _claimed(caller, key, digest):
        return None
    row = IdempotencyRow.objects.get(caller=caller, key=key)
    if bytes(row.body_digest) != digest:
        raise DomainError(
            422,
            "idempotency_other_body",
            "此 Idempotency-Key 已用于另一份内容。请换一个新的再提交。",
            "This Idempotency-Key was used with another body. Send the request with a new key.",
        )
    if row.status == UNFINISHED:
        raise still_working()
    kept = orjson.loads(key_ring(settings.KEYS_FOLDER).unseal(bytes(row.answer), PURPOSE))
    return Replay(row.status, kept["body"].encode("latin-1"), kept["headers"])


def finish(
    caller: str, key: str, status: int, answer: bytes, headers: Mapping[str, str] | None = None
) -> None:
    """Keep the answer with the key, in the transaction in which ``begin`` claimed it.

    ``headers``: those that belong to the answer (Content-Type, Location); application/json when none is given.
    """
    kept = {
        "body": answer.decode("latin-1"),
        "headers": dict(headers) if headers else {"Content-Type": "application/json; charset=utf-8"},
    }
    sealed = key_ring(settings.KEYS_FOLDER).seal(orjson.dumps(kept).decode(), PURPOSE)
    changed = IdempotencyRow.objects.filter(caller=caller, key=key, status=UNFINISHED).update(
        status=status, answer=sealed
    )
    if changed != 1:
        raise RuntimeError(f"idempotency.finish without begin: {caller} {key!r}")


def form_body(fields: QueryDict, files: MultiValueDict[str, UploadedFile[bytes]] | None = None) -> bytes:
    """What makes a submitted form the same form: its fields without tokens, and the digests of its files."""
    parts = sorted(
        (name, fields.getlist(name)) for name in fields if name not in ("csrfmiddlewaretoken", FORM_FIELD)
    )
    attached = (
        sorted((name, [_digest(one) for one in files.getlist(name)]) for name in files) if files else []
    )
    return orjson.dumps([parts, attached])


def sweep(now: datetime | None = None, batch: int = 5_000) -> int:
    """Forget answers older than 48 hours; returns how many."""
    before = (now or REAL_CLOCK.now()) - KEPT
    n_gone = 0
    while True:
        ids = list(IdempotencyRow.objects.filter(created_at__lt=before).values_list("id", flat=True)[:batch])
        if not ids:
            return n_gone
        n_gone += IdempotencyRow.objects.filter(id__in=ids).delete()[0]


def still_working() -> Conflict:
    return Conflict(
        "idempotency_in_progress",
        "同一请求正在处理中。请过几秒用同一个 Idempotency-Key 再试。",
        "The same request is still being worked on. Try again in a few seconds with the same Idempotency-Key.",
    )


def _claimed(caller: str, key: str, digest: bytes) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                BEGIN.format(seconds=WAIT_SECONDS), (caller, key, digest, UNFINISHED, REAL_CLOCK.now())
            )
            cursor.nextset()
            return cursor.fetchone() is not None
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise still_working() from error
        raise


def _digest(upload: UploadedFile[bytes]) -> str:
    upload.seek(0)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()
