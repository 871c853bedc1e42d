"""A log tells what happened, and nobody's secrets."""

import logging
from io import StringIO

import pytest
from django.conf import settings
from django.test import Client
from django.utils.log import log_response

from wangge.kit.logs import WithoutAddresses, WithoutValues

CODE = "ABCD-EFGH-JKMNPQ"


@pytest.fixture
def written():
    """What the console would show of everything from DEBUG on."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(WithoutAddresses())
    handler.setFormatter(WithoutValues("%(levelname)s %(name)s %(message)s"))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["", "rate/", "photo/00000000-0000-4000-8000-000000000000/", "nowhere/at/all"]
)
def test_a_refused_address_with_a_code_names_no_code_in_the_log(written, path) -> None:
    client = Client(raise_request_exception=False)
    assert client.get(f"/follow/{CODE}/{path}?name=张三丰").status_code == 404
    assert client.get(f"/api/follow/{CODE}").status_code == 404
    told = written.getvalue()
    assert CODE not in told
    assert "张三丰" not in told


def test_an_error_is_logged_with_its_place_and_without_its_values(written, rf) -> None:
    request = rf.post(f"/follow/{CODE}/", {})
    phone = "138" + "12341234"
    name, message = "张" + "三丰", 'invalid input "{0}" for {0}\nDETAIL: Failing row contains ({1})'
    try:
        try:
            raise KeyError(name)
        except KeyError as error:
            raise ValueError(message.format(phone, name)) from error
    except ValueError as error:
        log_response(
            "%s: %s", "Internal Server Error", request.path, request=request, level="error", exception=error,
            response=type("Answer", (), {"status_code": 500})(),
        )  # fmt: skip
    told = written.getvalue()
    assert "ValueError: invalid input" in told
    assert "test_logs.py" in told
    for value in (name, phone, CODE, "Failing row"):
        assert value not in told


def test_no_report_with_the_whole_request_is_ever_made() -> None:
    assert not settings.DEBUG
    assert logging.getLogger("django").handlers == []
    handlers = settings.LOGGING["handlers"]
    assert all("without_addresses" in one["filters"] for one in handlers.values())
    assert {one["formatter"] for one in handlers.values()} == {"line"}
