"""Residents' pages in a real browser: a telephone of 360 pixels, without JavaScript and with, at 200 %."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.cases.steps import checked
from tests.cast import Town, build_town
from tests.files.media import photo
from wangge.cases.models import Case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("WANGGE_SHOTS", "")

# what is wrong with a page, as a screen reader or a thumb would find it
CHECKS = """() => {
  const wrong = [];
  const seen = (e) => { const r = e.getBoundingClientRect(), s = getComputedStyle(e);
    return r.width > 1 && r.height > 1 && s.visibility !== 'hidden' && s.opacity !== '0' && r.right > 0; };
  const name = (e) => (e.getAttribute('aria-label') || e.alt || (e.labels && [...e.labels].map(l => l.textContent).join(' ')) ||
    e.textContent.trim() || e.title || [...e.querySelectorAll('img')].map(i => i.alt).join(' ') || '').trim();
  for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (e.closest('[hidden]') || (e.tabIndex === -1)) continue;
    const words = name(e) || (e.closest('label') ? e.closest('label').textContent.trim() : '');
    if (!words) wrong.push('no name: ' + e.outerHTML.slice(0, 120));
    if (!seen(e) || e.closest('.foot') || e.closest('p, li, .error')?.matches('p:not(.actions,.answers,.map-tools), .error')) continue;
    const target = e.matches('[type=checkbox], [type=radio]') ? e.closest('label') : e;
    const r = target.getBoundingClientRect();
    if (r.height < 44) wrong.push(`too low for a thumb (${Math.round(r.height)}): ` + e.outerHTML.slice(0, 120));
  }
  for (const e of document.querySelectorAll('img, [role=img]'))
    if (!e.hasAttribute('alt') && !e.getAttribute('aria-label')) wrong.push('no description: ' + e.outerHTML.slice(0, 120));
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  ids.filter((id, n) => ids.indexOf(id) !== n).forEach(id => wrong.push('id twice: ' + id));
  for (const e of document.querySelectorAll('[aria-labelledby], [aria-describedby]'))
    for (const id of (e.getAttribute('aria-labelledby') || e.getAttribute('aria-describedby')).split(' '))
      if (!document.getElementById(id)) wrong.push('points nowhere: ' + id);
  if (document.querySelectorAll('h1').length !== 1) wrong.push('headings of the first level: ' + document.querySelectorAll('h1').length);
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth + 1) wrong.push(`wider than the screen: ${wide} > ${innerWidth}`);
  return wrong;
}"""


@pytest.fixture
def town(live_server) -> Town:
    return build_town(datetime.now(UTC))


@pytest.fixture(params=["no_script", "script"])
def phone(request, chromium: Browser, live_server, town, settings, tmp_path) -> Iterator[Page]:
    """A telephone of 360 pixels, once without JavaScript and once with."""
    settings.FILES_FOLDER = tmp_path / "files"
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 360, "height": 740}, locale="zh-CN", has_touch=True, is_mobile=True,
        java_script_enabled=request.param == "script", geolocation={"longitude": 120.105, "latitude": 35.905, "accuracy": 20},
        permissions=["geolocation"],
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def has_script(page: Page) -> bool:
    return page.locator("html.js").count() == 1


def look(page: Page, name: str) -> None:
    """Nothing is wrong with the page; a picture of it when WANGGE_SHOTS names a folder."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    if has_script(page):
        assert page.evaluate(CHECKS) == [], name


