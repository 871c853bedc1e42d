"""Writes the pages of docs/reference that the code itself knows: commands, settings, the life of a case, the data.

``python tools/reference.py`` writes them, ``--check`` only says whether they are up to date.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import django
from licences import licences_page
from reference_data import data_page, settings_page

from wangge.__main__ import COMMANDS, exists, wiring
from wangge.cases.workflow import RESIDENT_WORDS, RULES, STATE_NAMES, Rule, State, Verb
from wangge.kit.program import Program
from wangge.kit.words import Text
from wangge.territory.roles import ROLE_NAMES, Role

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- written by tools/reference.py from the code; do not edit, run `make fix` -->"


def pages() -> dict[str, str]:
    return {
        "commands.md": "\n".join(commands_page()),
        "data.md": "\n".join(data_page(NOTE)),
        "licences.md": "\n".join(licences_page(NOTE)),
        "settings.md": "\n".join(settings_page(NOTE)),
        "workflow.md": "\n".join(workflow_page()),
    }


# --- the command line ----------------------------------------------------------------------------------------


def commands_page() -> Iterator[str]:
    yield f"# 命令 · Commands\n\n{NOTE}\n"
    yield "`wangge` is `.venv/bin/wangge`, the same as `.venv/bin/python -m wangge`. Each command has `--help`.\n"
    yield "| exit code | 含义 | meaning |\n|---|---|---|"
    yield "| 0 | 完成 | done |\n| 1 | 失败 | failed |\n| 2 | 用法不对 | wrong usage |"
    yield "| 3 | 被拒绝,例如已在运行 | refused, for example already running |"
    yield "| 130, 143 | 被 Ctrl-C 或 SIGTERM 停止 | stopped by Ctrl-C or SIGTERM |\n"
    for name, entry in COMMANDS.items():
        if exists(entry):
            module, _, attribute = entry.target.partition(":")
            command = getattr(importlib.import_module(module), attribute)
            yield from command_chapter(f"wangge {name}", command, Program(Path(), wiring=wiring()))


def command_chapter(name: str, command: click.Command, program: Program) -> Iterator[str]:
    context = click.Context(command, info_name=name, obj=program)
    yield f"## {name}\n"
    yield f"```sh\n{' '.join([name, *command.collect_usage_pieces(context)])}\n```\n"
    for paragraph in (command.help or "").replace("\b", "").split("\n\n"):
        yield " ".join(line.strip() for line in paragraph.splitlines()).strip() + "\n"
    records = [record for p in command.get_params(context) if (record := p.get_help_record(context))]
    rows = [(words, text) for words, text in records if "--help" not in words]
    if rows:
        yield "| option | meaning |\n|---|---|"
        for words, text in rows:
            yield f"| `{words}` | {cell(text)} |"
        yield ""
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            if child is not None:
                yield from command_chapter(f"{name} {child_name}", child, program)


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


# --- the life of a case ------------------------------------------------------------------------------------------


def workflow_page() -> Iterator[str]:
    yield f"# 案件流转 · The life of a case\n\n{NOTE}\n"
    yield "One table in `wangge/cases/workflow.py` says who may do what from which state; this page shows it.\n"
    yield "## 状态 · States\n\n| code | 工作人员 · staff | 居民看到 · what the resident reads |\n|---|---|---|"
    for state in State:
        seen = RESIDENT_WORDS.get(state)
        yield f"| `{state.value}` | {both(STATE_NAMES[state])} | {cell(both(seen)) if seen else '–'} |"
    yield "\n## 动作 · Verbs\n\n| code | 名称 · name | 从 · from | 到 · to | 谁 · who |\n|---|---|---|---|---|"
    for rule in RULES.values():
        yield verb_row(rule)
    yield "\n## 要填写的内容 · What is given\n\n| code | 必填 · must be given | 可填 · may be given |\n|---|---|---|"
    for verb, fields in given_fields().items():
        must = [named(field) for field in fields if field.is_required]
        may = [named(field) for field in fields if not field.is_required]
        yield f"| `{verb}` | {'<br>'.join(must) or '–'} | {'<br>'.join(may) or '–'} |"
    yield ""


def given_fields() -> dict[str, tuple[Any, ...]]:
    """The fields of each verb's function, in the table's order."""
    actions = importlib.import_module("wangge.cases.actions")
    fields_of = importlib.import_module("wangge.cases.given").fields_of
    functions = {action.verb: action.fields for action in actions.ACTIONS.values()}
    functions[Verb.REPORT] = fields_of(actions.report)
    return {rule.verb.value: functions[rule.verb] for rule in RULES.values()}


def named(field: Any) -> str:
    return f"`{field.name}` {cell(both(field.given.label))}"


def verb_row(rule: Rule) -> str:
    origin = codes(s.value for s in State if s in rule.origin) or "–"
    to = codes(s.value for s in State if s in rule.to) or "不变 · unchanged"
    return f"| `{rule.verb.value}` | {both(rule.name)} | {origin} | {to} | {who(rule.roles)} |"


def who(roles: frozenset[Role]) -> str:
    everybody = frozenset(Role)
    if roles == everybody:
        return "任何人 · anyone"
    if roles >= everybody - {Role.RESIDENT, Role.PLATFORM}:
        extra = ", 居民 Resident" if Role.RESIDENT in roles else ""
        return f"全体工作人员 · every member of staff{extra}"
    return ", ".join(f"{ROLE_NAMES[r].zh} {ROLE_NAMES[r].en}" for r in Role if r in roles)


def codes(values: Iterator[str]) -> str:
    return " ".join(f"`{value}`" for value in values)


def both(text: Text) -> str:
    return f"{text.zh} · {text.en}"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.settings")
    django.setup()
    stale = []
    try:
        written = pages()
    except LookupError as error:  # a column without its meaning: the sentence says where to write it
        sys.stderr.write(f"{error}\n")
        return 1
    for name, text in written.items():
        path = REFERENCE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        sys.stderr.write(f"docs/reference: {', '.join(stale)} no longer agree with the code; run make fix\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
