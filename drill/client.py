"""A good client: each request has an Idempotency-Key and is sent again, with the same key, until it is answered."""

from __future__ import annotations

import hashlib
import http.client
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

PATIENCE_SECONDS = 120.0
TIMEOUT_SECONDS = 30.0
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 0.1, 1.0
AGAIN = (500, 502, 503, 504)


class GaveUp(Exception):
    """No answer for a long time, or one that does not belong here."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]
    n_sent: int
    """how often the request was sent"""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def is_replay(self) -> bool:
        return self.headers.get("idempotency-replayed") == "true"


@dataclass
class Client:
    """One program or one browser: a token, or the cookies it was given."""

    port: int
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    now: str = ""
    """what is under way just now"""
    n_lost: int = 0
    """answers that did not come"""
    n_unavailable: int = 0
    """answers 503, each with a sentence"""
    bare: list[str] = field(default_factory=list)
    """answers of the kind that should never be seen: 500, or 503 without a sentence and Retry-After"""
    link: http.client.HTTPConnection | None = None

    def post(self, path: str, body: dict[str, Any], *, what: str, key: str = "") -> Answer:
        content = json.dumps(body, ensure_ascii=False).encode()
        return self.send("POST", path, content, "application/json", what=what, key=key)

    def upload(self, content: bytes, name: str, *, what: str = "upload", key: str = "") -> Answer:
        """Multipart; the boundary is made of the content, so that the same upload is the same request."""
        edge = hashlib.sha256(content).hexdigest()[:24]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body = (
            head.encode()
            + b"Content-Type: application/octet-stream\r\n\r\n"
            + content
            + f"\r\n--{edge}--\r\n".encode()
        )
        return self.send(
            "POST", "/api/files", body, f"multipart/form-data; boundary={edge}", what=what, key=key
        )

    def send(self, method: str, path: str, body: bytes, kind: str, *, what: str, key: str = "") -> Answer:
        """Until it is answered; refusals are answers. Raises GaveUp after two minutes."""
        key = key or new_key()
        until = time.monotonic() + PATIENCE_SECONDS
        rest, n_sent = FIRST_REST_SECONDS, 0
        self.now = what
        try:
            while time.monotonic() < until:
                n_sent += 1
                answer = self.once(method, path, body, kind, key, n_sent)
                if answer is not None and not self.is_to_be_repeated(answer):
                    return answer
                time.sleep(rest)
                rest = min(rest * 1.5, LONGEST_REST_SECONDS)
        finally:
            self.now = ""
        raise GaveUp(f"{method} {path}: no answer within {PATIENCE_SECONDS:.0f} s")

    def is_to_be_repeated(self, answer: Answer) -> bool:
        if answer.status in AGAIN:
            self.n_unavailable += 1
            if answer.status != 503 or "retry-after" not in answer.headers or b'"zh"' not in answer.body:
                self.bare.append(f"{answer.status} {answer.body[:200].decode(errors='replace')}")
            return True
        return answer.status == 409 and b"idempotency_in_progress" in answer.body

    def once(self, method: str, path: str, body: bytes, kind: str, key: str, n_sent: int) -> Answer | None:
        """One try; None when no whole answer came."""
        headers = {"Idempotency-Key": key, "Content-Type": kind, "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            if self.link is None:
                self.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
            self.link.request(method, path, body, headers)
            got = self.link.getresponse()
            content = got.read()
        except (OSError, http.client.HTTPException):
            self.close()
            self.n_lost += 1
            return None
        for name, value in got.getheaders():
            if name.lower() == "set-cookie":
                word, _, rest = value.partition("=")
                self.cookies[word] = rest.split(";")[0]
        return Answer(got.status, content, {name.lower(): value for name, value in got.getheaders()}, n_sent)

    def close(self) -> None:
        if self.link is not None:
            self.link.close()
            self.link = None


def new_key() -> str:
    return secrets.token_urlsafe(18)
