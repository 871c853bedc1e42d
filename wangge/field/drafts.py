"""A report that is being made: kept sealed in the worker's session between the steps, gone when it is sent.

Steps read and write it, so that going back, reloading, an error or a failed upload lose nothing.
"""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest

from wangge.kit.crypto import KeyRing, key_ring
from wangge.kit.errors import DomainError
from wangge.kit.form_once import new_key

SESSION_KEY = "field.report"
SENT_KEY = "field.sent"
PURPOSE = "field.draft"


@dataclass
class Draft:
    """What was said so far. ``key`` makes sending it twice one case; ``files`` are keys of own uploads."""

    key: str = field(default_factory=new_key)
    text: str = ""
    files: list[str] = field(default_factory=list)
    for_resident: bool = False
    name: str = ""
    phone: str = ""
    may_show: bool = False
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    source: str = ""
    address: str = ""
    area: str = ""
    category: str = ""
    is_solved: bool = False
    result: str = ""
    after: list[str] = field(default_factory=list)

    @property
    def has_said_what(self) -> bool:
        return bool(self.text.strip() or self.files)

    @property
    def has_position(self) -> bool:
        return self.lon is not None and self.lat is not None

    @property
    def has_said_where(self) -> bool:
        return self.has_position or bool(self.address.strip())

    def set_place(
        self, *, lon: float | None = None, lat: float | None = None, accuracy_m: float | None = None, source: str = "",
        address: str = "", area: str = "",
    ) -> None:  # fmt: skip
        """One place instead of another: what was said before about it is forgotten."""
        self.lon, self.lat, self.accuracy_m, self.source = lon, lat, accuracy_m, source
        self.address, self.area = address, area


@dataclass
class Sent:
    """What was sent last: the case, and the code for the resident behind it (empty when there is none)."""

    number: str
    code: str = ""


def read_draft(request: HttpRequest) -> Draft:
    """The draft of this worker; a new one when there is none (or it cannot be opened any more)."""
    content = opened(request, SESSION_KEY)
    known = {one.name for one in fields(Draft)}
    return Draft(**{name: value for name, value in content.items() if name in known}) if content else Draft()


def keep_draft(request: HttpRequest, draft: Draft) -> None:
    """Write the draft into the session."""
    seal(request, SESSION_KEY, asdict(draft))


def drop_draft(request: HttpRequest) -> None:
    """Forget it: it has been sent, or the worker begins anew."""
    request.session.pop(SESSION_KEY, None)


def keep_sent(request: HttpRequest, sent: Sent) -> None:
    """Remember what was sent, for the page that says so."""
    seal(request, SENT_KEY, asdict(sent))


def read_sent(request: HttpRequest) -> Sent | None:
    """What this worker sent last in this session."""
    content = opened(request, SENT_KEY)
    return Sent(**content) if content else None


def seal(request: HttpRequest, name: str, content: dict[str, Any]) -> None:
    request.session[name] = base64.b64encode(ring().seal(orjson.dumps(content).decode(), PURPOSE)).decode()


def opened(request: HttpRequest, name: str) -> dict[str, Any]:
    sealed = request.session.get(name)
    if not isinstance(sealed, str):
        return {}
    try:
        content: dict[str, Any] = orjson.loads(ring().unseal(base64.b64decode(sealed), PURPOSE))
    except (ValueError, DomainError):  # another key: begun anew
        return {}
    return content


def ring() -> KeyRing:
    return key_ring(settings.KEYS_FOLDER)
