"""The OpenAPI document is valid, complete and true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.knocking import Caller, machine
from tests.cast import Town
from wangge.cases.actions import ACTIONS
from wangge.cases.schemas import PUBLIC_FIELDS, REPORT_FIELDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(anybody: Caller) -> dict[str, Any]:
    return anybody.get("openapi.json").must(200)


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for methods in document["paths"].values() for one in methods.values()]


def test_the_document_is_valid_and_operations_are_named_once(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    names = [one["operationId"] for one in operations(document)]
    assert len(names) == len(set(names))
    for one in operations(document):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in one["summary"]), one["operationId"]
        assert one["description"].strip(), one["operationId"]
        assert one["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].endswith(
            "/Refused"
        )


def test_every_verb_is_there_with_every_field_in_both_languages(document: dict[str, Any]) -> None:
    for verb, action in ACTIONS.items():
        operation = document["paths"][f"/api/cases/{{number}}/{verb.value}"]["post"]
        assert operation["operationId"] == f"case_{verb.value}"
        shape = operation["requestBody"]["content"]["application/json"]["schema"]
        assert shape["properties"].keys() - {"n_entries"} == {field.name for field in action.fields}
        assert set(shape.get("required", [])) == {field.name for field in action.fields if field.is_required}
        for field in action.fields:
            told = shape["properties"][field.name]
            assert told["description"].startswith(f"{field.given.zh} / {field.given.en}")
    result = document["paths"]["/api/cases/{number}/follow_up"]["post"]["requestBody"]["content"][
        "application/json"
    ]["schema"]
    assert result["properties"]["result"]["enum"] == ["solved", "partly", "not_solved", ""]


def test_posts_tell_of_the_key_and_closed_doors_of_sign_in(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            names = {parameter["name"] for parameter in one["parameters"]}
            assert ("Idempotency-Key" in names) == (method == "post"), path
            assert one["security"], path
    assert {} in document["paths"]["/api/cases"]["post"]["security"]
    assert {} not in document["paths"]["/api/cases"]["get"]["security"]


def test_what_strangers_may_say_are_fields_of_a_report() -> None:
    assert {field.name for field in REPORT_FIELDS} > PUBLIC_FIELDS


def test_answers_are_what_the_document_says(town: Town, anybody: Caller, document: dict[str, Any]) -> None:
    """The answers are made by the very schemas; here the document's own shapes judge real ones."""
    made = anybody.report()
    clerk = machine(town, "intake_clerk")
    answers = {
        ("/api/cases", "post", "201"): made,
        ("/api/cases", "get", "200"): clerk.get("cases").must(200),
        ("/api/cases/{number}", "get", "200"): clerk.get(f"cases/{made['number']}").must(200),
        ("/api/cases/{number}/accept", "post", "200"): clerk.post(f"cases/{made['number']}/accept").must(200),
        ("/api/follow/{code}", "get", "200"): anybody.get(f"follow/{made['code']}").must(200),
        ("/api/waiting", "get", "200"): clerk.get("waiting").must(200),
        ("/api/locate", "get", "200"): clerk.get("locate", lon=120.105, lat=35.905).must(200),
        ("/api/areas", "get", "200"): clerk.get("areas", level="grid").must(200),
        ("/api/units", "get", "200"): clerk.get("units").must(200),
        ("/api/categories", "get", "200"): clerk.get("categories").must(200),
        ("/api/catalog/grounds", "get", "200"): clerk.get("catalog/grounds", kind="decline").must(200),
        ("/api/catalog/channels", "get", "200"): clerk.get("catalog/channels").must(200),
        ("/api/catalog/knowledge", "get", "200"): clerk.get("catalog/knowledge", q="社保").must(200),
    }
    validator = pytest.importorskip("jsonschema").Draft202012Validator
    for (path, method, status), sent in answers.items():
        shape = document["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
        faults = list(validator({**shape, "components": document["components"]}).iter_errors(sent))
        assert not faults, (path, [fault.message for fault in faults][:3], json.dumps(sent)[:300])


def test_places_and_lists_for_programs(town: Town) -> None:
    clerk = machine(town, "intake_clerk")
    spot = clerk.get("locate", lon=120.105, lat=35.905).must(200)
    assert spot["grid"]["name"]["zh"] == "长江路第一网格"
    assert spot["police_grid"]["code"] == "J001"
    assert spot["street"]["code"] == "370999001"
    nowhere = clerk.get("locate", lon=121.5, lat=36.5).must(200)
    assert nowhere["lowest"] is None
    below = clerk.get("areas", parent="370999001001").must(200)["items"]
    assert [row["name"]["zh"] for row in below] == ["长江路第一网格", "长江路第二网格"]
    first = clerk.get("units", size=5).must(200)
    rest = clerk.get("units", size=50, after=first["next"]).must(200)
    codes = [row["code"] for row in (*first["items"], *rest["items"])]
    assert codes == sorted(codes)
    assert len(codes) == len(set(codes)) == len(town.units)
    roots = clerk.get("categories").must(200)["items"]
    assert len(roots) == 8
    assert clerk.get("categories", parent="01").must(200)["items"][0]["code"] == "0101"
