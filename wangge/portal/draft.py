"""A report that is being written: kept sealed in the visitor's session between the steps, gone when it is sent.

Steps read and write it, so that going back, reloading and a failed upload lose nothing. It ends with the session.
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

SESSION_KEY = "portal.report"
PURPOSE = "portal.draft"


@dataclass
class Upload:
    """A stored file that waits to be attached."""

    key: str
    kind: str


@dataclass
class Draft:
    """What was said so far. ``key`` makes sending it twice one case; ``follows`` is the code of an earlier report."""

    key: str = field(default_factory=new_key)
    follows: str = ""
    kind: str = "problem"
    text: str = ""
    files: list[Upload] = field(default_factory=list)
    camera: list[float] | None = None  # where a photo says it was taken: offered, used with consent only
    has_seen_advice: bool = False
    area: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    source: str = ""
    view: list[float] | None = None  # middle of the map and its level
    who: str = "contact"
    name: str = ""
    phone: str = ""
    may_show: bool = False

    @property
    def has_said_what(self) -> bool:
        return bool(self.text.strip() or self.files)

    @property
    def has_position(self) -> bool:
        return self.lon is not None and self.lat is not None

    @property
    def has_said_where(self) -> bool:
        return self.has_position or bool(self.area or self.address.strip())

    @property
    def file_keys(self) -> list[str]:
        return [file.key for file in self.files]

    def set_position(self, lon: float, lat: float, accuracy_m: float | None, source: str) -> None:
        self.lon, self.lat, self.accuracy_m, self.source = lon, lat, accuracy_m, source

    def forget_position(self) -> None:
        self.lon = self.lat = self.accuracy_m = None
        self.source = ""


def read_draft(request: HttpRequest) -> Draft | None:
    """The draft of this visitor; None when there is none (or it cannot be opened any more)."""
    sealed = request.session.get(SESSION_KEY)
    if not isinstance(sealed, str):
        return None
    try:
        content: dict[str, Any] = orjson.loads(ring().unseal(base64.b64decode(sealed), PURPOSE))
    except (ValueError, DomainError):  # another key, another version: begun anew
        return None
    known = {one.name for one in fields(Draft)}
    content["files"] = [Upload(**file) for file in content.get("files", [])]
    return Draft(**{name: value for name, value in content.items() if name in known})


def keep_draft(request: HttpRequest, draft: Draft) -> None:
    """Write the draft into the session."""
    content = orjson.dumps(asdict(draft)).decode()
    request.session[SESSION_KEY] = base64.b64encode(ring().seal(content, PURPOSE)).decode()


def drop_draft(request: HttpRequest) -> None:
    """Forget it; the report has been sent."""
    request.session.pop(SESSION_KEY, None)


def ring() -> KeyRing:
    return key_ring(settings.KEYS_FOLDER)
