"""Which foreign parts the program carries and under which licences: from requirements.lock, the packages' own metadata
and ``licences.toml``. ``faults`` names what is unknown, not allowed or no longer there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from license_expression import ExpressionError, Licensing, get_spdx_licensing

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tools" / "licences.toml"
BUILD_ONLY = {"setuptools"}
# the classifiers that mean exactly one licence
CLASSIFIERS = {
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
FOREIGN_LOOKING = re.compile(
    r"\.(woff2?|ttf|otf|eot)$|\.min\.(js|css)$|/vendor/|/third_party/|/node_modules/"
)


@dataclass(frozen=True)
class Part:
    """A foreign work: a package of the lock, or a work inside one. ``version`` is empty when it is not installed here."""

    name: str
    licence: str
    version: str = ""
    inside: tuple[Part, ...] = ()
    own_lists: tuple[str, ...] = ()
    files: tuple[str, ...] = field(default=(), compare=False)


@cache
def licensing() -> Licensing:
    """All SPDX ids; reading them takes half a second."""
    return get_spdx_licensing()


@cache
def table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def locked_names() -> list[str]:
    """The packages that the program needs on any platform."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([a-z0-9._-]+)==", lines, re.M)) - BUILD_ONLY)


@cache
def parts() -> tuple[Part, ...]:
    return tuple(part_named(name) for name in locked_names())


def part_named(name: str) -> Part:
    held = installed(name)
    lists = tuple(path for path in files_of(name) if "/sboms/" in path)
    return Part(name, licence_of(name), held.version if held else "", tuple(works_inside(name)), lists)


def works_inside(carrier: str) -> Iterator[Part]:
    """Foreign works inside a package; ``wangge``: inside our own folders."""
    for row in table()["inside"]:
        if row["of"] == carrier:
            yield Part(row["name"], row["licence"], files=tuple(row.get("files", ())))


def licence_of(name: str) -> str:
    """The SPDX expression of a package; empty when nobody says it clearly."""
    stated = table()["stated"].get(name)
    held = installed(name)
    if stated or held is None:
        return str(stated or "")
    told = held.metadata
    for candidate in (told.get("License-Expression"), told.get("License")):
        if candidate and is_expression(candidate):
            return str(candidate)
    known = {CLASSIFIERS[c] for c in told.get_all("Classifier") or [] if c in CLASSIFIERS}
    others = [
        c for c in told.get_all("Classifier") or [] if c.startswith("License ::") and c not in CLASSIFIERS
    ]
    return known.pop() if len(known) == 1 and not others else ""


