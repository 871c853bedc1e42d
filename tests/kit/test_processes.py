"""The program from outside: help, exit codes, one ``serve`` for a data folder, every way to end it."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from tests.kit.installation import Installation, Serving, free_port, new_installation, wait_until
from wangge.__main__ import COMMANDS, exists
from wangge.kit.cluster.keeper import processes_in
from wangge.kit.errors import DomainError, Forbidden
from wangge.kit.postgres import Layout
from wangge.kit.processes.serve import is_loopback, refuse_outside, refuse_taken_port, shown
from wangge.kit.program import Program

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """A migrated installation; two commands that come at once upgrade it once."""
    with new_installation() as found:
        both = [found.start("migrate") for _ in range(2)]
        told = [process.communicate(timeout=180) for process in both]
        assert [process.returncode for process in both] == [0, 0], told
        applied = sorted(int(re.findall(r"applied: (\d+)", out)[0]) for out, _ in told)
        assert applied[0] == 0
        assert applied[1] > 10
        assert not processes_in(Layout(found.data).cluster)
        yield found


def test_help_names_every_command_in_both_languages(installation: Installation) -> None:
    told = installation.run("--help")
    assert told.returncode == 0
    for name, entry in COMMANDS.items():
        if exists(entry):
            assert re.search(rf"{name} +{re.escape(entry.zh)} · {re.escape(entry.en)}", told.stdout)
    told = installation.run("serve", "--help")
    assert "监听地址" in told.stdout
    assert "address to listen on" in told.stdout


def test_an_unknown_command_is_wrong_usage(installation: Installation) -> None:
    told = installation.run("serv")
    assert told.returncode == 2
    assert "没有命令 serv" in told.stderr
    assert "No such command: serv" in told.stderr


@pytest.mark.parametrize("url", ["postgresql://li@127.0.0.1:1/town", "mysql://li@db/town"])
def test_a_wrong_database_address_is_told_in_one_sentence(installation: Installation, url: str) -> None:
    told = installation.run("doctor", DATABASE_URL=url)
    assert told.returncode == 1
    chinese, english = told.stderr.strip().splitlines()
    assert "DATABASE_URL" in chinese
    assert "DATABASE_URL" in english


def test_serve_says_where_refuses_a_second_one_and_stops_clean(installation: Installation) -> None:
    with installation.serving() as serving:
        second = installation.run("serve", "--port", str(free_port()))
        assert second.returncode == 3
        assert str(serving.process.pid) in second.stderr
        assert "already running" in second.stderr
        joined = installation.run("doctor")
        assert joined.returncode == 0, joined.stdout
        for process in serving.family:  # the web server comes back
            process.kill()
        psutil.wait_procs(serving.family, timeout=10)
        serving.wait_open()
        status, out, err = serving.stop(signal.SIGTERM)
    assert status == 0, err
    assert f"http://127.0.0.1:{serving.port}" in out
    assert str(installation.data) in out
    is_all_over(installation, serving)


def test_killed_it_leaves_nothing_behind_starts_again_and_ends_by_ctrl_c(installation: Installation) -> None:
    with installation.serving() as serving:
        os.kill(serving.process.pid, signal.SIGKILL)
        is_all_over(installation, serving)
    with installation.serving() as again:
        status, _, err = again.stop(signal.SIGINT, whole_terminal=True)
    assert status == 0
    assert "Traceback" not in err
    is_all_over(installation, again)


def test_a_taken_port_is_told_in_one_sentence() -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(DomainError) as refused:
            refuse_taken_port("127.0.0.1", port)
    assert refused.value.status == 409
    assert f"端口 {port} 已被别的程序占用" in refused.value.zh
    assert f"Port {port} is taken" in refused.value.en


def is_all_over(installation: Installation, serving: Serving) -> None:
    """No child lives, nobody listens, the database is stopped."""
    _, alive = psutil.wait_procs(serving.family, timeout=30)
    assert alive == []
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", serving.port)) != 0
    wait_until(lambda: not processes_in(Layout(installation.data).cluster))


def test_other_addresses_open_only_when_every_feature_agrees(tmp_path: Path) -> None:
    asked = []

    def may_serve_on(host: str) -> None:
        asked.append(host)
        raise Forbidden("有演示账号", "There are demo accounts")

    wiring = ModuleType("wiring")
    wiring.may_serve_on = may_serve_on
    program = Program(tmp_path, wiring=wiring)
    for host in ("127.0.0.1", "127.9.9.9", "localhost", "::1"):
        refuse_outside(program, host)
    assert asked == []
    for host in ("0.0.0.0", "::", "10.1.2.3", "town.example"):
        with pytest.raises(DomainError):
            refuse_outside(program, host)
    assert asked == ["0.0.0.0", "::", "10.1.2.3", "town.example"]
    assert not is_loopback("0.0.0.0")


def test_the_shown_address_opens_in_a_browser() -> None:
    assert [shown(host) for host in ("0.0.0.0", "::", "::1", "10.0.0.2")] == [
        "127.0.0.1",
        "127.0.0.1",
        "[::1]",
        "10.0.0.2",
    ]
