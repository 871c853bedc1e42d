"""The house rules that a machine can check; how to live with them stands in CONTRIBUTING.md.

Exceptions stand in the tables of this file, each with its reason. They only shrink: an exception that
is no longer needed, or is larger than needed, fails the test until it is taken out.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
from django.apps import apps
from django.db import models
from django.urls import get_resolver

from tests.test_open_doors import doors
from wangge.cases.actions import ACTIONS
from wangge.cases.workflow import RULES, Verb
from wangge.territory.roles import Role

ROOT = Path(__file__).resolve().parent.parent
CJK = re.compile(r"[\u3400-\u9fff]")

LINES_OF_A_FUNCTION = 40  # of its body
LINES_OF_A_STORY = 80
LINES_OF_A_FILE = 400
LINES_OF_A_TEST_FILE = 600

# path or path::function → lines it may have until it is divided
TOO_LONG: dict[str, int] = {}

# door module → names that it may query without a person's scope, and why
QUERIES_WITHOUT_SCOPE: dict[str, dict[str, str]] = {}

# rules and tables that must stay free of Django, the database and a clock of their own
PURE_MODULES = [
    "wangge.kit.words",
    "wangge.kit.errors",
    "wangge.kit.datum",
    "wangge.territory.rules",
    "wangge.territory.roles",
    "wangge.catalog.worktime",
    "wangge.registry.masking",
    "wangge.cases.workflow",
    "wangge.cases.clocks",
    "wangge.cases.given",
    "wangge.cases.grams",
    "wangge.cases.ledger",
    "wangge.cases.routing",
    "wangge.cases.duplicates",
    "wangge.duties.schedule",
]

IMPURE = {"django", "psycopg", "time"}
NOT_YET_PURE = {"wangge.cases.routing": "asks the catalogue for its rows itself"}

# a yes-or-no column reads as a statement
STATEMENTS = ("is_", "has_", "may_", "must_", "needs_", "keeps_")
# columns that are named otherwise, and why
NAMED_OTHERWISE = {
    "accounts.User.last_login": "Django's own name",
    "cases.Rating.reached": "the word of the follow-up itself: reached or unreached",
}


# --- what there is to read -------------------------------------------------------------------------------


@cache
def project_files() -> list[Path]:
    """Every file that git keeps or would keep; without git, everything that is not hidden."""
    if shutil.which("git") and (ROOT / ".git").exists():
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(
            command, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.splitlines()
        return sorted({ROOT / name for name in names if (ROOT / name).is_file()})
    return sorted(p for p in ROOT.rglob("*") if p.is_file() and not name_of(p).startswith("."))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def files(*patterns: str) -> list[Path]:
    return [p for p in project_files() if any(re.fullmatch(pattern, name_of(p)) for pattern in patterns)]


@cache
def source(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")  # examples are in GB18030 too


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(source(path), name_of(path))


def package_modules() -> list[Path]:
    return [p for p in files(r"wangge/.*\.py") if "/migrations/" not in name_of(p)]


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a name or attribute; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def refuse(faults: list[str], rule: str) -> None:
    assert not faults, rule + "\n  " + "\n  ".join(faults)


# --- reactions are readable forwards ---------------------------------------------------------------------


def test_nothing_reacts_behind_the_readers_back() -> None:
    """No signal receivers: who reacts to what stands in wiring.py."""
    faults = []
    for path in package_modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module in {
                "django.dispatch",
                "django.db.models.signals",
            }:
                faults.append(f"{name_of(path)}:{node.lineno} imports {node.module}")
            elif isinstance(node, ast.Call) and re.search(
                r"signals?\.\w+\.connect$|^\w+_(saved?|delete|init|login|logged_\w+)\.connect$",
                dotted(node.func),
            ):
                faults.append(f"{name_of(path)}:{node.lineno} {dotted(node.func)}(…)")
    refuse(faults, "signals make reactions invisible; publish an event and name its listener in wiring.py")


def test_nothing_hides_in_a_thread_local() -> None:
    faults = [
        f"{name_of(path)}:{node.lineno}"
        for path in package_modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and dotted(node) in {"threading.local", "asgiref.local.Local"}
    ]
    refuse(faults, "who acts and where is an argument (actor=…), never a thread-local")


def test_migrations_make_no_triggers() -> None:
    """Sharded schemas refuse triggers; append-only is a matter of privileges (docs/adr)."""
    faults = [
        name_of(p)
        for p in files(r"wangge/.*\.(py|sql)")
        if re.search(r"create\s+(or\s+replace\s+)?(constraint\s+)?trigger", source(p), re.I)
    ]
    refuse(faults, "no database triggers")


def test_own_code_is_never_mocked() -> None:
    faults = [
        f"{name_of(path)}:{node.lineno}"
        for path in files(r"tests/.*\.py")
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("unittest"))
        or (isinstance(node, ast.Import) and any(alias.name.startswith("unittest") for alias in node.names))
    ]
    refuse(
        faults, "tests are stories on the real database; use a real twin (Null, failing), not unittest.mock"
    )


# --- small, said once ------------------------------------------------------------------------------------


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of what it does: the body without the docstring (a verb's arguments are its form, not its work)."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def function_sizes(path: Path) -> dict[str, int]:
    sizes: dict[str, int] = {}

    def look(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                sizes[f"{name_of(path)}::{prefix}{child.name}"] = lines_of(child)
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                look(child, f"{prefix}{child.name}.")
            else:
                look(child, prefix)

    look(tree(path), "")
    return sizes


def file_sizes() -> dict[str, tuple[int, int]]:
    """Lines and limit of every source file; migrations, generated code and dictionaries have none."""
    exempt = re.compile(r".*/(migrations|generated|dictionaries|locale)/.*|web/src/api/.*")
    written = files(
        r"(wangge|tests|bench|drill|tools|web|examples|deploy)/.*\.(py|ts|vue|js|css|html|sh)",
        r"Makefile|\.ci/run",
    )
    sizes = {}
    for path in written:
        name = name_of(path)
        if not exempt.fullmatch(name):
            limit = LINES_OF_A_TEST_FILE if name.startswith("tests/") else LINES_OF_A_FILE
            sizes[name] = (len(source(path).splitlines()), limit)
    return sizes


def test_functions_and_files_stay_small() -> None:
    measured = file_sizes()
    for path in package_modules() + files(r"(tests|bench|drill|tools)/.*\.py"):
        limit = LINES_OF_A_STORY if name_of(path).startswith("tests/") else LINES_OF_A_FUNCTION
        measured |= {name: (lines, limit) for name, lines in function_sizes(path).items()}

    faults = [
        f"{name}: {lines} lines, at most {max(limit, TOO_LONG.get(name, 0))}"
        for name, (lines, limit) in sorted(measured.items())
        if lines > max(limit, TOO_LONG.get(name, 0))
    ]
    refuse(faults, "too long; divide it (a room that grows becomes a package)")

    for name, allowed in TOO_LONG.items():
        lines, limit = measured.get(name, (0, 0))
        assert lines > limit, f"{name} is no longer too long: take it out of TOO_LONG"
        assert lines == allowed, f"{name} has become shorter: write {lines} into TOO_LONG"


def test_no_room_is_called_after_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "tools"}
    faults = [
        name_of(p)
        for p in files(r"(wangge|tests|web/src)/.*")
        if {p.stem, *p.relative_to(ROOT).parts[1:-1]} & empty
    ]
    refuse(faults, "a name that says nothing; name the thing")


def impurities(graph: grimp.ImportGraph, module: str) -> list[str]:
    """How a module comes to Django, the database or the clock, if it does."""
    chains = [graph.find_shortest_chain(importer=module, imported=name) for name in IMPURE & graph.modules]
    return [" → ".join(chain) for chain in chains if chain]


def test_rules_are_pure() -> None:
    """Tables and rules know no Django and no database, not even through what they import."""
    graph = grimp.build_graph("wangge", include_external_packages=True, cache_dir=None)
    found = {module: impurities(graph, module) for module in PURE_MODULES if module in graph.modules}
    refuse(
        [chain for module, chains in found.items() if module not in NOT_YET_PURE for chain in chains],
        "rules take clock, calendar and policy as arguments",
    )
    refuse([m for m in NOT_YET_PURE if not found.get(m)], "no longer needed in NOT_YET_PURE")


# --- names -----------------------------------------------------------------------------------------------


def is_named_well(field: models.Field) -> bool:
    if isinstance(field, models.DateTimeField):
        return field.name == "at" or field.name.endswith("_at")  # "at": the moment of the row itself
    if isinstance(field, models.DateField):
        return field.name.endswith("_on")
    if isinstance(field, models.BooleanField):
        return field.name.startswith(STATEMENTS)
    return not field.name.endswith("_count")


def test_columns_tell_what_they_hold() -> None:
    """Datetimes end in _at, dates in _on, counts start with n_, yes-or-no reads as a statement."""
    badly_named = {
        f"{model._meta.label}.{field.name}": type(field).__name__
        for model in apps.get_models()
        if model.__module__.startswith("wangge.")
        for field in model._meta.local_fields
        if not is_named_well(field)
    }
    faults = [f"{name} ({kind})" for name, kind in badly_named.items() if name not in NAMED_OTHERWISE]
    refuse(faults, "a name says the unit: …_at, …_on, n_…, is_… has_… may_… must_…")
    refuse(sorted(NAMED_OTHERWISE.keys() - badly_named), "no longer needed in NAMED_OTHERWISE")


def glossary_rows() -> list[tuple[int, list[str]]]:
    """Line number and cells of each term row: the tables of GLOSSARY.md whose heading names 中文 and code."""
    rows, inside = [], False
    for number, line in enumerate((ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[0] == "中文" and "code" in cells[1]:
            inside = True
        elif inside and not set("".join(cells)) <= set("-: "):
            rows.append((number, cells))
    return rows


def words(cell: str) -> list[str]:
    return [word for word in (part.strip(" `") for part in re.split(r"[/·,、]", cell)) if word]


def test_every_term_has_one_word() -> None:
    rows = glossary_rows()
    assert rows, "GLOSSARY.md has no table with the heading | 中文 | code |"
    faults, seen = [], {}
    for number, cells in rows:
        if len(cells) < 2 or not CJK.search(cells[0]):
            faults.append(f"line {number}: a term row starts with a Chinese word and has a code")
            continue
        codes = words(cells[1])
        for code in codes:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", code):
                faults.append(f"line {number}: {code!r} is not a readable code word")
            elif code in seen:
                faults.append(f"line {number}: {code} already stands in line {seen[code]}")
            seen[code] = number
        if not codes:
            faults.append(f"line {number}: {cells[0]} has no code")
    refuse(faults, "GLOSSARY.md: one English word per Chinese word, each said once")
    missing = {word.value for vocabulary in (Verb, Role) for word in vocabulary} - seen.keys()
    refuse(sorted(missing), "verbs and roles that GLOSSARY.md does not explain")


# --- deny by default -------------------------------------------------------------------------------------


def is_objects(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(node.value, ast.Name)


def under(path: Path, *names: str) -> set[int]:
    """Everything inside a call of one of these names."""
    inside = [call for call in calls(path) if dotted(call.func).rpartition(".")[2] in names]
    return {id(node) for call in inside for node in ast.walk(call)}


def unscoped_queries(path: Path) -> Iterator[tuple[int, str]]:
    """Each ``X.objects`` that is not followed by ``.visible_to`` and is no condition on other rows (``Exists``)."""
    attributes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)]
    fine = {id(node.value) for node in attributes if node.attr == "visible_to"} | under(path, "Exists")
    for node in attributes:
        if is_objects(node) and id(node) not in fine:
            yield node.lineno, dotted(node.value)


def test_doors_show_only_what_a_person_may_see() -> None:
    """Every list in a door starts at ``X.objects.visible_to(actor)``, or comes from the feature's queries."""
    doors = [
        p
        for p in files(r"wangge/(office|field|portal|screen)/.*\.py", r"wangge/.*/api(/.*)?\.py")
        if "/migrations/" not in name_of(p)
    ]
    faults, used = [], set()
    for path in doors:
        allowed = QUERIES_WITHOUT_SCOPE.get(name_of(path), {})
        for line, model in unscoped_queries(path):
            used.add((name_of(path), model))
            if model not in allowed:
                faults.append(f"{name_of(path)}:{line} {model}.objects")
    refuse(faults, "a door asks for visible_to(actor) first, or calls queries.py")
    spare = [
        f"{name}: {model}"
        for name, names in QUERIES_WITHOUT_SCOPE.items()
        for model in names
        if (name, model) not in used
    ]
    refuse(spare, "no longer needed in QUERIES_WITHOUT_SCOPE")


