"""The grid worker's pages in a real browser: 360 × 740, without JavaScript and with, large type, English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.cases.steps import handled
from tests.cast import RUBBISH, Town, build_town
from tests.field.browser import has_script, look, sign_in
from tests.field.conftest import photo
from wangge.cases.actions import intake
from wangge.cases.models import Case, Evidence, Inspection

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(live_server) -> Town:
    return build_town(datetime.now(UTC))


@pytest.fixture(params=["no_script", "script"])
def phone(request, chromium: Browser, live_server, town: Town, settings, tmp_path) -> Iterator[Page]:
    """The grid worker's phone: 360 pixels, once without JavaScript and once with."""
    settings.FILES_FOLDER = tmp_path / "files"
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 360, "height": 740}, locale="zh-CN", has_touch=True, is_mobile=True,
        java_script_enabled=request.param == "script", geolocation={"longitude": 120.105, "latitude": 35.905, "accuracy": 12},
        permissions=["geolocation"],
    )  # fmt: skip
    sign_in(context, live_server.url, town.people["grid_worker"])
    page = context.new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if is_complaint(line) else None)
    yield page
    context.close()
    assert not complaints, complaints


def is_complaint(line: ConsoleMessage) -> bool:
    """What the browser refuses or trips over; an answer 422 is no fault of the page."""
    return line.type == "error" and not line.text.startswith("Failed to load resource")


@pytest.fixture
def picture(tmp_path) -> str:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo().read())
    return str(path)


def test_a_report_in_three_taps(phone: Page, town: Town, picture: str) -> None:
    page = phone
    page.goto("/field/")
    kind = "script" if has_script(page) else "no-script"
    look(page, f"{kind}-today-empty")
    page.locator(".bottom-bar .raised").click()
    look(page, f"{kind}-what")
    page.set_input_files("#camera", picture)  # first tap: the camera
    if not has_script(page):
        page.locator("button.next").click()
    page.wait_for_url("**/report/where/")
    look(page, f"{kind}-where")
    if has_script(page):
        page.get_by_role("button", name="就在这里").click()  # second tap
    else:
        page.get_by_label("地点").fill("东门小广场旁")
        page.locator("button.next").click()
    page.wait_for_url("**/report/category/")
    look(page, f"{kind}-category")
    page.get_by_role("button", name="暴露垃圾").first.click()  # third tap
    page.wait_for_url("**/report/done/")
    look(page, f"{kind}-done")
    case = Case.objects.get()
    assert case.number in page.locator("main").inner_text()
    assert (case.category.code, case.area.code) == (RUBBISH, town.areas["grid_1"].code)
    assert (case.lon is not None) == has_script(page)
    assert Evidence.objects.filter(case=case).count() == 1


def test_solved_on_the_spot(phone: Page, picture: str) -> None:
    page = phone
    page.goto("/field/report/")
    page.get_by_label("情况说明").fill("楼下垃圾")
    page.locator("button.next").click()
    page.get_by_label("地点").fill("2号楼")
    page.locator("button.next").click()
    page.get_by_text("已当场解决").click()
    page.get_by_role("button", name="暴露垃圾").first.click()
    page.wait_for_url("**/report/result/")
    page.get_by_label("办理结果").fill("当场清走")
    page.get_by_role("button", name="上报并办结").click()
    expect(page.locator(".notice.error")).to_contain_text("处置后照片")
    assert page.get_by_label("办理结果").input_value() == "当场清走"
    page.set_input_files("#camera", picture)
    look(page, f"{'script' if has_script(page) else 'no-script'}-result")
    page.get_by_role("button", name="上报并办结").click()
    page.wait_for_url("**/report/done/")
    assert Case.objects.get().state == "closed"


def test_a_category_is_found_while_typing(phone: Page) -> None:
    page = phone
    page.goto("/field/report/")
    page.get_by_label("情况说明").fill("有情况")
    page.locator("button.next").click()
    page.get_by_label("地点").fill("2号楼")
    page.locator("button.next").click()
    page.wait_for_url("**/report/category/")
    page.get_by_label("找类别").fill("井盖")
    if has_script(page):
        shown = page.locator("#all li:visible")
        expect(shown.first).to_contain_text("井盖")
        assert shown.count() < 5
        shown.first.locator("button").click()
    else:
        page.get_by_label("找类别").press("Enter")
        page.get_by_role("button", name="井盖破损缺失").first.click()
    page.wait_for_url("**/report/done/")
    assert Case.objects.get().category.code == "2101"


def test_verify_and_look(phone: Page, town: Town, picture: str) -> None:
    asked = town.reported("门口井盖松动").case
    intake.ask_verification(asked.pk, actor=town.actor("intake_clerk"))
    looked = handled(town).case
    page = phone
    page.goto("/field/")
    kind = "script" if has_script(page) else "no-script"
    look(page, f"{kind}-today")
    page.get_by_role("link", name="门口井盖松动").click()
    look(page, f"{kind}-case")
    page.get_by_role("link", name="去核实").click()
    look(page, f"{kind}-verify")
    page.get_by_role("link", name="属实", exact=True).click()
    page.set_input_files("#camera", picture)
    look(page, f"{kind}-verify-photo")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".notice.success")).to_contain_text("核实")
    assert Inspection.objects.get(case=asked).finding == "true"
    page.goto(f"/field/cases/{looked.number}/")
    page.get_by_role("link", name="报现场所见").click()
    page.get_by_role("link", name="未恢复").click()
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".notice.success")).to_contain_text("现场所见")
    assert Inspection.objects.get(case=looked, purpose="seen").finding == "not_restored"


def test_grids_and_me_in_large_type(phone: Page, town: Town) -> None:
    page = phone
    town.reported(
        "一个标题特别长的事项,看看三百六十像素宽的手机用大字会不会撑破页面",
        address="乌鲁木齐高新技术产业开发区" * 4,
    )
    kind = "script" if has_script(page) else "no-script"
    page.goto("/field/me/")
    look(page, f"{kind}-me")
    page.get_by_role("button", name="大字").click()
    expect(page.locator("html.large")).to_have_count(1)
    number = Case.objects.get().number
    grid, case = f"grids/{town.areas['grid_1'].code}/cases/", f"cases/{number}/"
    for name in ("", "grids/", grid, "report/", "me/", "me/about/", case, f"{case}note/"):
        page.goto(f"/field/{name}")
        look(page, f"{kind}-large-{name.replace('/', '-')}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 361 if has_script(page) else True


def test_english(phone: Page, town: Town) -> None:
    page = phone
    page.goto("/field/me/")
    page.get_by_role("button", name="English").click()
    told = {
        "": "Nothing waits for you now",
        "report/": "What do you see?",
        "grids/": "Households",
        "me/about/": "Run by",
    }
    for name, words in told.items():
        page.goto(f"/field/{name}")
        expect(page.locator("main")).to_contain_text(words)
        look(page, f"{'script' if has_script(page) else 'no-script'}-en-{name.strip('/').replace('/', '-')}")
