"""The samples of deploy/ in their essentials: units that systemd takes, names that exist, a request through nginx,
roles that keep the ledger safe, a night's backup."""

from __future__ import annotations

import configparser
import csv
import importlib
import json
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path

import click
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kit.installation import PASSPHRASE, Installation, free_port, new_installation, wait_until
from wangge.__main__ import COMMANDS
from wangge.files.sniff import MAX_BYTES_OF_ANY
from wangge.kit.cluster.binaries import locate
from wangge.kit.postgres import lease

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
PROGRAM = "/opt/wangge/bin/wangge"
HOST = "wangge.example.gov.cn"
SYSTEMD = shutil.which("systemd-analyze")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
MOST_EXPOSED = "20"  # of 100, as systemd counts


def name_of(path: Path) -> str:
    return path.name


class Doubled(dict[str, object]):
    """systemd lets a word stand twice; the values are joined."""

    def __setitem__(self, key: str, value: object) -> None:
        before = self.get(key)
        if isinstance(before, list) and isinstance(value, list):
            value = before + value
        super().__setitem__(key, value)


def unit(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, dict_type=Doubled, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path, encoding="utf-8")
    return parser


def settings() -> set[str]:
    with (ROOT / "wangge" / "settings.csv").open(encoding="utf-8") as file:
        return {row["name"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("path", [u for u in UNITS if u.suffix == ".service"], ids=name_of)
def test_units_name_commands_options_and_settings_that_exist(path: Path) -> None:
    service = unit(path)["Service"]
    program, *words = shlex.split(service["ExecStart"])
    if program == PROGRAM:
        name, *options = words
        module, _, attribute = COMMANDS[name].target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        command.make_context(name, options, resilient_parsing=True)
        known = {opt for parameter in command.params for opt in parameter.opts}
        assert {word for word in options if word.startswith("--")} <= known
    else:
        assert (ROOT / program.removeprefix("/opt/wangge/")).stat().st_mode & 0o111
    assert set(re.findall(r"([A-Z_]+)=", service["Environment"])) <= settings()
    for hard in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert service[hard] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["StateDirectory"] == "wangge"


def test_the_settings_of_the_sample_exist() -> None:
    text = (DEPLOY / "wangge.env").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", text, re.M))
    assert {"WANGGE_HOSTS", "WANGGE_HTTPS", "WANGGE_PROXIES", "DATABASE_URL"} <= named <= settings()


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """With programs that are there: systemd looks."""
    for path in UNITS:
        text = path.read_text(encoding="utf-8")
        text = text.replace(PROGRAM, "/bin/true").replace("/opt/wangge/deploy", str(DEPLOY))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return [tmp_path / path.name for path in UNITS]


@pytest.mark.skipif(not SYSTEMD, reason="systemd-analyze is not here (Debian: systemd)")
def test_systemd_takes_the_units(units: list[Path]) -> None:
    assert SYSTEMD
    told = subprocess.run([SYSTEMD, "verify", *units], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    for path in units:
        if path.suffix == ".service":
            words = [SYSTEMD, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", path]
            judged = subprocess.run(words, capture_output=True, text=True, check=False)
            assert judged.returncode == 0, judged.stdout.splitlines()[-1]


def test_nginx_lets_the_largest_upload_through_and_not_much_more() -> None:
    text = (DEPLOY / "nginx" / "wangge.conf").read_text(encoding="utf-8")
    [limit] = re.findall(r"client_max_body_size (\d+)m;", text)
    assert MAX_BYTES_OF_ANY < int(limit) << 20 <= MAX_BYTES_OF_ANY + (2 << 20)


# --- an installation as deploy/README.md describes it, with a PostgreSQL of one's own ---------------------


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """On a server of its own with the roles of roles.sql, as they stand but for their names."""
    text = (DEPLOY / "postgres" / "roles.sql").read_text(encoding="utf-8")
    # the server that comes along has these names already
    text = re.sub(r"wangge_(owner|app)\b", r"town_\1", text)
    text = re.sub(r"(DATABASE|connect) wangge\b", r"\1 town", text)
    with new_installation() as made, lease(made.data.parent / "server", durable=False) as server:
        words = [locate().program("psql"), "-q", "-X", "-d", server.superuser_url]
        words += ["-v", "owner_password=one", "-v", "app_password=two"]
        subprocess.run(words, input=text, text=True, check=True)
        made.environment |= {
            "DATABASE_OWNER_URL": f"postgresql://town_owner:one@/town?host={server.socket_folder}",
            "DATABASE_URL": f"postgresql://town_app:two@/town?host={server.socket_folder}",
            "WANGGE_HOSTS": HOST, "WANGGE_HTTPS": "1", "WANGGE_PROXIES": "1",
        }  # fmt: skip
        begun = made.run("init", "--county-code", "370299", "--county-name", "示例县")
        assert begun.returncode == 0, begun.stderr
        yield made


@pytest.mark.slow
def test_the_roles_of_a_database_of_ones_own(installation: Installation) -> None:
    """The program's own check says that the ledger is safe."""
    findings = json.loads(installation.run("doctor", "--json").stdout)["findings"]
    assert not [f for f in findings if f["level"] == "error"]
    levels = {f["code"]: f["level"] for f in findings}
    assert levels["roles"] == levels["ledger"] == "fine"


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "privkey.pem").write_bytes(secret)
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))


class Front:
    """nginx with the sample, on free ports and in a folder of its own."""

    def __init__(self, folder: Path, behind: int) -> None:
        self.folder, self.port = folder, free_port()
        certificate(folder)
        text = (DEPLOY / "nginx" / "wangge.conf").read_text(encoding="utf-8")
        text = re.sub(r"listen \[::\][^;]*;", "", text)
        text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
        text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;")
        text = text.replace("server 127.0.0.1:8000;", f"server 127.0.0.1:{behind};")
        text = text.replace("/etc/wangge/tls", str(folder)).replace("/var/log/nginx", str(folder))
        (folder / "wangge.conf").write_text(text.replace("/var/cache/nginx", str(folder)), encoding="utf-8")
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log warn; events {{}}\n"
            f"http {{ {temporary} include {folder}/wangge.conf; }}\n",
            encoding="utf-8",
        )  # fmt: skip
        self.words = [
            str(NGINX),
            "-c",
            str(folder / "nginx.conf"),
            "-p",
            str(folder),
            "-e",
            f"{folder}/error.log",
        ]

    @contextmanager
    def running(self) -> Iterator[None]:
        pid = self.folder / "pid"
        pid.unlink(missing_ok=True)  # trying the file makes an empty one
        process = subprocess.Popen(self.words)
        try:
            wait_until(lambda: pid.exists() and pid.stat().st_size > 0, 10)
            yield
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=20)

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Message, str]:
        plain = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        plain.check_hostname = False
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", data=body)
        for name, value in {"Host": HOST, **headers}.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=20, context=plain) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers, refused.read().decode()

    def log(self) -> str:
        return (self.folder / "wangge.log").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(not NGINX, reason="nginx is not here; to try the sample: sudo apt install nginx-light")
