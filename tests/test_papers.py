"""What is written about the project must be true of it: links lead somewhere, commands exist."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from wangge.__main__ import COMMANDS, exists, wiring
from wangge.kit.program import Program

ROOT = Path(__file__).resolve().parent.parent
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
PARTS_OF_A_DECISION = ["Context", "Decision", "Measured", "Consequences"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_in(text: str) -> Iterator[str]:
    """Everything that is written as code, in blocks and inside sentences."""
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", text, re.S | re.M):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", text)


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_links_lead_to_files_that_exist(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [
        t
        for t in targets
        if "://" not in t and not t.startswith("mailto:") and not (paper.parent / t).exists()
    ]
    assert not missing


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_commands_of_make_exist(paper: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {
        word
        for code in code_in(paper.read_text(encoding="utf-8"))
        for word in re.findall(r"^(?:\$ )?make ([a-z-]+)", code)
    }
    assert named <= targets


def words_of_command(code: str) -> list[str]:
    """The sub-commands of a line that calls wangge: ``wangge import orders FILE`` → import, orders."""
    match = re.match(r"^(?:\$ )?(?:\.venv/bin/)?(?:python -m )?wangge ((?:[a-z][a-z-]* ?)+)", code)
    return match.group(1).split() if match else []


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_commands_of_wangge_exist(paper: Path) -> None:
    for code in code_in(paper.read_text(encoding="utf-8")):
        first, *further = words_of_command(code) or [""]
        if not first:
            continue
        assert first in COMMANDS, f"`{code}`: there is no command {first}"
        module, _, attribute = COMMANDS[first].target.partition(":")
        assert exists(COMMANDS[first]), f"`{code}`: {module} is missing"
        group = getattr(importlib.import_module(module), attribute)
        if further and isinstance(group, click.Group):
            context = click.Context(group, obj=Program(ROOT, wiring=wiring()))
            assert further[0] in group.list_commands(context), f"`{code}`: {first} has no {further[0]}"


def test_pages_written_from_the_code_are_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "tools/reference.py"), "--check"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_every_setting_is_described() -> None:
    read = {
        name
        for path in (ROOT / "wangge").rglob("*.py")
        for name in re.findall(
            r"environ(?:\.get\(|\[)\"((?:WANGGE|DATABASE)_[A-Z_]+)\"", path.read_text(encoding="utf-8")
        )
    }
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.M))
    assert read == described


def test_both_readmes_say_the_same() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")]
    chapters = [len(re.findall(r"^#+ ", text, re.M)) for text in texts]
    blocks = [re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M) for text in texts]
    assert chapters[0] == chapters[1]
    assert [[line.split("#")[0].rstrip() for line in block.splitlines()] for block in blocks[0]] == [
        [line.split("#")[0].rstrip() for line in block.splitlines()] for block in blocks[1]
    ]


@pytest.mark.parametrize("page", sorted((ROOT / "docs/adr").glob("[0-9]*.md")), ids=name_of)
def test_each_decision_has_its_parts(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.name[:4]} ")
    assert re.search(r"^\*\*Status:\*\* \S", text, re.M)
    assert re.findall(r"^## (.+)$", text, re.M) == PARTS_OF_A_DECISION
    assert page.name in (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60, "one page, no more"


def test_changelog_has_a_place_for_what_comes_next() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[Unreleased\]$", text, re.M)
    kinds = set(re.findall(r"^### (.+)$", text, re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_publiccode_follows_the_standard() -> None:
    """The fields that version 0.4 of publiccode.yml asks for, with its lengths and words."""
    paper = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    asked = {
        "publiccodeYmlVersion",
        "name",
        "url",
        "platforms",
        "categories",
        "developmentStatus",
        "softwareType",
    }
    assert asked | {"description", "legal", "maintenance", "localisation"} <= paper.keys()
    assert paper["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert paper["maintenance"]["type"] in {"internal", "contract", "community", "none"}
    assert paper["legal"]["license"] == "Apache-2.0"
    for text in paper["description"].values():
        assert 0 < len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert text["features"]
