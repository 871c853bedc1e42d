"""The web server's process: granian with WSGI workers; each ends with it, and it ends with ``serve``."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.urls import get_resolver
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from wangge.kit.bodies import blocking_threads
from wangge.kit.processes.children import end_with, end_with_given_parent

BACKLOG = 1024
WARM_UP_PATH = "/healthz"


class Application:
    """Loads the application inside a worker process."""

    def __init__(self, parent: int) -> None:
        self.parent = parent

    def __call__(self, target: str) -> Any:
        end_with(self.parent)
        for sign in (
            signal.SIGTERM,
            signal.SIGINT,
        ):  # until granian sets its own, stopping need not wait for us
            signal.signal(sign, signal.SIG_DFL)
        module, _, name = target.partition(":")
        application = getattr(importlib.import_module(module), name)
        warm_up(application)
        return application


def warm_up(application: Any) -> None:
    """Answer one request before anybody is let in: all modules are then loaded, and by one thread alone.

    Else the first visitors wait for that together, on a busy machine for half a minute.
    """
    environ = {
        "PATH_INFO": WARM_UP_PATH,
        "HTTP_HOST": settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "localhost"),
    }
    setup_testing_defaults(environ)
    list(application(environ, lambda status, headers: None))
    get_resolver().url_patterns  # noqa: B018  reading them loads every page's module


def main() -> None:
    end_with_given_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    given = parser.parse_args()
    server = Server(
        "wangge.wsgi:application",
        address=given.host,
        port=given.port,
        interface=Interfaces.WSGI,
        workers=given.workers,
        blocking_threads=blocking_threads(),
        backlog=BACKLOG,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        websockets=False,
    )
    server.serve(target_loader=Application(os.getpid()))


if __name__ == "__main__":
    main()
