"""Every main page in a real browser: nothing that the page does breaks the content security policy or fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from tests.cases.steps import checked, docketed
from tests.cast import Town, build_town
from tests.demo.demo_town import demo_town
from wangge.accounts.admin_site import site
from wangge.kit.clock import REAL_CLOCK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REPORTED = """document.addEventListener('securitypolicyviolation', (e) => {
  console.error('POLICY ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sourceFile + ':' + e.lineNumber + ' ' + e.sample); });"""
# what a browser says of an answer that is meant to be a refusal
MEANT = "Failed to load resource: the server responded with a status of 40"


@pytest.fixture
def town(live_server, settings, tmp_path) -> Town:
    settings.FILES_FOLDER = tmp_path / "files"
    return build_town(datetime.now(UTC))


@pytest.fixture
def faults(chromium: Browser) -> Iterator[list[str]]:
    found: list[str] = []
    yield found
    assert found == []


def watched(context: BrowserContext, faults: list[str]) -> Page:
    """A page whose every violation, script error and error line is a fault."""
    context.add_init_script(REPORTED)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda line: (
            faults.append(f"{page.url}: {line.text} {line.location.get('url')}")
            if line.type == "error" and not line.text.startswith(MEANT)
            else None
        ),
    )
    return page


def seat(chromium: Browser, address: str, town: Town | None, name: str, faults: list[str]) -> Page:
    """A browser in which this person is signed in; nobody when ``name`` is empty."""
    context = chromium.new_context(base_url=address, viewport={"width": 1366, "height": 768}, locale="zh-CN")
    if name and town:
        client = Client()
        client.force_login(town.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}]
        )
    return watched(context, faults)


def walk(page: Page, addresses: list[str]) -> None:
    for address in addresses:
        answer = page.goto(address, wait_until="load")
        assert answer is not None, address
        assert answer.status in (200, 403, 404), f"{address}: {answer.status}"
        assert "script-src 'self'" in answer.headers["content-security-policy"], address


def test_the_watch_sees_a_violation(chromium: Browser, live_server, town: Town) -> None:
    """Otherwise an empty list would say nothing."""
    faults: list[str] = []
    page = seat(chromium, live_server.url, None, "", faults)
    page.goto("/")
    page.evaluate(
        "() => { const p = document.createElement('p'); p.setAttribute('style', 'color:red'); document.body.append(p); }"
    )
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.evil = 1'; document.body.append(s); }"
    )
    page.wait_for_timeout(200)
    assert any("style-src" in fault for fault in faults), faults
    assert any("script-src" in fault for fault in faults), faults
    assert page.evaluate("window.evil") is None


def test_residents_pages(chromium: Browser, live_server, town: Town, faults: list[str]) -> None:
    new, done = town.reported("路灯坏了"), checked(town)
    page = seat(chromium, live_server.url, None, "", faults)
    walk(page, ["/", "/help/", "/accessibility/", "/privacy/", "/follow/", "/follow/WRONG/", f"/follow/{new.code}/",
                f"/follow/{new.code}/withdraw/", f"/follow/{new.code}/supplement/", f"/follow/{done.code}/rate/",
                "/nowhere/", "/sign-up/", "/sign-in/", "/report/"])  # fmt: skip
    page.locator("textarea").fill("路灯坏了")
    page.locator("form button.primary").click()
    page.wait_for_url("**/where/")
    page.get_by_label("地址或附近的标志").fill("长江路 12 号")
    page.locator("main form button.primary").last.click()
    page.wait_for_url("**/you/")


def test_staff_pages(chromium: Browser, live_server, town: Town, faults: list[str]) -> None:
    case, grid = docketed(town).case, town.areas["grid_1"].code
    office = seat(chromium, live_server.url, town, "dispatcher", faults)
    number = f"/office/cases/{case.number}/"
    walk(office, ["/office/", "/office/cases/", number, f"{number}sheet/", f"{number}resident/", "/office/figures/",
                  "/office/areas/", f"/office/areas/{grid}/", f"/office/areas/{grid}/board/", "/inbox/", "/me/",
                  "/me/password/", "/me/second-factor/", "/me/second-factor/add/", "/office/cases/nothing/"])  # fmt: skip
    walk(
        seat(chromium, live_server.url, town, "intake_clerk", faults),
        ["/office/cases/new/", "/office/import/"],
    )
    phone = seat(chromium, live_server.url, town, "grid_worker", faults)
    walk(phone, ["/field/", "/field/report/", "/field/grids/", f"/field/grids/{grid}/cases/", "/field/me/",
                 "/field/me/reports/", "/field/me/about/", f"/field/cases/{case.number}/"])  # fmt: skip
    assert not Authenticator.objects.exists()


def test_administration(chromium: Browser, live_server, town: Town, faults: list[str]) -> None:
    """Every list and every form that one of the three administrators may open, each once."""
    seen: set[str] = set()
    for name in ("system_admin", "security_admin", "audit_admin"):
        user = town.people[name]
        lists = [
            f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            for model in site._registry
            if user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
        ]
        assert lists, name
        page = seat(chromium, live_server.url, town, name, faults)
        pages = ["/admin/", *(page for address in lists for page in (address, f"{address}add/"))]
        walk(page, [address for address in pages if address not in seen])
        seen |= {*pages} - {"/admin/"}
    page = seat(chromium, live_server.url, town, "system_admin", faults)
    walk(page, ["/admin/setup/", "/admin/setup/import/areas/"])


def test_the_demo_bar(chromium: Browser, live_server, settings, tmp_path, faults: list[str]) -> None:
    settings.FILES_FOLDER = tmp_path / "files"
    with demo_town(REAL_CLOCK.now()):
        page = seat(chromium, live_server.url, None, "", faults)
        walk(page, ["/demo/", "/"])
        with page.expect_navigation(wait_until="networkidle"):  # its town goes when the test ends
            page.locator(".demo-start button").first.click()
        assert page.locator(".demo-bar").count() == 1
