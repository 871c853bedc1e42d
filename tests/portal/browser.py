"""A browser without scripts: follows links, fills in the forms it finds on the page, keeps cookies."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from django.test import Client

VOID = {"input", "img", "meta", "link", "br", "hr", "source"}


class Page(HTMLParser):
    """What is on a page: its text, links, forms with their fields, and what is not labelled."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.words: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.ids: list[str] = []
        self._open: list[str] = []
        self._words_of: tuple[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, found: list[tuple[str, str | None]]) -> None:
        attrs = dict(found)
        if tag not in VOID:
            self._open.append(tag)
        if attrs.get("id"):
            self.ids.append(str(attrs["id"]))
        if tag == "a" and attrs.get("href"):
            self.links.append(str(attrs["href"]))
        if tag in ("img", "script", "link", "audio", "video"):
            self.sources += [str(attrs[name]) for name in ("src", "href") if attrs.get(name)]
        if tag == "label" and attrs.get("for"):
            self.labels.add(str(attrs["for"]))
        if tag == "form":
            self.forms.append(
                {"action": attrs.get("action") or "", "fields": {}, "method": attrs.get("method")}
            )
        if tag in ("input", "textarea", "select"):
            self.fields.append(attrs | {"tag": tag, "in_label": "label" if "label" in self._open else None})
            self.remember(tag, attrs)
        if tag == "option" and "selected" in attrs and self.forms and self._words_of:
            self.forms[-1]["fields"][self._words_of[1]] = attrs.get("value") or ""

    def remember(self, tag: str, attrs: dict[str, str | None]) -> None:
        name = attrs.get("name")
        if not name or not self.forms:
            return
        held = self.forms[-1]["fields"]
        kind = attrs.get("type") or "text"
        if tag == "input" and kind in ("radio", "checkbox"):
            if "checked" in attrs:
                held[name] = attrs.get("value") or "on"
        elif tag == "input" and kind not in ("file", "submit", "image"):
            held.setdefault(name, attrs.get("value") or "")
        elif tag in ("textarea", "select"):
            held[name] = ""
            self._words_of = (tag, name)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass
        if tag in ("textarea", "select"):
            self._words_of = None

    def handle_data(self, words: str) -> None:
        if self._words_of and self._words_of[0] == "textarea":
            self.forms[-1]["fields"][self._words_of[1]] += words.removeprefix("\n")
        if not {"script", "style"} & set(self._open):
            self.words.append(words)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


class Browser:
    """Where somebody is, and what the page says."""

    def __init__(self, language: str = "zh-hans") -> None:
        self.client = Client(headers={"accept-language": language}, enforce_csrf_checks=True)
        self.url = ""
        self.status = 0
        self.page = Page("")
        self.response: Any = None

    def open(self, url: str) -> Page:
        return self._arrived(self.client.get(url, follow=True), url)

    def fetch(self, url: str) -> tuple[int, str]:
        """Status and kind of a file, read to its end."""
        answer = self.client.get(url)
        if answer.streaming:
            b"".join(answer.streaming_content)
        return answer.status_code, answer["Content-Type"]

    def _arrived(self, response: Any, url: str) -> Page:
        chain = getattr(response, "redirect_chain", [])
        self.url = chain[-1][0] if chain else url
        self.status, self.response = response.status_code, response
        content = response.content if not response.streaming else b""
        self.page = Page(content.decode("utf-8", "replace"))
        return self.page

    def form(self, action: str = "") -> dict[str, Any]:
        """The first form of the page's main part that leads to ``action``."""
        return next(
            form for form in self.page.forms
            if form["method"] == "post" and not form["action"].startswith(("/language/", "/type-size/")) and action in form["action"]
        )  # fmt: skip

    def send(self, action: str = "", follow: bool = True, **given: Any) -> Page:
        """Send the form as the page shows it, with these fields filled in (None: left out)."""
        form = self.form(action)
        fields = {**form["fields"], **given}
        fields = {name: value for name, value in fields.items() if value is not None}
        url = form["action"] or self.url.split("?")[0]
        return self._arrived(self.client.post(url, fields, follow=follow), url)
