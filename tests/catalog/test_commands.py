"""``wangge init``, ``import`` and ``export`` as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

from wangge.catalog import export_command, import_command, init_command
from wangge.catalog.models import Category
from wangge.kit.program import Program
from wangge.territory.models import Area

pytestmark = pytest.mark.django_db

ROWS = "code,level,name_zh,parent_code\n370999,county,望海县,\n370999001,street,海街道,370999\n"


def wangge(command: object, *words: object) -> Result:
    """Run a command as the program does: its return value is the exit code."""
    runner = CliRunner()
    return runner.invoke(
        command, [str(word) for word in words], standalone_mode=False, catch_exceptions=False
    )  # type: ignore[arg-type]


def test_init_loads_the_dictionaries_and_says_what_is_missing():
    first = json.loads(wangge(init_command.command, "--json").stdout)
    assert first["dictionaries"]["n_new"] > 3000
    codes = {one["code"]: one["is_blocking"] for one in first["missing"]}
    assert codes["areas"]
    assert codes["units"]
    assert codes["staff"]
    assert not codes["administrators"]
    assert list(codes.values()) == sorted(codes.values(), reverse=True), "what blocks comes first"

    words = ("--county-code", "370211", "--county-name", "西海岸", "--json")
    second = json.loads(wangge(init_command.command, *words).stdout)
    assert (second["dictionaries"]["n_new"], second["county"]) == (0, "370211")
    assert {one["code"] for one in second["missing"]} >= {"grids", "units", "staff"}
    assert json.loads(wangge(init_command.command, *words).stdout)["county"] == "370211"
    assert Area.objects.get().name_zh == "西海岸"
    shown = wangge(init_command.command).stdout
    assert "还缺 · still missing" in shown
    assert "wangge export units units.xlsx --template" in shown
    assert "wangge export areas areas.xlsx →" in shown, "there is something to edit already"


def test_import_dry_and_in_earnest(tmp_path: Path):
    file = tmp_path / "areas.csv"
    file.write_text(ROWS, encoding="gb18030")
    dry = wangge(import_command.command, "areas", file, "--dry-run")
    assert "尚未写入" in dry.stdout
    assert dry.return_value == 0
    assert not Area.objects.exists()
    done = json.loads(wangge(import_command.command, "areas", file, "--json").stdout)
    assert (done["is_done"], done["n_new"], done["problems"]) == (True, 2, [])


def test_a_bad_file_fails_and_says_where(tmp_path: Path):
    file = tmp_path / "areas.csv"
    file.write_text(ROWS + "370999001,street,重复,370999\n,grid,,\n", encoding="utf-8")
    result = wangge(import_command.command, "areas", file)
    assert result.return_value == 1
    assert "第 4 行 row 4 code" in result.stdout
    assert "没有写入任何内容" in result.stderr
    told = json.loads(wangge(import_command.command, "areas", file, "--json").stdout)
    assert {problem["row"] for problem in told["problems"]} == {4, 5}
    assert not Area.objects.exists()


def test_export_and_template(tmp_path: Path):
    wangge(init_command.command, "--county-code", "370211", "--county-name", "西海岸")
    for name in ("categories.csv", "categories.xlsx"):
        written = json.loads(wangge(export_command.command, "categories", tmp_path / name, "--json").stdout)
        assert written["files"] == [str(tmp_path / name)]
        told = json.loads(wangge(import_command.command, "categories", tmp_path / name, "--json").stdout)
        assert (told["n_same"], told["n_errors"]) == (Category.objects.count(), 0)
    wangge(export_command.command, "staff", tmp_path / "staff.xlsx", "--template")
    assert (tmp_path / "staff.xlsx").stat().st_size > 5000


def test_features_above_add_their_own_commands():
    @click.command("orders")
    def orders() -> None:
        click.echo("orders came in")

    wiring = ModuleType("wiring")
    wiring.IMPORT_COMMANDS = [orders]  # type: ignore[attr-defined]
    program = Program(Path("/nowhere"), wiring=wiring)
    assert CliRunner().invoke(import_command.command, ["orders"], obj=program).output == "orders came in\n"
    shown = CliRunner().invoke(import_command.command, ["--help"], obj=program).output
    assert "orders" in shown
    assert "areas" in shown
    assert CliRunner().invoke(import_command.command, ["orders"]).exit_code == 2


def test_help_in_both_languages():
    for command in (init_command.command, import_command.command, export_command.command):
        shown = CliRunner().invoke(command, ["--help"]).output
        assert any("一" <= letter <= "鿿" for letter in shown)
        assert "template" in shown or "town" in shown or "table" in shown
