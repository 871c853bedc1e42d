"""Where one installation keeps its things, and which user the server runs as."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wangge.kit.errors import DomainError

# Linux takes 107 bytes for a socket's path; PostgreSQL's file is the folder and this name
SOCKET_NAME = "/.s.PGSQL.5432"
SOCKET_LIMIT = 107
# PostgreSQL frontend/backend protocol, message SSLRequest: length 8, code 1234 5679
SSL_REQUEST = bytes([0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F])
SERVER_USERS = ("postgres", "nobody")


def data_folder() -> Path:
    """The folder of this installation: database, files, keys.

    ``WANGGE_DATA`` names it; without it ``/var/lib/wangge`` for root, else ``~/.local/share/wangge``.
    """
    named = os.environ.get("WANGGE_DATA")
    if named:
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/wangge")
    return Path.home() / ".local" / "share" / "wangge"


@dataclass(frozen=True)
class ServerUser:
    """The system user that runs the server; ``None`` ids mean: whoever we are."""

    name: str
    uid: int | None = None
    gid: int | None = None

    def as_child(self) -> dict[str, Any]:
        """Arguments that make ``subprocess`` start a child as this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_enter(self, folder: Path) -> Path | None:
        """The first folder on the way to ``folder`` that this user cannot pass; None when there is none."""
        if self.uid is None:
            return None
        way = [*reversed(folder.absolute().parents), folder.absolute()]
        script = 'for f in "$@"; do test -x "$f" || { printf %s "$f"; exit 0; }; done'
        words = ["/bin/sh", "-c", script, "sh", *map(str, way)]
        told = subprocess.run(words, stdout=subprocess.PIPE, cwd="/", check=True, **self.as_child())
        return Path(os.fsdecode(told.stdout)) if told.stdout else None


def server_user() -> ServerUser:
    """PostgreSQL refuses to run as root: then ``postgres`` if that user exists, else ``nobody``."""
    if os.geteuid() != 0:
        return ServerUser(name="")
    for name in SERVER_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(name, entry.pw_uid, entry.pw_gid)
    raise DomainError(
        500,
        "no_server_user",
        "PostgreSQL 不能以 root 运行,而本机既没有 postgres 用户也没有 nobody 用户。请用普通用户启动网格。",
        "PostgreSQL cannot run as root, and this machine has neither a user postgres nor nobody. "
        "Start Wangge as an ordinary user.",
    )


@dataclass(frozen=True)
class Layout:
    """The paths of one data folder.

    Our own (0711, so that the server's user can pass): the folder and ``postgres/``; readable to us alone:
    ``keys/`` and the lock and state files; the server user's own (0700): ``cluster/`` and ``socket/``.
    """

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "postgres"

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.home / "start.log"

    @property
    def passwords(self) -> Path:
        return self.keys / "postgres.json"

    @property
    def keeper_log(self) -> Path:
        return self.home / "keeper.log"

    @property
    def lease_lock(self) -> Path:
        return self.home / "lease.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.home / "keeper.lock"

    @property
    def state(self) -> Path:
        return self.home / "state.json"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    def prepare(self) -> None:
        """Make what is missing; a folder that was there keeps its permissions."""
        try:
            self.root.parent.mkdir(parents=True, exist_ok=True)
            for folder, mode in ((self.root, 0o711), (self.home, 0o711), (self.keys, 0o700)):
                make_folder(folder, mode)
        except OSError as error:
            raise DomainError(
                500,
                "data_folder",
                f"数据目录 {self.root} 无法使用:{error.strerror}。请用 WANGGE_DATA 指定一个可写的目录。",
                f"The data folder {self.root} cannot be used: {error.strerror}. "
                "Name a folder you may write to with WANGGE_DATA.",
            ) from error

    def password(self, role: str) -> str:
        """The role's password from ``keys/postgres.json``."""
        try:
            return str(json.loads(self.passwords.read_text())[role])
        except (OSError, ValueError, KeyError) as error:
            raise DomainError(
                500,
                "keys_unreadable",
                f"数据库密码文件 {self.passwords} 读不出来。请停止网格,删除该文件后再启动:会换上新密码。",
                f"The file of the database's passwords {self.passwords} cannot be read. "
                "Stop Wangge, remove the file and start again: it gets new passwords.",
            ) from error

    def read_state(self) -> dict[str, Any] | None:
        """What the running server's keeper wrote down, or None."""
        try:
            return dict(json.loads(self.state.read_text()))
        except (OSError, ValueError):
            return None

    def socket_folder(self, user: ServerUser) -> Path:
        """A folder (0700, the server user's) short enough for a socket: outside a deep data folder."""
        inside = self.home / "socket"
        if len(os.fsencode(f"{inside}{SOCKET_NAME}")) <= SOCKET_LIMIT:
            make_folder(inside, 0o700)
            own(inside, user)
            return inside
        runtime = os.environ.get("XDG_RUNTIME_DIR") if user.uid is None else "/run"
        for base in (runtime, tempfile.gettempdir(), "/tmp"):  # noqa: S108  mkdtemp makes a private folder
            if base and len(base) < 60 and os.access(base, os.W_OK) and user.may_enter(Path(base)) is None:
                folder = Path(tempfile.mkdtemp(prefix="wangge-", dir=base))
                own(folder, user)
                return folder
        raise DomainError(
            500,
            "socket_folder",
            f"数据目录 {self.root} 的路径太长,放不下数据库套接字。请用 WANGGE_DATA 指定较短的路径。",
            f"The path of the data folder {self.root} is too long for the database's socket. "
            "Name a shorter one with WANGGE_DATA.",
        )

    def recorded_socket_folder(self, user: ServerUser) -> Path | None:
        """The folder of the server before, if it is still there and still the server user's alone."""
        recorded = (self.read_state() or {}).get("socket_folder")
        try:
            found = os.lstat(recorded) if recorded else None
        except OSError:
            return None
        wanted = (stat.S_IFDIR | 0o700, os.geteuid() if user.uid is None else user.uid)
        return Path(recorded) if recorded and found and (found.st_mode, found.st_uid) == wanted else None

    def remove_socket_folder(self) -> None:
        """Remove a socket folder that lies outside the data folder, as the state file recorded it."""
        folder = Path((self.read_state() or {}).get("socket_folder") or self.home)
        if self.root not in folder.parents and folder.name.startswith("wangge-"):
            shutil.rmtree(folder, ignore_errors=True)


def takes_connections(socket_folder: Path) -> bool:
    """Whether a server answers there: a dying one still accepts, so it must speak (it declines encryption)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(5.0)
        try:
            knock.connect(f"{socket_folder}{SOCKET_NAME}")
            knock.sendall(SSL_REQUEST)
            return knock.recv(1) == b"N"
        except OSError:
            return False


def make_folder(folder: Path, mode: int) -> None:
    """Make one folder with exactly this mode; one that exists is left as it is."""
    try:
        folder.mkdir(mode=mode)
    except FileExistsError:
        return
    folder.chmod(mode)


def own(path: Path, user: ServerUser) -> None:
    """Give a path of ours to the server's user."""
    if user.uid is not None and user.gid is not None:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)


def write_whole(path: Path, content: str) -> None:
    """Write a file that only this user reads, whole or not at all, replacing the old one."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