# --- words -----------------------------------------------------------------------------------------------


def literal(node: ast.AST) -> str | None:
    """The fixed text of a string, f-string or joined strings; None when it is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = literal(node.left), literal(node.right)
        return None if left is None or right is None else left + right
    return None


# where the Chinese and the English sentence stand in a call
SPEAKING = {
    "DomainError": (2, 3),
    "NotFound": (0, 1),
    "Forbidden": (0, 1),
    "Conflict": (1, 2),
    "Invalid": (1, 2),
    "Text": (0, 1),
    "spoken": (0, 1),
}


def sentence(call: ast.Call, position: int, keyword: str) -> str | None:
    given = {word.arg: word.value for word in call.keywords}
    if keyword in given:
        return literal(given[keyword])
    return literal(call.args[position]) if position < len(call.args) else None


def is_given(call: ast.Call, position: int, keyword: str) -> bool:
    return position < len(call.args) or any(word.arg == keyword for word in call.keywords)


def test_errors_and_texts_speak_both_languages() -> None:
    faults = []
    for path in package_modules():
        for call in calls(path):
            speaker = dotted(call.func).rpartition(".")[2]
            if speaker not in SPEAKING:
                continue
            zh, en = (sentence(call, SPEAKING[speaker][i], word) for i, word in enumerate(("zh", "en")))
            if zh is not None and zh != en and not CJK.search(zh) and re.search(r"[A-Za-z]", zh):
                faults.append(
                    f"{name_of(path)}:{call.lineno} {speaker}: the Chinese sentence is not Chinese: {zh!r}"
                )
            if en is not None and CJK.search(en):
                faults.append(
                    f"{name_of(path)}:{call.lineno} {speaker}: the English sentence holds Chinese: {en!r}"
                )
            given = [is_given(call, SPEAKING[speaker][i], word) for i, word in enumerate(("zh", "en"))]
            if any(given) and not all(given):
                faults.append(f"{name_of(path)}:{call.lineno} {speaker}: one of the two languages is missing")
    refuse(faults, "each sentence stands in Chinese and in English")


def test_nobody_is_called_names() -> None:
    """Neutral words for people; these never appear in code or on a screen."""
    never = re.compile("维稳|稳控|上访户|缠访|key[ _]person", re.I)
    faults = [
        f"{name_of(path)}:{number} {line.strip()[:80]}"
        for path in files(r"(wangge|web|examples)/.*\.(py|html|txt|json|csv|ts|vue|js|css)")
        for number, line in enumerate(source(path).splitlines(), 1)
        if never.search(line)
    ]
    refuse(faults, "words that we do not use for people")


def test_nothing_names_a_machine_or_a_registry() -> None:
    """The project runs anywhere: no package registry's host, no path of one machine."""
    hosts = [
        r"pypi\.org",
        r"pythonhosted\.org",
        r"registry\.npm",
        r"npmmirror",
        r"tuna\.tsinghua",
        r"deb\.debian\.org",
        r"--(extra-)?index-url\b",
        r"--find-links\b",
    ]
    paths = [r"(?<![\w.])/work/(main|shared)", r"/tmp/wg\b", r"/root/\w", r"/home/[a-z]+/", r"/Users/[a-z]+/"]
    named = re.compile("|".join(hosts + paths))
    faults = []
    for path in project_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        if path == Path(__file__):
            continue
        faults += [
            f"{name_of(path)}:{n} {line.strip()[:100]}"
            for n, line in enumerate(lines, 1)
            if named.search(line)
        ]
    refuse(faults, "a registry or a machine is named")


