"""One private throw-away PostgreSQL for each test run, started before Django reads its settings.

The first process (the controller, when tests run in parallel) starts it; the workers inherit the addresses.
It stops at the end, after Ctrl-C, and when the run is killed. ``WANGGE_POSTGRES_BIN`` chooses another server.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from wangge.kit.errors import DomainError
from wangge.kit.postgres import lease

STACK = pytest.StashKey[ExitStack]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # a shell's background job; the programs under test would inherit it and never hear Ctrl-C
        signal.signal(signal.SIGINT, signal.default_int_handler)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        own = Path(os.environ["WANGGE_TEST_FOLDER"]) / worker
        own.mkdir(exist_ok=True)
        os.environ["WANGGE_DATA"] = str(own)
    else:
        stack = early_config.stash[STACK] = ExitStack()
        _start(stack)
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    stack = config.stash.get(STACK, None)
    if stack is not None:
        stack.close()


def _start(stack: ExitStack) -> None:
    folder = Path(tempfile.mkdtemp(prefix="wangge-test-"))
    folder.chmod(0o711)
    try:
        server = stack.enter_context(lease(folder, durable=False, throw_away=True))
    except DomainError as error:
        raise pytest.UsageError(str(error)) from error
    os.environ["WANGGE_TEST_FOLDER"] = os.environ["WANGGE_DATA"] = str(folder)
    os.environ["DATABASE_URL"] = server.app_url
    os.environ["DATABASE_OWNER_URL"] = server.owner_url
