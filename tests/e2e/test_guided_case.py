"""The guided case by hand at 1366 pixels: every step on the pages of those who do it, from the report to the closing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cast import DAMAGED_ROAD, Town
from tests.demo.demo_town import demo_town
from wangge.cases.models import Case, Entry

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("WANGGE_SHOTS", "")


@pytest.fixture
def town(live_server) -> Iterator[Town]:
    with demo_town(datetime.now(UTC)) as made:
        yield made


@pytest.fixture(params=[1366, 360])
def page(request, chromium: Browser, live_server, town: Town, settings, tmp_path) -> Iterator[Page]:
    settings.FILES_FOLDER = tmp_path / "files"
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": request.param, "height": 768}, locale="zh-CN"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if "Content Security" in line.text else None)
    yield page
    context.close()
    assert not wrong, wrong


def look(page: Page, name: str) -> None:
    """The bar is there and makes no page wider than the screen; a picture when WANGGE_SHOTS names a folder."""
    expect(page.locator(".demo-bar")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), f"{name} is too wide"
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png")


def next_person(page: Page, step: str, name: str) -> None:
    """The bar says whose turn it is; one button signs in and opens the page."""
    expect(page.locator(".demo-step")).to_contain_text(step)
    page.locator(".demo-step").get_by_role("button", name="换成这个人").click()
    expect(page.locator(".demo-people summary")).to_contain_text(name)
    expect(page.locator(".demo-step")).to_contain_text(step)
    look(page, f"guide-{step.replace('/', '-').replace(' ', '-')}")


def do(page: Page, verb: str) -> None:
    """Press the button of a verb on the office's case page."""
    page.locator(f"form[action$='/do/{verb}/'] .actions button").first.click()
    page.wait_for_load_state()


def rate(page: Page, result: str, why: str = "") -> None:
    page.goto(page.url.split("?")[0] + "rate/")
    page.locator("[name=service][value=fair]").check(force=True)
    page.locator(f"[name=result][value={result}]").check(force=True)
    if why:
        page.locator(f"[name=why][value={why}]").check(force=True)
    page.locator(
        "main form[method=post] button[type=submit], main form[method=post] button.primary"
    ).last.click()
    page.wait_for_load_state()


def report_by_hand(page: Page) -> None:
    """Step 1: everything is filled in; look it through and send it."""
    page.goto("/demo/")
    look(page, "demo")
    page.locator("main").get_by_role("button", name="开始").click()
    page.wait_for_url("**/report/")
    expect(page.locator("[name=text]")).to_have_value(
        "长江路1号门前路面破了个大坑,电动车差点摔倒,请尽快补好。"
    )
    look(page, "guide-1")
    page.get_by_role("button", name="下一步:在哪里").click()
    page.wait_for_url("**/where/")
    page.locator("button.primary[value=next], button.primary").last.click()
    page.wait_for_url("**/you/")
    page.locator("button.primary").last.click()
    page.wait_for_url("**/follow/**")


def unit_works(page: Page, tmp_path: Path) -> None:
    """Report the result with the drawing that the bar hands out."""
    with page.expect_download() as given:
        page.get_by_role("link", name="下载处置后示意图").click()
    picture = tmp_path / "after.jpg"
    given.value.save_as(picture)
    form = page.locator("form[action$='/do/report_result/']")
    form.locator("[name=result]").fill("坑已填平,路面恢复")
    form.locator("[name=photos_after]").set_input_files(str(picture))
    do(page, "report_result")


def test_all_seven_steps_by_hand(page: Page, tmp_path: Path) -> None:
    report_by_hand(page)
    next_person(page, "2/7 受理、立案", "褚受")
    do(page, "accept")
    page.locator(f"form[action$='/do/docket/'] [name=category][value='{DAMAGED_ROAD}']").check()
    do(page, "docket")
    next_person(page, "2/7 派遣", "卫派")
    page.locator("form[action$='/do/dispatch/'] [name=lead]").first.check()
    do(page, "dispatch")
    next_person(page, "3/7", "许工")
    do(page, "take")
    unit_works(page, tmp_path)
    next_person(page, "4/7", "沈核")
    do(page, "check_passed")
    next_person(page, "5/7", "居民")
    rate(page, "not_solved", "incomplete")
    next_person(page, "6/7 单位返工", "许工")
    unit_works(page, tmp_path)
    next_person(page, "6/7 再次核查", "沈核")
    do(page, "check_passed")
    next_person(page, "7/7", "居民")
    rate(page, "solved")
    expect(page.locator(".demo-step")).to_contain_text("走完了")
    page.get_by_role("link", name="看全过程").click()
    expect(page.locator("h1")).to_contain_text("居民满意,才结案")
    look(page, "guide-finish")
    case = Case.objects.get()
    assert (case.state, case.n_rework, case.is_simulated) == ("closed", 1, False)
    assert [entry.verb for entry in Entry.objects.filter(case=case).order_by("seq")] == [
        "report", "accept", "docket", "dispatch", "take", "report_result", "check_passed", "rate", "report_result",
        "check_passed", "rate",
    ]  # fmt: skip


def test_nine_presses_of_one_button(page: Page) -> None:
    page.goto("/")
    page.locator(".demo-start button").click()
    for _ in range(9):
        page.locator(".demo-bar").get_by_role("button", name="替我办").click()
        page.wait_for_load_state()
        look(page, "guide-done-for-me")
    page.wait_for_url("**/demo/guide/finish/")
    assert Case.objects.get().state == "closed"
    page.get_by_role("button", name="完成").click()
    expect(page.locator(".demo-step")).to_have_count(0)