def send(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def report_with_photo(page: Page, tmp_path: Path, shots: str) -> None:
    picture = tmp_path / "lamp.jpg"
    picture.write_bytes(photo(size=(640, 480)))
    page.goto("/")
    look(page, f"{shots}-front")
    page.get_by_role("link", name="反映问题(随手拍)").click()
    page.get_by_label("说说情况").fill("路口的井盖不见了,晚上很危险")
    page.set_input_files("input[name=photos]", str(picture))
    if has_script(page):
        page.wait_for_selector(".thumbs img")
    look(page, f"{shots}-what")
    send(page, "下一步:在哪里")
    page.wait_for_url("**/report/where/")
    page.locator(".map-picture").wait_for()
    page.wait_for_load_state("networkidle")
    look(page, f"{shots}-where")


def test_from_the_front_page_to_the_code_and_a_rating(phone: Page, town: Town, tmp_path: Path) -> None:
    page = phone
    page.goto("/")
    shots = "script" if has_script(page) else "no-script"
    report_with_photo(page, tmp_path, shots)
    for _ in range(2):
        number = page.locator(".map-picture").get_attribute("src")
        page.locator(".map-picture").click(position={"x": 120, "y": 200})
        page.wait_for_function(
            "n => document.querySelector('.map-picture').getAttribute('src') !== n", arg=number
        ) if has_script(page) else page.wait_for_load_state()
    assert "已标出" in page.locator("#map").inner_text()
    look(page, f"{shots}-where-marked")
    if has_script(page):
        page.get_by_role("button", name="用我现在的位置").click()
        page.get_by_text("误差约 20 米").wait_for()
    page.get_by_label("地址或附近的标志").fill("长江路 12 号楼下")
    send(page, "下一步:怎么联系您")
    page.wait_for_url("**/report/you/")
    page.get_by_label("电话", exact=False).first.fill("13812341234")
    look(page, f"{shots}-you")
    send(page, "提交")
    page.wait_for_url("**/follow/**")
    look(page, f"{shots}-sent")
    case = Case.objects.get()
    assert case.position_source == ("gps" if has_script(page) else "map")
    assert case.evidence.count() == 1
    page.goto(page.url.split("?")[0])
    look(page, f"{shots}-progress")
    page.get_by_role("link", name="补充情况或照片").click()
    page.get_by_label("补充的情况").fill("旁边还有一个")
    look(page, f"{shots}-supplement")
    send(page, "提交补充")
    page.get_by_text("已补充").wait_for()


def test_not_solved_is_one_tap_away(phone: Page, town: Town) -> None:
    made = checked(town)
    page = phone
    page.goto(f"/follow/{made.code}/")
    shots = "script" if has_script(page) else "no-script"
    look(page, f"{shots}-checked")
    page.get_by_role("link", name="没有解决").first.click()
    look(page, f"{shots}-rate")
    page.get_by_text("没有处理完").click()
    page.get_by_text("基本满意").click()
    send(page, "提交评价")
    page.get_by_text("已收到您的评价").wait_for()
    assert Case.objects.get().is_dissatisfied
    look(page, f"{shots}-reworked")


@pytest.mark.parametrize("size", ["200", "large", "desk", "dark", "english"])
def test_every_page_at_other_sizes(
    chromium: Browser, live_server, town: Town, settings, tmp_path, size: str
) -> None:
    """At 200 % a telephone of 360 pixels is 180 wide; large type; a desktop; dark; English."""
    settings.FILES_FOLDER = tmp_path / "files"
    wide = {"200": 180, "desk": 1366}.get(size, 360)
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": wide, "height": 700}, locale="en-GB" if size == "english" else "zh-CN",
        color_scheme="dark" if size == "dark" else "light", is_mobile=size != "desk", has_touch=size != "desk",
    )  # fmt: skip
    if size == "large":
        context.add_cookies([{"name": "wangge_type", "value": "large", "url": live_server.url}])
    page = context.new_page()
    made, done = town.reported("路灯坏了"), checked(town)
    for url in ("/", "/help/", "/accessibility/", "/privacy/", "/follow/", "/follow/WRONG/", "/report/"):
        page.goto(url)
        look(page, f"{size}-{url.strip('/').replace('/', '-') or 'front'}")
    page.locator("textarea").fill("爸爸打孩子")
    page.locator("form button.primary").click()
    page.wait_for_url("**/danger/")
    look(page, f"{size}-danger")
    page.locator("main form button").click()
    page.wait_for_url("**/where/")
    look(page, f"{size}-where")
    for url in (
        f"/follow/{made.code}/",
        f"/follow/{made.code}/withdraw/",
        f"/follow/{done.code}/",
        f"/follow/{done.code}/rate/",
    ):
        page.goto(url)
        look(page, f"{size}-{'checked' if done.code in url else 'new'}-{url.split('/')[3] or 'progress'}")
    context.close()


def test_the_keyboard_reaches_everything_in_order(chromium: Browser, live_server, town: Town) -> None:
    context = chromium.new_context(base_url=live_server.url, locale="zh-CN")
    page = context.new_page()
    page.goto("/report/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    order = []
    for _ in range(12):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.name || document.activeElement.className"))
    assert order.index("text") < order.index("kind") < order.index("go")
    page.get_by_label("说说情况").focus()
    page.get_by_role("button", name="下一步:在哪里").click()
    # what is wrong is where the focus is
    assert "请写几个字" in page.evaluate("document.activeElement.textContent")
    context.close()


def test_nothing_is_asked_of_another_site(chromium: Browser, live_server, town: Town) -> None:
    context = chromium.new_context(base_url=live_server.url, locale="zh-CN")
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for url in ("/", "/report/", f"/follow/{checked(town).code}/"):
        page.goto(url)
    assert [url for url in asked if not url.startswith((live_server.url, "blob:", "data:"))] == []
    assert complaints == []
    context.close()