@cache
def installed(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


@cache
def files_of(name: str) -> tuple[str, ...]:
    """The files that a package installed, as its RECORD tells; only shared libraries and lists of parts."""
    held = installed(name)
    record = (held.read_text("RECORD") if held else "") or ""
    names = (line.split(",", 1)[0] for line in record.splitlines())
    return tuple(path for path in names if ".libs/" in path or "/sboms/" in path)


def is_expression(text: str) -> bool:
    try:
        return licensing().parse(text, validate=True) is not None
    except ExpressionError:
        return False


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Whether the parts of an expression that bind us are allowed: all of AND, one of OR."""
    return _allows(licensing().parse(expression), allowed)


def _allows(node: Any, allowed: set[str]) -> bool:
    kind = type(node).__name__
    if kind in ("AND", "OR"):
        judged = [_allows(arg, allowed) for arg in node.args]
        return all(judged) if kind == "AND" else any(judged)
    return str(node) in allowed


def reason_of(part: Part) -> list[str]:
    """Why a licence beyond the list may stay: Chinese and English."""
    return list(table()["exceptions"].get(part.name, ()))


def faults(found: tuple[Part, ...] | None = None) -> list[str]:
    """What is unknown, not allowed or no longer needed, each with what to do."""
    held = parts() if found is None else found
    every = [*held, *(work for part in held for work in part.inside), *works_inside("wangge")]
    told = [fault for part in every for fault in judged(part)]
    told += [fault for part in held for fault in unnamed_libraries(part)]
    told += [
        f'{name}: foreign by its name: add [[inside]] of = "wangge" with its licence to {TABLE.name}'
        for name in foreign_files()
    ]
    names = {part.name for part in every}
    for chapter in ("stated", "exceptions"):
        gone = [name for name in table()[chapter] if name not in names]
        told += [f"{TABLE.name}: [{chapter}] {name} is no longer there: take it out" for name in gone]
    return told


def judged(part: Part) -> Iterator[str]:
    if not part.licence or not is_expression(part.licence):
        yield (
            f"{part.name}: its licence is not known: read the file of its licence and add "
            f'`{part.name} = "<SPDX expression>"` to [stated] in tools/{TABLE.name}'
        )
    elif is_allowed(part.licence, set(table()["allowed"])):
        if reason_of(part):
            yield f"{TABLE.name}: [exceptions] {part.name}: {part.licence} needs none: take it out"
    elif not reason_of(part):
        yield (
            f"{part.name}: {part.licence} is not allowed: choose another part, or say in [exceptions] of "
            f"tools/{TABLE.name} why it may stay"
        )


def unnamed_libraries(part: Part) -> Iterator[str]:
    """Shared libraries in a package of which neither the package's own list nor ours says what they are."""
    patterns = [pattern for work in part.inside for pattern in work.files]
    if any("auditwheel" not in name for name in part.own_lists):
        return
    for path in files_of(part.name):
        folder, _, name = path.rpartition("/")
        if folder.endswith(".libs") and not any(fnmatchcase(name, pattern) for pattern in patterns):
            yield f'{part.name} carries {name}: add [[inside]] of = "{part.name}" with its licence to {TABLE.name}'


@cache
def foreign_files() -> list[str]:
    """Files of ours that look as if others made them, and are not named."""
    named = [pattern for work in works_inside("wangge") for pattern in work.files]
    names = [path.relative_to(ROOT).as_posix() for path in (ROOT / "wangge").rglob("*") if path.is_file()]
    return [n for n in names if FOREIGN_LOOKING.search(f"/{n}") and not any(fnmatchcase(n, p) for p in named)]


# --- the page ----------------------------------------------------------------------------------------------------


def licences_page(note: str) -> Iterator[str]:
    """Every part with its licence. Raises LookupError when ``faults`` would name something."""
    found = faults()
    if found:
        raise LookupError("\n".join(found))
    yield f"# 第三方软件与许可 · Third-party software and licences\n\n{note}\n"
    yield "网格自身的代码、页面、样式、脚本、图标按 [Apache-2.0](../../LICENSE) 提供,不含第三方的脚本或字体。下面是随程序安装的软件包、"
    yield "它们内含的第三方作品和许可。`make sbom` 生成带版本的物料清单 `dist/sbom.json`(CycloneDX 1.6);"
    yield "许可不明或不在允许之列的,`make check` 和 `make sbom` 都不通过。\n"
    yield "Wangge's own code, pages, styles, scripts and pictures come under [Apache-2.0](../../LICENSE); no script or font of"
    yield "others lies among them. These are the packages that are installed with it, and the works inside them. `make sbom`"
    yield "writes them with their versions (`dist/sbom.json`, CycloneDX 1.6); an unknown or not allowed licence fails"
    yield "`make check` and `make sbom`.\n"
    yield "允许 · allowed: " + ", ".join(f"`{name}`" for name in table()["allowed"]) + "\n"
    yield "| 名称 · name | 许可 · licence (SPDX) | 说明 · note |\n|---|---|---|"
    for part in parts():
        yield row_of(part)
        for work in part.inside:
            yield row_of(work, carrier=part.name)
    yield ""


def row_of(part: Part, carrier: str = "") -> str:
    notes = [" · ".join(reason_of(part))] if reason_of(part) else []
    if carrier:
        notes.insert(0, f"在 {carrier} 的轮子里 · inside the wheel of {carrier}")
    return f"| {'&emsp;' if carrier else ''}{part.name} | `{part.licence}` | {'; '.join(notes)} |"
