"""Is it up, can it work, what does it do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from tests.api.knocking import Caller, machine
from tests.cast import Town
from wangge.kit import clock_doctor
from wangge.kit.clock import MovedClock

pytestmark = pytest.mark.django_db


def test_the_process_is_up_and_ready() -> None:
    assert Client().get("/healthz").content == b"ok"
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    checks = {"database": True, "migrations": True, "keys": True, "disk": True, "outbox": True, "clock": True}
    assert answer.json() == {"ready": True, "checks": checks}


def test_not_ready_without_keys_and_no_word_more(tmp_path, settings) -> None:
    settings.KEYS_FOLDER = tmp_path / "keys"
    settings.KEYS_FOLDER.mkdir()
    (settings.KEYS_FOLDER / "keyring.json").write_text("broken")
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["keys"] is False
    assert answer.json()["checks"]["database"] is True
    assert answer["Retry-After"] == "5"
    assert str(tmp_path) not in answer.content.decode()


def test_a_clock_that_is_a_day_off_is_said_and_sends_nobody_away(monkeypatch) -> None:
    assert [finding.code for finding in clock_doctor.findings()] == ["clock"]
    for days, word in ((1, "ahead of"), (-1, "behind")):
        monkeypatch.setattr(clock_doctor, "REAL_CLOCK", MovedClock(datetime.now(UTC) + timedelta(days=days)))
        (finding,) = clock_doctor.findings()
        assert (finding.level, finding.code, word in finding.text.en) == ("error", "clocks_differ", True)
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["clock"]) == (200, False)


def test_figures_count_requests_verbs_and_what_waits_and_name_nobody(town: Town, anybody: Caller) -> None:
    made = anybody.report(text="张三丰电话13812341234门口垃圾")
    machine(town, "intake_clerk").post(f"cases/{made['number']}/accept").must(200)
    text = Client().get("/metrics").content.decode()
    assert 'method="POST",status="201",route="/api/cases"}' in text
    assert 'route="/api/cases/<number>/accept"' in text
    assert 'wangge_verbs_5m{verb="accept"} 1' in text
    assert 'wangge_cases_open{state="accepted"} 1' in text
    assert "wangge_outbox_waiting 2" in text
    for secret in (made["number"], made["code"], "张三丰", "13812341234"):
        assert secret not in text


def test_figures_are_for_this_machine_and_for_machine_tokens(town: Town) -> None:
    outside = Client(REMOTE_ADDR="203.0.113.9")
    assert outside.get("/metrics").status_code == 401
    assert outside.get("/metrics", HTTP_AUTHORIZATION="Bearer wg_wrong").status_code == 401
    passed_on = Client().get("/metrics", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert passed_on.status_code == 401
    token = town.token("intake_clerk")
    assert outside.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200
    assert settings.DATA_FOLDER.joinpath("metrics").stat().st_mode & 0o777 == 0o700
