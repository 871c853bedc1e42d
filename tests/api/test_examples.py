"""The examples for programmers run as they stand, against a live server on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from pytest_django.live_server_helper import LiveServer

from tests.api.knocking import photo
from tests.cast import MONDAY_MORNING, build_town
from wangge.cases.models import Case, Evidence

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples" / "api"

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
    pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl (apt install curl)"),
]


def run(*command: str, server: LiveServer, **settings: str) -> str:
    done = subprocess.run(
        command, env={**os.environ, "WANGGE": server.url, "NO_PROXY": "*", **settings}, capture_output=True, text=True,
        timeout=120, cwd=EXAMPLES, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_curl_reports_and_the_desk_accepts(live_server: LiveServer, tmp_path: Path) -> None:
    with time_machine.travel(MONDAY_MORNING, tick=True):
        town = build_town()
        picture = tmp_path / "photo.jpg"
        picture.write_bytes(photo())
        told = run("sh", "report.sh", str(picture), server=live_server)
        case = Case.objects.get()
        assert f"number: {case.number}" in told
        assert "已收到,正在登记" in told
        assert "已补充" in told
        assert Evidence.objects.filter(case=case).count() == 1
        told = run("sh", "desk.sh", server=live_server, WANGGE_TOKEN=town.token("intake_clerk"))
        assert f"accepted: {case.number}" in told
        assert "不能“受理”" in told
        case.refresh_from_db()
        assert case.state == "accepted"


def test_python_goes_the_whole_way(live_server: LiveServer) -> None:
    with time_machine.travel(MONDAY_MORNING, tick=True):
        town = build_town()
        tokens = {
            "WANGGE_CLERK": town.token("county_dispatcher"),
            "WANGGE_UNIT": town.token("works_head"),
            "WANGGE_CHECKER": town.token("checker"),
        }
        told = run(sys.executable, "whole_loop.py", server=live_server, **tokens)
        assert "not_solved → handling" in told
        assert "solved → closed" in told
        assert Case.objects.get().state == "closed"
