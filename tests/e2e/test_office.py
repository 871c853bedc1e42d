"""The office in a real browser at 1366 pixels: by keyboard from the list to the dispatch, undone once, to the closing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cast import PASSWORD, Town, build_town
from tests.files.media import photo
from wangge.cases.actions import closing
from wangge.cases.models import Case
from wangge.cases.queries import reporter_by_code, resident_actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("WANGGE_SHOTS", "")

WRONG = """() => {
  const wrong = [];
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  ids.filter((id, n) => ids.indexOf(id) !== n).forEach(id => wrong.push('id twice: ' + id));
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!(e.labels && e.labels.length) && !e.getAttribute('aria-label') && !e.alt) wrong.push('no label: ' + e.outerHTML.slice(0, 120));
  for (const e of document.querySelectorAll('[aria-describedby]'))
    for (const id of e.getAttribute('aria-describedby').split(' '))
      if (!document.getElementById(id)) wrong.push('points nowhere: ' + id);
  if (document.querySelectorAll('h1').length !== 1) wrong.push('headings of the first level: ' + document.querySelectorAll('h1').length);
  if (document.documentElement.scrollWidth > innerWidth + 1) wrong.push('wider than the screen: ' + document.documentElement.scrollWidth);
  return wrong;
}"""


@pytest.fixture
def town(live_server) -> Town:
    return build_town(datetime.now(UTC))


@pytest.fixture
def sit_down(
    chromium: Browser, live_server, town: Town, settings, tmp_path
) -> Iterator[Callable[[str], Page]]:
    """A browser of their own for each person, signed in at the sign-in page; any error of a script fails the story."""
    settings.FILES_FOLDER = tmp_path / "files"
    contexts, errors = [], []

    def seat(name: str) -> Page:
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": 1366, "height": 768}, locale="zh-CN"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(f"{name}: {error}"))
        page.on(
            "console",
            lambda said: errors.append(f"{name}: {said.text}") if "Content Security" in said.text else None,
        )
        page.goto("/sign-in/")
        page.fill("[name=login]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit], main form button.primary")
        page.wait_for_url("**/office/**")
        return page

    yield seat
    for context in contexts:
        context.close()
    assert errors == []


def look(page: Page, name: str) -> None:
    """Nothing is wrong with the page, wide and narrow; pictures when WANGGE_SHOTS names a folder."""
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate(WRONG) == [], f"{name} at {width}"
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1366, "height": 768})


def test_a_case_by_keyboard_and_mouse(town: Town, sit_down: Callable[[str], Page]) -> None:
    made = town.reported("门口道路破了一个大坑,电动车都过不去")
    town.reported("小区门口垃圾没人收")
    where = f"/office/cases/{made.case.number}/"

    desk = sit_down("zone_manager")
    look(desk, "desk")
    desk.keyboard.press("?")
    expect(desk.locator("#keys")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("j")
    expect(desk.locator("[data-row].here")).to_have_count(1)
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/office/cases/**")
    desk.keyboard.press("u")
    desk.wait_for_url("**/office/")

    desk.goto(where)
    look(desk, "case")
    desk.keyboard.press("1")
    desk.wait_for_load_state()
    expect(desk.locator("input[name=lead]").first).to_be_visible()
    desk.locator("input[name=lead_other]").fill("works")
    desk.locator("[data-one-desk] button.primary").click()
    expect(desk.locator(".undo-bar")).to_be_visible()
    desk.locator(".undo-bar button").click()
    expect(desk.locator(".notice.success").first).to_contain_text("撤销")
    assert Case.objects.get(pk=made.case.pk).state == "docketed"

    desk.locator("form[action$='/do/dispatch/'] input[name=lead_other]").fill("望海县市政工程处")
    desk.locator("form[action$='/do/dispatch/'] button.primary").click()
    expect(desk.locator(".tag.strong")).to_have_text("已派遣")

    unit = sit_down("works_handler")
    unit.goto(where)
    unit.locator("form[action$='/do/take/'] button").click()
    result = unit.locator("form[action$='/do/report_result/']")
    result.locator("[name=result]").fill("坑已填平,路面恢复")
    result.locator("[name=photos_after]").set_input_files(
        {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    result.locator("button.primary").click()
    expect(unit.locator(".tag.strong")).to_have_text("已处置")
    expect(unit.locator(".thumbs img").first).to_be_visible()

    checker = sit_down("checker")
    checker.goto(where)
    checker.locator("form[action$='/do/check_passed/'] button.primary").click()
    expect(checker.locator(".tag.strong")).to_have_text("已核查")

    closing.rate(
        made.case.pk, actor=resident_actor(reporter_by_code(made.code)), service="satisfied", result="solved"
    )
    checker.reload()
    expect(checker.locator(".tag.strong")).to_have_text("已结案")
    look(checker, "closed")


def test_other_pages_hold_together(town: Town, sit_down: Callable[[str], Page]) -> None:
    made = town.reported()
    page = sit_down("zone_manager")
    for name, path in {
        "cases": "/office/cases/?open=open", "new": "/office/cases/new/", "import": "/office/import/",
        "figures": "/office/figures/", "areas": "/office/areas/", "area": "/office/areas/370999001001001/",
        "board": "/office/areas/370999001001001/board/", "sheet": f"/office/cases/{made.case.number}/sheet/",
        "resident": f"/office/cases/{made.case.number}/resident/",
    }.items():  # fmt: skip
        page.goto(path)
        look(page, name)

    page.goto("/office/cases/new/")
    page.fill("[name=text]", "这里有个坑")
    page.locator("input[type=image]").click(position={"x": 150, "y": 250})
    page.wait_for_load_state()
    expect(page.locator("[name=text]")).to_have_value("这里有个坑")
    assert float(page.locator("[name=lon]").input_value()) > 120
