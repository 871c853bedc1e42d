"""The processes of a running installation, by what they do; and how to find one to kill."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psutil

from drill.town import Folder, Service

SERVE, WEB, WEB_WORKER, WORKER = "serve", "web", "web_worker", "worker"
DATABASE, BACKEND, KEEPER, REPLAY = "database", "backend", "keeper", "replay"
# in this order, so that few kills already hit the most important ones
TARGETS = (SERVE, WEB_WORKER, WORKER, DATABASE, REPLAY, KEEPER, BACKEND, WEB)
NAMES = {
    SERVE: "serve 主进程", WEB: "网页主进程", WEB_WORKER: "网页进程", WORKER: "后台进程", DATABASE: "数据库",
    BACKEND: "数据库连接进程", KEEPER: "数据库看守进程", REPLAY: "重放",
}  # fmt: skip
NEEDED = (SERVE, WEB, WEB_WORKER, WORKER, DATABASE, KEEPER)


def family(folder: Folder, service: Service) -> dict[str, list[int]]:
    """Process numbers by part; only living ones."""
    found: dict[str, list[int]] = {name: [] for name in TARGETS}
    with suppress(psutil.Error):
        top = psutil.Process(service.process.pid)
        found[SERVE] = [top.pid] if is_alive(top) else []
        for child in top.children():
            words = child.cmdline()
            if is_web(child):
                found[WEB].append(child.pid)
                found[WEB_WORKER] += [p.pid for p in child.children() if is_alive(p) and is_web(p)]
            elif words[-1:] == ["worker"] and is_alive(child):
                found[WORKER].append(child.pid)
    with suppress(OSError, ValueError, psutil.Error):
        keeper = int(folder.layout.keeper_lock.read_text())
        found[KEEPER] = [keeper] if psutil.pid_exists(keeper) else []
    with suppress(OSError, ValueError, KeyError, psutil.Error):
        server = psutil.Process(int((folder.layout.read_state() or {})["server"]))
        found[DATABASE] = [server.pid] if is_alive(server) else []
        found[BACKEND] = [p.pid for p in server.children() if "wangge_app" in " ".join(p.cmdline())]
    return found


def is_web(process: psutil.Process) -> bool:
    """The web's master, or one of its workers, which are its copies."""
    return "wangge.kit.processes.web" in process.cmdline()


def is_alive(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def is_whole(folder: Folder, service: Service) -> bool:
    """Every part is there."""
    there = family(folder, service)
    return all(there[name] for name in NEEDED)


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
