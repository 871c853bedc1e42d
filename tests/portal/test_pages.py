"""What every residents' page must be: labelled, in one language, without another site, with owner and complaints."""

from __future__ import annotations

import itertools
import re

import pytest

from tests.cases.steps import checked
from tests.portal.browser import Browser, Page
from tests.portal.test_report import reported

CJK = re.compile(r"[\u3400-\u9fff]")
PLAIN = ["/", "/help/", "/accessibility/", "/privacy/", "/report/", "/follow/"]


def pages(browser: Browser, town) -> dict[str, Page]:
    """Every page of the portal once, in the language of the browser."""
    found = {url: browser.open(url) for url in PLAIN}
    browser.open("/report/")
    browser.send(text="a child was beaten 打孩子", go="next")
    found["danger"] = browser.page
    browser.send()
    found["where"] = browser.page
    browser.send(address="12", go="next")
    found["you"] = browser.page
    browser.send(go="send")
    found["sent"] = browser.page
    code = browser.url.split("/")[2]
    for verb in ("supplement", "urge", "withdraw", "reopen"):
        found[verb] = browser.open(f"/follow/{code}/{verb}/")
    made = checked(town)
    found["checked"] = browser.open(f"/follow/{made.code}/")
    found["rate"] = browser.open(f"/follow/{made.code}/rate/")
    found["wrong"] = browser.open("/follow/WRONG/")
    return found


def test_every_field_has_a_name_every_id_is_unique_every_image_a_description(town, browser):
    for name, page in pages(browser, town).items():
        unnamed = [
            field for field in page.fields
            if field.get("type") not in ("hidden",) and not field.get("in_label") and field.get("id") not in page.labels
            and not field.get("alt") and not field.get("aria-label")
        ]  # fmt: skip
        assert not unnamed, (name, unnamed)
        assert len(page.ids) == len(set(page.ids)), (name, [i for i in page.ids if page.ids.count(i) > 1])
        assert not re.findall(r"<img(?![^>]*\balt=)", page.html), name
        assert page.html.count("<h1") == 1, name
        for landmark in ("<header", "<main", "<footer", "<nav", 'class="skip"', '<html lang="zh-CN"'):
            assert landmark in page.html, (name, landmark)
        assert " style=" not in page.html, name
        assert "<script>" not in page.html, name
        levels = [int(n) for n in re.findall(r"<h([1-6])", page.html)]
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), (name, levels)


def test_no_page_names_another_site_and_each_names_its_owner(town, browser, settings):
    settings.PORTAL_OWNER, settings.PORTAL_FILING, settings.PORTAL_COMPLAINTS = (
        "望海县",
        "鲁ICP备00000000号",
        "0532-12345",
    )
    for name, page in pages(browser, town).items():
        outside = [url for url in [*page.links, *page.sources] if "//" in url]
        assert not outside, (name, outside)
        for said in ("望海县", "鲁ICP备00000000号", "0532-12345", "工作人员登录"):
            assert said in page.text, (name, said)


def test_what_is_not_set_is_said_honestly(town, browser):
    assert "备案号尚未登记" in browser.open("/").text.replace(" ", "")
    assert "tel:12345" in browser.page.links


def test_english_pages_are_english(town):
    browser = Browser("en")
    for name, page in pages(browser, town).items():
        words = page.text
        for known in ("打孩子", "中文", "门口道路破了一个大坑", "坑已填平,路面恢复"):
            words = words.replace(known, "")
        assert not CJK.search(words), (name, CJK.findall(words)[:40])


def test_chinese_pages_are_chinese(town, browser):
    """No English sentence on a Chinese page."""
    for name, page in pages(browser, town).items():
        words = re.sub(
            r"a child was beaten|English|JavaScript|Cookie|GB/T|WCAG|AA|[A-Z0-9-]{6,}", "", page.text
        )
        assert not re.findall(r"[A-Za-z][a-z]{3,} [A-Za-z][a-z]+", words), name


def test_the_language_switch_comes_back_to_the_page(town, browser):
    code = reported(browser)
    browser.open(f"/follow/{code}/")
    form = next(form for form in browser.page.forms if form["action"] == "/language/")
    answer = browser.client.post("/language/", {**form["fields"], "language": "en"})
    assert answer["Location"] == f"/follow/{code}/"
    assert "Received, being registered" in browser.open(f"/follow/{code}/").text


@pytest.mark.django_db
def test_an_empty_installation_still_answers():
    browser = Browser()
    browser.open("/")
    assert browser.status == 200
    assert "110" in browser.page.text


def test_the_front_page_puts_danger_first(town, browser):
    page = browser.open("/")
    calls = [link for link in page.links if link.startswith("tel:")][:3]
    assert calls == ["tel:110", "tel:119", "tel:120"]
    assert page.html.index("tel:110") < page.html.index("/report/")
    assert "望海街道" in page.text or "望海县" in page.text
