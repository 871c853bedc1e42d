"""Grid workers with the phone in their hand, in the cast's town."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.cast import Town, build_town
from wangge.accounts.demo_rules import BACKEND


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


@pytest.fixture
def phone(town: Town) -> Callable[[str], Client]:
    """The phone of a person of the cast, signed in."""

    def of(name: str) -> Client:
        client = Client()
        client.force_login(town.people[name], backend=BACKEND)
        return client

    return of


def photo(name: str = "photo.jpg", colour: str = "#886644") -> SimpleUploadedFile:
    """A picture as a camera gives it."""
    content = BytesIO()
    Image.new("RGB", (640, 480), colour).save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/jpeg")
