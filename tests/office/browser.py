"""A desk without scripts: opens pages, sends the forms that stand on them, with what they hold already."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

Fields = dict[str, list[str]]


class Forms(HTMLParser):
    """Forms by their address, each field with the value that the page gives it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.by_action: dict[str, Fields] = {}
        self._fields: Fields | None = None
        self._select: tuple[str, bool] | None = None
        self._area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, found: list[tuple[str, str | None]]) -> None:
        attrs = {name: value or "" for name, value in found}
        if tag == "form":
            self._fields = self.by_action.setdefault(attrs.get("action", ""), {})
        if self._fields is None:
            return
        name = attrs.get("name", "")
        if tag == "input" and name and attrs.get("type") not in ("submit", "image", "file"):
            if attrs.get("type") in ("radio", "checkbox"):
                if "checked" in attrs:
                    self._fields.setdefault(name, []).append(attrs.get("value", "on"))
            else:
                self._fields.setdefault(name, []).append(attrs.get("value", ""))
        elif tag == "select" and name:
            self._select = (name, False)
        elif tag == "option" and self._select:
            name, chosen = self._select
            if "selected" in attrs or not chosen:
                self._fields[name] = [attrs.get("value", "")]
                self._select = (name, True)
        elif tag == "textarea" and name:
            self._area = name
            self._fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._area and self._fields is not None:
            self._fields[self._area][0] += data.removeprefix("\r\n").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = None


class Seat:
    """One person at one browser."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.html = ""
        self.status = 0
        self.address = ""

    def open(self, address: str) -> Seat:
        return self._shown(self.client.get(address, follow=True), address)

    def send(self, action: str, /, **given: Any) -> Seat:
        """Send the form whose address ends like this, with these fields changed; then whatever page comes."""
        return self.send_form(*self.form(action), **given)

    def form(self, action: str) -> tuple[str, Fields]:
        """Address and fields of a form on the page."""
        forms = Forms(self.html).by_action
        address = next((one for one in forms if one == action or (action and one.endswith(action))), None)
        assert address is not None, f"no form {action} on {self.address}; there are {sorted(forms)}"
        return address or self.address, dict(forms[address])

    def send_form(self, address: str, fields: Fields, /, **given: Any) -> Seat:
        sent = {
            **fields,
            **{name: value if isinstance(value, list) else [value] for name, value in given.items()},
        }
        return self._shown(self.client.post(address, sent, follow=True), address)

    def _shown(self, answer: Any, address: str) -> Seat:
        self.status = answer.status_code
        self.address = answer.redirect_chain[-1][0] if answer.redirect_chain else address
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        self.html = body.decode()
        return self

    def says(self, words: str) -> bool:
        return words in self.html
