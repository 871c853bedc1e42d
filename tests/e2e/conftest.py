"""Debian's chromium, driven by Playwright; without it these tests are skipped visibly."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each takes its own context."""
    if not os.path.exists(CHROMIUM):
        pytest.skip("chromium is not installed: sudo apt install chromium fonts-noto-cjk")
    # Playwright's loop runs in this thread, and Django would refuse the database beside it
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # beside the loop Django opens connections of its own and would leave the ones from before open for good
    connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def settled(transactional_db: None, chromium: Browser) -> Iterator[None]:
    """When a test ends its pages are closed, and the server has answered everything before its database goes."""
    yield
    for context in chromium.contexts:
        context.close()
    deadline = time.monotonic() + 20
    while n_other_connections() and time.monotonic() < deadline:
        time.sleep(0.1)


def n_other_connections() -> int:
    """How many connections others still have to this test's database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])
