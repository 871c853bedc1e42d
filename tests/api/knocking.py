"""Who knocks at the API: a machine with a token, a signed-in browser, a resident with cookies only."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from tests.cast import IN_GRID_1, Town
from wangge.accounts.models import User
from wangge.accounts.signin import BEGAN, SEEN
from wangge.kit.clock import REAL_CLOCK


class Answer:
    """An answer with its JSON at hand."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers

    @property
    def json(self) -> Any:
        return self.response.json()

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]

    def must(self, status: int) -> Any:
        """The JSON, if the status is this one; else the whole answer in the failure."""
        assert self.status == status, (self.status, self.response.content.decode()[:2000])
        return self.json


class Caller:
    """One program or browser; keeps its cookies."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.token = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Answer:
        return Answer(self.client.get(f"/api/{path}", query, **self.token))

    def post(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> Answer:
        sent = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()}
        return Answer(
            self.client.post(f"/api/{path}", body, content_type="application/json", **self.token, **sent)
        )

    def raw(self, path: str, content: bytes, kind: str = "application/json", **sent: str) -> Answer:
        return Answer(self.client.generic("POST", f"/api/{path}", content, kind, **self.token, **sent))

    def upload(self, content: bytes | None = None, **sent: str) -> Answer:
        file = SimpleUploadedFile("photo.jpg", photo() if content is None else content, "image/jpeg")
        return Answer(self.client.post("/api/files", {"file": file}, **self.token, **sent))

    def file(self, path: str, **query: Any) -> tuple[int, str, bytes]:
        """Status, kind and content of a file."""
        response = self.client.get(f"/api/{path}", query, **self.token)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        return response.status_code, response.headers["Content-Type"], content

    def report(self, **given: Any) -> dict[str, Any]:
        """A resident's report with a telephone."""
        lon, lat = IN_GRID_1
        said = {
            "text": "小区门口垃圾没人收",
            "lon": lon,
            "lat": lat,
            "name": "张三丰",
            "phone": "13812341234",
            **given,
        }
        return self.post("cases", **said).must(201)


def machine(town: Town, name: str) -> Caller:
    """A program that acts with the posts of this person."""
    return Caller(town.token(name))


def browser(user: User) -> Caller:
    """A browser in which this person has signed in."""
    caller = Caller()
    caller.client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = caller.client.session
    session[BEGAN] = session[SEEN] = REAL_CLOCK.now().timestamp()
    session.save()
    return caller


def photo(colour: str = "grey") -> bytes:
    """A small photograph."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "JPEG")
    return file.getvalue()
