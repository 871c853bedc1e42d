"""What every command of the program is given: the data folder, the database's server, the house's wiring."""

from __future__ import annotations

import fcntl
import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from wangge.kit.errors import DomainError
from wangge.kit.postgres import Server

OK, FAILED, USAGE, REFUSED, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 130, 143


def version() -> str:
    """The version of Wangge, also when it runs from a clone without being installed."""
    try:
        return metadata.version("wangge")
    except metadata.PackageNotFoundError:
        project = Path(__file__).parents[2] / "pyproject.toml"
        return str(tomllib.loads(project.read_text())["project"]["version"])


@dataclass(frozen=True)
class Program:
    """Given to commands as ``click``'s object: ``@click.pass_obj``.

    ``server`` is None when ``DATABASE_URL`` names a database that somebody else runs. ``wiring`` is
    ``wangge.wiring``: the kit sits below the features, so what they offer to it comes in this way.
    """

    data_folder: Path
    server: Server | None = None
    wiring: ModuleType | None = None

    def offered(self, name: str) -> Callable[..., Any] | None:
        """The function that the features offer under this name, if they do."""
        found: Callable[..., Any] | None = getattr(self.wiring, name, None)
        return found

    def listed(self, name: str) -> list[Any]:
        """The list that the features offer under this name."""
        return list(getattr(self.wiring, name, []))


@contextmanager
def only_one(data_folder: Path, name: str, *, zh: str, en: str) -> Iterator[None]:
    """Hold ``<data folder>/<name>.lock`` alone; raises DomainError ``already_running`` (409) if another does.

    The kernel frees it at any death. ``zh`` and ``en`` name what is running.
    """
    data_folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data_folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(descriptor, 20, 0).decode()
            raise DomainError(
                409,
                "already_running",
                f"数据目录 {data_folder} 上的{zh}已在运行(进程 {pid})。请先停止它,或用 WANGGE_DATA 另选目录。",
                f"{en} is already running on the data folder {data_folder} (process {pid}). "
                "Stop it first, or name another folder with WANGGE_DATA.",
            ) from None
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)