def test_a_report_through_nginx(installation: Installation) -> None:
    folder = installation.data.parent / "nginx"  # which nginx's workers, who are another user, may enter
    folder.mkdir(mode=0o755)
    with installation.serving() as serving:
        front = Front(folder, serving.port)
        tested = subprocess.run([*front.words, "-t"], capture_output=True, text=True, check=False)
        assert tested.returncode == 0, tested.stderr
        with front.running():
            status, headers, page = front.ask("/report/")
            assert status == 200
            assert "<form" in page
            assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
            assert len(headers.get_all("Strict-Transport-Security", [])) == 1
            assert "__Host-" in headers["Set-Cookie"]

            report = {"text": "路灯不亮了,晚上看不见路", "address": "南门大街 12 号"}
            said = {"Content_Type": "application/json", "Idempotency_Key": "through-nginx-0123456789"}
            status, _, answer = front.ask("/api/cases", json.dumps(report).encode(), **said)
            assert status == 201, answer
            code = json.loads(answer)["code"]
            assert json.loads(answer)["number"] in front.ask(f"/api/follow/{code}")[2]
            assert front.ask(f"/follow/{code}/?again=1")[0] == 200
            # who claims to sit at the machine itself is not believed
            assert front.ask("/metrics", X_Forwarded_For="127.0.0.1")[0] == 404
            assert front.ask("/api/files", b"x" * (52 << 20))[0] == 413
            assert front.ask("/static/portal/portal.css")[0] == 200
        log = front.log()
        assert "/follow/***/" in log
        assert code not in log
        assert "again=1" not in log
        assert code not in (folder / "error.log").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_night_backup(installation: Installation, tmp_path: Path) -> None:
    backups, keys, secrets = tmp_path / "backups", tmp_path / "keys", tmp_path / "secrets"
    for folder in (backups, keys, secrets):
        folder.mkdir()
    old, recent = (backups / f"wangge-2026-0{month}-01T023000.backup" for month in (1, 2))
    for path, days in ((old, 40), (recent, 3)):
        path.write_text("")
        os.utime(path, (time.time() - days * 86400,) * 2)
    (backups / "notes.txt").write_text("")
    (secrets / "passphrase").write_text(PASSPHRASE)
    program = tmp_path / "wangge"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m wangge "$@"\n')
    program.chmod(0o755)
    bare = {k: v for k, v in installation.environment.items() if k != "WANGGE_BACKUP_PASSPHRASE"}
    more = {"WANGGE_PROGRAM": str(program), "CREDENTIALS_DIRECTORY": str(secrets)}
    subprocess.run([DEPLOY / "backup.sh", backups, keys, "30"], cwd=ROOT, env=bare | more, check=True)
    assert not old.exists()
    assert {p.name for p in (recent, backups / "notes.txt")} <= {p.name for p in backups.iterdir()}
    [made] = [p for p in backups.iterdir() if p.stat().st_size and p.suffix == ".backup"]
    assert [p.name for p in keys.iterdir()] == [f"{made.name}.keys"]
    assert made.stat().st_mode & 0o077 == 0
