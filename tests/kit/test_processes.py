"""The program from outside: help, exit codes, one ``serve`` for a data folder, every way to end it."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from tests.kit.installation import Installation, Serving, free_port, new_installation, wait_until
from wangge.__main__ import COMMANDS, exists
from wangge.kit.bodies import MOST_BYTES, blocking_threads
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


# --- raw sockets: bodies that lie about their length, never come or never end hold nobody for ever -----------------


PATH = "/api/cases"


@pytest.fixture(scope="module")
def serving(installation: Installation) -> Iterator[Serving]:
    with installation.serving() as found:
        yield found


def sent(serving: Serving, head: str, body: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", serving.port), timeout=30)
    lines = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{serving.port}\r\nContent-Type: application/json\r\n{head}\r\n\r\n"
    made.sendall(lines.encode() + body)
    return made


def answer(made: socket.socket) -> bytes:
    """All that comes until the connection ends."""
    found = b""
    try:
        while more := made.recv(65536):
            found += more
    except ConnectionResetError:
        pass
    return found


def front_page_comes(serving: Serving, within_s: float) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", serving.port), timeout=within_s) as made:
        made.sendall(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{serving.port}\r\n\r\n".encode())
        assert b" 200 OK" in made.recv(1000)
    assert time.monotonic() - began < within_s


def test_a_body_shorter_than_it_says_saves_nothing(serving: Serving) -> None:
    with sent(serving, "Content-Length: 5000", b'{"text": "x", "address": "y"}') as made:
        made.shutdown(socket.SHUT_WR)
        found = answer(made)
    assert b" 400 Bad Request" in found
    assert "没有收全" in found.decode()


@pytest.mark.parametrize("declared", [str(MOST_BYTES + 1), "999999999999999999"])
def test_a_huge_length_is_refused_at_once(serving: Serving, declared: str) -> None:
    began = time.monotonic()
    with sent(serving, f"Content-Length: {declared}", b"{") as made:
        assert b" 413 " in made.recv(1000)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "head", ["Content-Length: -1", "Content-Length: 3x", "Content-Length: 3\r\nContent-Length: 5"]
)
def test_a_length_that_is_none_is_refused(serving: Serving, head: str) -> None:
    with sent(serving, head, b"{}") as made:
        assert b" 400 " in made.recv(1000)


def test_many_that_never_end_are_cut_and_others_are_answered(serving: Serving) -> None:
    """More silent clients than threads: without a limit nobody else would be answered for ever."""
    with ExitStack() as stack:
        began = time.monotonic()
        silent = [
            stack.enter_context(sent(serving, "Content-Length: 1000", b'{"text": "'))
            for _ in range(blocking_threads() + 3)
        ]
        front_page_comes(serving, within_s=12)
        for made in silent:
            assert b" 200 " not in answer(made)
        assert time.monotonic() - began < 25
    front_page_comes(serving, within_s=5)


def test_one_that_drips_is_cut(serving: Serving) -> None:
    """A byte now and then is no progress."""
    began = time.monotonic()
    with sent(serving, "Content-Length: 100000", b'{"text": "') as made:
        made.settimeout(0.5)
        while time.monotonic() - began < 25:
            try:
                made.sendall(b"x")
                if not made.recv(1000):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    assert time.monotonic() - began < 20
    front_page_comes(serving, within_s=5)


def test_a_slow_but_honest_body_is_taken(serving: Serving) -> None:
    body = b'{"text": "' + b"x" * 3000 + b'"}'
    with sent(serving, f"Content-Length: {len(body)}", body[:100]) as made:
        for at in range(100, len(body), 1000):
            time.sleep(0.5)
            made.sendall(body[at : at + 1000])
        assert b"HTTP/1.1 4" in made.recv(1000)  # read whole and judged: there are no areas yet
    front_page_comes(serving, within_s=5)