# --- what the content security policy refuses --------------------------------------------------------------

INLINE = {
    "a style attribute": re.compile(r"<[^>%{]*\sstyle\s*=", re.I),
    "a style block": re.compile(r"<style\b", re.I),
    "a script without src": re.compile(r"<script\b(?![^>]*\ssrc=)", re.I),
    "a handler": re.compile(r"<[^>]*\son[a-z]{3,}\s*=", re.I),
    "an address that acts": re.compile(r"(href|src|action)\s*=\s*[\"']?\s*javascript:", re.I),
}


def test_pages_hold_no_inline_script_or_style() -> None:
    """The policy of every page (kit/headers.py) takes scripts and style sheets from own files only."""
    faults = [
        f"{name_of(path)}:{number} {what}"
        for path in files(
            r"wangge/.*\.html", r"wangge/.*/templatetags/.*\.py", r"wangge/.*/(widgets|adapter)\.py"
        )
        for number, line in enumerate(source(path).splitlines(), 1)
        for what, pattern in INLINE.items()
        if pattern.search(line)
    ]
    acting = re.compile(
        r"setAttribute\([\"'](style|on[a-z]+)[\"']|\.cssText|\beval\(|new Function\(|document\.write"
    )
    faults += [
        f"{name_of(path)}:{number} {line.strip()[:80]}"
        for path in files(r"wangge/.*/static/.*\.js")
        for number, line in enumerate(source(path).splitlines(), 1)
        if acting.search(line)
    ]
    refuse(faults, "put it into the feature's .css or .js file")


# --- one verb, one name ----------------------------------------------------------------------------------


NO_ADDRESS_OF_ITS_OWN = {Verb.REPORT: "POST /api/cases", Verb.ARCHIVE: "done by the platform alone"}


def test_a_verb_has_one_name_everywhere() -> None:
    """Each verb of the table has one function, in cases/actions, and one address in the API, under its own name."""
    functions = {
        node.name
        for path in files(r"wangge/cases/actions/.*\.py")
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef)
    }
    refuse(sorted({verb.value for verb in Verb} - functions), "verbs without a function in cases/actions")
    refuse(sorted(set(RULES) ^ {Verb.REPORT, *ACTIONS}), "verbs that the table or the actions do not know")
    addresses = {
        door.name.rpartition("/")[2] for door in doors(get_resolver()) if door.name.startswith("/api/")
    }
    silent = {verb.value for verb in Verb if verb not in NO_ADDRESS_OF_ITS_OWN} - addresses
    refuse(sorted(silent), "verbs without an address under /api/")
