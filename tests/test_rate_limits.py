"""Every door that may be used too often: refused with 429, a sentence in both languages, and how long to wait."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from tests.cast import Town, build_town
from tests.files.media import photo
from wangge.cases.api.public import REPORTS, UPLOADS
from wangge.files.limits import UPLOADS_OF_A_CALLER
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.models import RateRow
from wangge.kit.tries import WRONG_OF_A_NETWORK
from wangge.office.limits import EXPORTS_OF_A_PERSON
from wangge.portal.limits import LIMITS

pytestmark = pytest.mark.django_db
HERE = "127.0.0.1"
WRONG_TOKEN = "wg_" + "A" * 43


@pytest.fixture
def town(settings: Settings, tmp_path) -> Town:
    settings.FILES_FOLDER = tmp_path / "files"
    return build_town(REAL_CLOCK.now())


def used_up(bucket: str, n: int) -> None:
    """As if this had been asked for ``n`` times a moment ago."""
    RateRow.objects.create(bucket=bucket, n_requests=n, window_started_at=REAL_CLOCK.now())


def upload(client: Client, **more: object) -> HttpResponse:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return client.post("/api/files", {"file": SimpleUploadedFile("a.jpg", photo())}, **more)


def report(client: Client) -> HttpResponse:
    body = {"text": "路灯坏了", "address": "长江路 12 号"}
    return client.post("/api/cases", body, content_type="application/json")


def seat(town: Town, name: str) -> Client:
    client = Client()
    client.force_login(town.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


# name → the bucket that is full, how full, what is asked
DOORS: dict[str, tuple[str, int, Callable[[Town], HttpResponse]]] = {
    "a report of a program": (f"report:network:{HERE}", REPORTS.per_network, lambda town: report(Client())),
    "an upload of a resident": (f"upload:network:{HERE}", UPLOADS.per_network, lambda town: upload(Client())),
    "steps of the residents' form": (
        f"portal.step:network:{HERE}", LIMITS["step"][1], lambda town: Client().post("/report/", {"text": "路灯坏了"}),
    ),
    "a code, by a program": (
        f"code:wrong:{HERE}", WRONG_OF_A_NETWORK, lambda town: Client().get("/api/follow/AAAA-BBBB-CCCCCC"),
    ),
    "a code, on the page": (f"code:wrong:{HERE}", WRONG_OF_A_NETWORK, lambda town: Client().get("/follow/AAAABBBBCCCC/")),
    "a token": (
        f"token:wrong:{HERE}", WRONG_OF_A_NETWORK,
        lambda town: Client().get("/api/cases", headers={"Authorization": f"Bearer {WRONG_TOKEN}"}),
    ),
    "signing in": (
        f"signin:network:{HERE}", 300, lambda town: Client().post("/sign-in/", {"login": "x", "password": "y"}),
    ),
    "an export": (
        "export:user:{intake_clerk}", EXPORTS_OF_A_PERSON, lambda town: seat(town, "intake_clerk").get("/office/cases/export.csv"),
    ),
    "an upload of the staff": (
        "upload:user:{intake_clerk}", UPLOADS_OF_A_CALLER, lambda town: upload_with_token(town),
    ),
}  # fmt: skip


def upload_with_token(town: Town) -> HttpResponse:
    client = seat(town, "intake_clerk")
    token = client.get("/me/").context["csrf_token"]
    return upload(client, headers={"X-CSRFToken": str(token)})


@pytest.mark.parametrize("name", DOORS)
def test_too_often_is_refused_with_the_time_to_wait(town: Town, name: str) -> None:
    bucket, limit, ask = DOORS[name]
    for person, user in town.people.items():
        bucket = bucket.replace("{" + person + "}", str(user.pk))
    before = ask(town)
    assert before.status_code != 429, "once is not too often"
    RateRow.objects.filter(bucket=bucket).delete()
    used_up(bucket, limit)

    answer = ask(town)

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert answer["Cache-Control"] in ("no-store", "private, no-cache")  # a form keeps what was typed
    told = answer.content.decode()
    assert "操作太频繁" in told
    assert "分钟后再试" in told
    if answer["Content-Type"].startswith("application/json"):
        assert "Try again in" in told


def test_wrong_tokens_are_counted_and_good_ones_pass_even_then(town: Town) -> None:
    good = {"Authorization": f"Bearer {town.token('intake_clerk')}"}
    for _ in range(3):
        assert (
            Client().get("/api/cases", headers={"Authorization": f"Bearer {WRONG_TOKEN}"}).status_code == 401
        )
    row = RateRow.objects.get(bucket=f"token:wrong:{HERE}")
    assert row.n_requests == 3
    RateRow.objects.filter(pk=row.pk).update(n_requests=WRONG_OF_A_NETWORK)
    assert Client().get("/api/cases", headers={"Authorization": f"Bearer {WRONG_TOKEN}"}).status_code == 429
    assert Client().get("/api/cases", headers=good).status_code == 200
    other = Client(REMOTE_ADDR="192.0.2.7").get(
        "/api/cases", headers={"Authorization": f"Bearer {WRONG_TOKEN}"}
    )
    assert other.status_code == 401


def test_who_was_kept_out_leaves_a_line(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    seat(town, "volunteer").get("/office/cases/")
    Client().get("/api/cases", headers={"Authorization": f"Bearer {WRONG_TOKEN}"})
    lines = [record.getMessage() for record in caplog.records if record.name == "wangge.refusals"]
    who = f"user {town.people['volunteer'].pk}"
    assert any(line.startswith("403 no_post: GET /office/cases/") and who in line for line in lines), lines
    assert any(
        line.startswith("401 token_not_valid: GET /api/cases by nobody from 127.0.0.1") for line in lines
    ), lines
    assert WRONG_TOKEN not in caplog.text


def test_a_code_is_in_no_line_of_the_log(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """Not even when what was asked with it is refused."""
    code = town.reported("路灯坏了").code
    page, api = f"/follow/{code}/", f"/api/follow/{code}"
    for address in (
        page,
        f"{page}rate/",
        f"{page}nothing/",
        api,
        f"{api}/nothing",
        f"{page}photo/x/",
        f"{page}again/",
    ):
        Client().get(address)
        Client().post(address, {"text": "x" * 20_000})
    for door in ("/follow/WRON-GWRO-NGWR/", "/api/follow/WRON-GWRO-NGWR"):
        Client().get(door)
    Client(enforce_csrf_checks=True).post(f"{page}rate/", {"service": "good"})
    assert code not in caplog.text
    assert code.replace("-", "") not in caplog.text.replace("-", "")
    assert "WRON" not in caplog.text
