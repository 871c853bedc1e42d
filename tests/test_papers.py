"""What is written about the project must be true of it: links lead somewhere, commands exist."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
import yaml

from tools import licences
from tools.reference_data import settings
from wangge.__main__ import COMMANDS, exists, wiring
from wangge.kit import data_dictionary
from wangge.kit.program import Program
from wangge.kit.words import Text
from wangge.wiring import PERIODIC

ROOT = Path(__file__).resolve().parent.parent
PAPERS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
        *(ROOT / "deploy").rglob("*.md"),
    ]
)
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


# variables that others define: the system's, Python's, Django's; and the word between our own processes
NOT_SETTINGS = {"PATH", "PYTHONPATH", "XDG_RUNTIME_DIR", "DJANGO_SETTINGS_MODULE"}


def test_every_setting_is_described() -> None:
    """wangge/settings.csv names exactly the environment variables that the code reads, with their real defaults."""
    uses = [
        use
        for path in (ROOT / "wangge").rglob("*.py")
        for use in re.findall(
            r"(?:environ(?:\.get\(|\.pop\(|\[)|getenv\()\"([A-Z_]+)\"(?:, \"([^\"]*)\")?",
            path.read_text(encoding="utf-8"),
        )
    ]
    described = {row["name"]: row for row in settings()}
    assert {name for name, _ in uses} - NOT_SETTINGS == described.keys()
    told = {name: row["default"].strip("`") for name, row in described.items() if "`" in row["default"]}
    assert {(n, told[n]) for n, default in uses if default and n in told} == {
        (n, default) for n, default in uses if default and n in told
    }
    assert all(row["zh"] and row["en"] for row in described.values())


def test_every_column_is_in_the_data_dictionary() -> None:
    found = data_dictionary.faults(data_dictionary.written())
    assert not found, "say what a new column means beside its model, then run make fix:\n" + "\n".join(found)


def test_the_data_dictionary_misses_what_is_new_and_what_is_gone() -> None:
    rows = data_dictionary.written()
    [told] = [row for row in rows if (row.table, row.column) == ("cases_reporter", "phone_sealed")]
    others = [row for row in rows if row is not told]
    [new] = data_dictionary.faults(others)
    assert "cases_reporter.phone_sealed" in new
    assert "wangge/cases/columns.csv" in new
    [gone] = data_dictionary.faults([*rows, replace(told, column="fax_sealed")])
    assert "cases_reporter.fax_sealed is no longer there" in gone
    unclear = replace(told, privacy="L5", retention="for ever", told=Text("电话", ""))
    assert len(data_dictionary.faults([*others, unclear])) == 3
    [count] = [row for row in rows if (row.table, row.column) == ("cases_case", "n_rework")]
    [unit] = data_dictionary.faults([*(row for row in rows if row is not count), replace(count, unit="")])
    assert "a number needs its unit" in unit


def test_what_is_said_to_be_deleted_has_a_sweep() -> None:
    sweeps = {kept.sweep for kept in data_dictionary.retentions().values() if kept.sweep}
    assert sweeps <= {work.name for work in PERIODIC}


def test_every_part_has_a_known_and_allowed_licence() -> None:
    found = licences.faults()
    assert not found, "then run make fix:\n" + "\n".join(found)


def test_unknown_and_unwanted_licences_are_refused() -> None:
    held = licences.parts()
    [unknown] = licences.faults((*held, licences.Part("newcomer", "")))
    assert "newcomer: its licence is not known" in unknown
    assert "[stated]" in unknown
    [unwanted] = licences.faults((*held, licences.Part("newcomer", "AGPL-3.0-only AND MIT")))
    assert "AGPL-3.0-only AND MIT is not allowed" in unwanted
    assert not licences.faults((*held, licences.Part("newcomer", "GPL-2.0-only OR MIT")))
    [gone] = licences.faults(tuple(part for part in held if part.name != "segno"))
    assert "[stated] segno is no longer there" in gone


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
