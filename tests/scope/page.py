"""The page docs/reference/scope.md: what the walk found, as tables that people review."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from tests.scope.people import Knocker
from tests.scope.situations import SITUATIONS
from tests.scope.walk import HIDDEN, Walk
from wangge.cases.workflow import RULES, STATE_NAMES, State, Verb

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "scope.md"
SEEN, DONE = "seen", "done"
SHORT = {
    "list": "列表 list", "waiting": "待办 waiting", "field": "手机页 phone", "admin": "后台 admin",
    "search": "搜索 search", "export": "导出 export", "by phone": "按电话查 by phone",
    "inbox": "消息 inbox", "figures": "统计 figures: 在办/收到 open/received",
}  # fmt: skip


def begin(name: str) -> str:
    return f"<!-- {name}: written by tools/scope.sh from a walk through every door; reviewed by people -->"


def end(name: str) -> str:
    return f"<!-- {name}: end -->"


def seen_section(walk: Walk) -> str:
    return "\n".join(
        [*people_table(walk.knockers), *matrix(walk), *doors(walk), *lists_table(walk), *residents(walk)]
    )


def done_section(walk: Walk) -> str:
    return "\n".join([*verbs_table(walk), *residents(walk)])


def people_table(knockers: list[Knocker]) -> Iterator[str]:
    yield "### 人 · People\n\n| 账号 user | 岗位 post | 范围 scope | 说明 remark |\n|---|---|---|---|"
    for who in knockers:
        about = f"{who.about.zh} · {who.about.en}" if who.about.zh else ""
        yield f"| {who.name} | {who.role} | {who.place} | {about} |"


def matrix(walk: Walk) -> Iterator[str]:
    yield "\n### 案件 · Cases\n\n| | 案件 case |\n|---|---|"
    for n, one in enumerate(SITUATIONS, start=1):
        yield f"| {n} {one.key} | {one.about.zh} · {one.about.en} |"
    yield "\n### 谁看到哪件 · Who sees which\n"
    yield "| |" + "".join(f" {n} |" for n in range(1, len(SITUATIONS) + 1))
    yield "|---|" + "---|" * len(SITUATIONS)
    for who in walk.knockers:
        yield f"| {who.name} |" + "".join(f" {walk.cells[who.name, one.key]} |" for one in SITUATIONS)


def doors(walk: Walk) -> Iterator[str]:
    yield "\n### 与接口回答不一致的入口 · Doors that answer otherwise than the API\n"
    yield from (f"- {one}" for one in walk.disagreeing) if walk.disagreeing else iter(["无 · none"])


def lists_table(walk: Walk) -> Iterator[str]:
    yield "\n### 列表、搜索、导出、消息 · Lists, searches, exports, messages\n"
    yield "| |" + "".join(f" {name} |" for name in SHORT.values())
    yield "|---|" + "---|" * len(SHORT)
    for who in walk.knockers:
        row = walk.lists[who.name]
        yield f"| {who.name} |" + "".join(f" {row.get(key, '')} |" for key in SHORT)


def residents(walk: Walk) -> Iterator[str]:
    yield "\n### 居民 · Residents\n\n| 怎么问 asked | 回答 answer |\n|---|---|"
    for asked, answer in walk.residents:
        yield f"| {asked} | {answer} |"


def verbs_table(walk: Walk) -> Iterator[str]:
    yield "\n| 动作 verb | 在 state | 可以办 may | 仅主办单位可办 lead unit only |\n|---|---|---|---|"
    for verb, (state, letters) in walk.verbs.items():
        may, lead = (", ".join(letters.get(key, [])) or "–" for key in ("may", "not lead"))
        yield f"| {verb.value} {RULES[Verb(verb)].name.zh} | {state} {STATE_NAMES[State(state)].zh} | {may} | {lead} |"
    yield "\n### 看不到该状态的案件的人 · From whom the case in this state is hidden (404)\n"
    hidden = {state: letters["hidden"] for state, letters in walk.verbs.values()}
    yield from (f"- {state}: {', '.join(names)}" for state, names in hidden.items())


# --- comparing ------------------------------------------------------------------------------------------------


def part(name: str) -> str:
    """What the page says now between the marks."""
    found = re.search(re.escape(begin(name)) + r"\n(.*?)\n" + re.escape(end(name)), PAGE.read_text(), re.S)
    return found[1] if found else ""


def put(name: str, content: str) -> None:
    text, before = PAGE.read_text(), part(name)
    inside = f"{begin(name)}\n{before}\n{end(name)}"
    assert inside in text, f"the page lost its marks for {name}"
    PAGE.write_text(text.replace(inside, f"{begin(name)}\n{content}\n{end(name)}"))


def difference(name: str, content: str) -> str:
    """What is other than the reviewed page, readable; empty when nothing is."""
    lines = difflib.unified_diff(
        part(name).splitlines(),
        content.splitlines(),
        "docs/reference/scope.md",
        "the product",
        lineterm="",
        n=1,
    )
    return "\n".join(lines)


def grown(before: str, after: str) -> list[str]:
    """Rights that somebody has now and had not on the page: cells that show more, names that were added."""
    order = HIDDEN + "mwR"
    old, found = rows(before), []
    for key, cells in rows(after).items():
        for n, (was, now) in enumerate(zip(old.get(key, [""] * len(cells)), cells, strict=False), start=1):
            if now in order and (was not in order or order.index(now) > order.index(was)) and now != HIDDEN:
                found.append(f"{key} · {n}: {was or '–'} → {now}")
            elif more := names(now) - names(was):
                found.append(f"{key}: + {', '.join(sorted(more))}")
    return found


def rows(section: str) -> dict[str, list[str]]:
    """The lines of the tables by their first cell."""
    found: dict[str, list[str]] = {}
    for line in section.splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            first, *cells = [cell.strip() for cell in line.strip("|").split("|")]
            found.setdefault(first, []).extend(cells)
    return found


def names(cell: str) -> set[str]:
    return set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", cell)) if "," in cell or "_" in cell else set()
