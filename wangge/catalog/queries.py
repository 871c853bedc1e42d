"""Reading the catalogue: from memory, because every report and every page asks it.

The rows handed out are shared between threads: read them, never change them (``actions.edit_row`` does).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from wangge.catalog.models import (
    Category,
    Channel,
    CloseType,
    Ground,
    KnowledgeEntry,
    PolicyRow,
    PolicyVersion,
    Reason,
    ResponsibilityRow,
    UnitKind,
)
from wangge.kit.errors import Conflict, Invalid
from wangge.territory.changes import Kept


@dataclass(frozen=True)
class Snapshot:
    """All small tables of the catalogue as they are now."""

    by_id: dict[int, Category]
    by_code: dict[str, Category]
    children: dict[int | None, list[Category]]
    ancestors: dict[int, tuple[int, ...]]  # from the category itself up to its root
    responsibilities: dict[int, list[ResponsibilityRow]]
    grounds: dict[tuple[str, str], Ground]
    channels: dict[str, Channel]
    close_types: dict[str, CloseType]
    reasons: dict[str, Reason]
    unit_kinds: dict[str, UnitKind]
    knowledge: list[KnowledgeEntry]


@dataclass
class PolicyBook:
    """The current version and the rows of published versions, which never change."""

    current: PolicyVersion | None
    rows: dict[int, dict[tuple[int | None, str], PolicyRow]] = field(default_factory=dict)


def _read_snapshot() -> Snapshot:
    categories = list(Category.objects.order_by("id"))
    by_id = {category.pk: category for category in categories}
    children: dict[int | None, list[Category]] = defaultdict(list)
    for category in sorted(categories, key=lambda c: c.code):
        if category.is_active:
            children[category.parent_id].append(category)
    responsibilities: dict[int, list[ResponsibilityRow]] = defaultdict(list)
    listed = ResponsibilityRow.objects.filter(is_active=True, is_proposed=False)
    for row in listed.select_related("lead_unit", "area").order_by("id"):
        responsibilities[row.category_id].append(row)
    return Snapshot(
        by_id=by_id,
        by_code={category.code: category for category in categories},
        children=dict(children),
        ancestors={pk: _chain(pk, by_id) for pk in by_id},
        responsibilities=dict(responsibilities),
        grounds={(ground.kind, ground.code): ground for ground in Ground.objects.order_by("kind", "id")},
        channels={channel.code: channel for channel in Channel.objects.order_by("id")},
        close_types={close_type.code: close_type for close_type in CloseType.objects.order_by("id")},
        reasons={reason.code: reason for reason in Reason.objects.order_by("id")},
        unit_kinds={kind.code: kind for kind in UnitKind.objects.order_by("id")},
        knowledge=list(KnowledgeEntry.objects.filter(is_active=True).order_by("code")),
    )


def _chain(pk: int | None, by_id: dict[int, Category]) -> tuple[int, ...]:
    chain: list[int] = []
    while pk is not None and pk not in chain:
        chain.append(pk)
        pk = by_id[pk].parent_id
    return tuple(chain)


def _read_policies() -> PolicyBook:
    return PolicyBook(PolicyVersion.objects.filter(is_current=True).first())


_snapshot = Kept("catalog", "units", read=_read_snapshot)
_policies = Kept("policies", read=_read_policies)


# --- categories and the responsibility list ----------------------------------------------------------------


def category(category_id: int) -> Category:
    """The category with this id, retired or not; Invalid (422) when there is none."""
    found = _snapshot.get().by_id.get(category_id)
    if found is None:
        raise _unknown("category", "类别", str(category_id))
    return found


def category_by_code(code: str) -> Category:
    """The category with this code, such as ``0102``; Invalid (422) when there is none."""
    found = _snapshot.get().by_code.get(code)
    if found is None:
        raise _unknown("category", "类别", code)
    return found


def ancestors(category_id: int) -> list[Category]:
    """The category itself, then its parent, up to its root."""
    held = _snapshot.get()
    return [held.by_id[pk] for pk in held.ancestors.get(category_id, ())]


def children(category_id: int | None = None) -> list[Category]:
    """Categories in use directly below one (below nothing: the eight roots), by code."""
    return _snapshot.get().children.get(category_id, [])


def is_leaf(category_id: int) -> bool:
    """Whether cases may be given this category: nothing in use stands below it."""
    return not children(category_id)


def leaves() -> list[Category]:
    """Every category in use that cases are given, by code."""
    held = _snapshot.get()
    return sorted((c for c in held.by_id.values() if c.is_active and is_leaf(c.pk)), key=lambda c: c.code)


def responsibilities(category_id: int) -> list[ResponsibilityRow]:
    """Adopted rows of the responsibility list for a category, or of its nearest ancestor that has some."""
    held = _snapshot.get()
    for pk in held.ancestors.get(category_id, ()):
        if rows := held.responsibilities.get(pk):
            return rows
    return []


# --- policies ----------------------------------------------------------------------------------------------


def current_policy() -> PolicyVersion:
    """The version that new cases are reported under; Conflict (409) when none is published yet."""
    current = _policies.get().current
    if current is None:
        raise Conflict(
            "no_policy",
            "还没有发布时限方案。请管理员运行 wangge init,或在“时限方案”中发布一个。",
            "No policy is published yet. Run `wangge init`, or publish one under policies.",
        )
    return current


def policy_row(version_id: int, category_id: int | None = None, channel: str = "") -> PolicyRow:
    """The limits for a case under a version: its category's row or the nearest ancestor's, then the channel's,
    then the default. A row for category and channel together comes before the category's own.
    """
    rows = _rows_of(version_id)
    chain = _snapshot.get().ancestors.get(category_id, ()) if category_id is not None else ()
    wanted: list[tuple[int | None, str]] = []
    for pk in chain:
        wanted += [(pk, channel), (pk, "")]
    wanted += [(None, channel), (None, "")]
    for key in wanted:
        if key in rows:
            return rows[key]
    raise Conflict(
        "no_default_row",
        "此时限方案没有默认时限。请管理员补上默认一行并重新发布。",
        "This policy version has no default row. Add one and publish again.",
        policy_version=version_id,
    )


def _rows_of(version_id: int) -> dict[tuple[int | None, str], PolicyRow]:
    book = _policies.get()
    if version_id not in book.rows:
        found = PolicyRow.objects.filter(policy_version=version_id).select_related("policy_version")
        rows = {(row.category_id, row.channel): row for row in found}
        if any(row.policy_version.published_at is None for row in rows.values()):
            return rows  # a draft still changes
        book.rows[version_id] = rows
    return book.rows[version_id]


# --- small lists -------------------------------------------------------------------------------------------


def ground(kind: str, code: str) -> Ground:
    """A listed ground in use; Invalid (422) when it is not on the list."""
    found = _snapshot.get().grounds.get((kind, code))
    if found is None or not found.is_active:
        raise _unknown("ground", "事由", f"{kind}/{code}")
    return found


def grounds(kind: str) -> list[Ground]:
    """Grounds in use of one kind: decline, park, hand_back, transfer, void, extension, exception …"""
    return [row for (of, _), row in _snapshot.get().grounds.items() if of == kind and row.is_active]


def channel(code: str) -> Channel:
    """The channel with this code; Invalid (422) when there is none in use."""
    found = _snapshot.get().channels.get(code)
    if found is None or not found.is_active:
        raise _unknown("channel", "来源渠道", code)
    return found


def channels() -> list[Channel]:
    """Channels in use, in the dictionary's order."""
    return [row for row in _snapshot.get().channels.values() if row.is_active]


def close_type(code: str) -> CloseType:
    """The close type with this code; Invalid (422) when there is none in use."""
    found = _snapshot.get().close_types.get(code)
    if found is None or not found.is_active:
        raise _unknown("close_type", "结案类型", code)
    return found


def close_types() -> list[CloseType]:
    """Close types in use."""
    return [row for row in _snapshot.get().close_types.values() if row.is_active]


def reason(code: str) -> Reason:
    """The reason of dissatisfaction with this code; Invalid (422) when there is none in use."""
    found = _snapshot.get().reasons.get(code)
    if found is None or not found.is_active:
        raise _unknown("reason", "不满意原因", code)
    return found


def reasons() -> list[Reason]:
    """Reasons of dissatisfaction in use."""
    return [row for row in _snapshot.get().reasons.values() if row.is_active]


def unit_kinds() -> dict[str, UnitKind]:
    """Kinds of units in use, by code."""
    return {code: kind for code, kind in _snapshot.get().unit_kinds.items() if kind.is_active}


# --- knowledge ---------------------------------------------------------------------------------------------


def knowledge_for(
    text: str = "", *, category_id: int | None = None, on: date | None = None, n: int = 5
) -> list[KnowledgeEntry]:
    """Agreed answers for a question: entries of the category (or above it), and those whose question shares
    letters pairs with ``text``, best first. With ``on``, entries that expired before that day are left out.
    """
    held = _snapshot.get()
    chain = held.ancestors.get(category_id, ()) if category_id is not None else ()
    asked = _pairs(text)
    scored: list[tuple[float, str, KnowledgeEntry]] = []
    for entry in held.knowledge:
        if on is not None and entry.expires_on is not None and entry.expires_on < on:
            continue
        near = 1.0 / (1 + chain.index(entry.category_id)) if entry.category_id in chain else 0.0
        shared = asked & (_pairs(entry.question_zh) | _pairs(entry.name_en))
        score = near + (len(shared) / len(asked) if asked else 0.0)
        if near or len(shared) >= 2:
            scored.append((-score, entry.code, entry))
    return [entry for _, _, entry in sorted(scored, key=lambda item: item[:2])[:n]]


def knowledge_named(code: str) -> KnowledgeEntry:
    """The knowledge entry with this code; Invalid (422) when there is none in use."""
    for entry in _snapshot.get().knowledge:
        if entry.code == code:
            return entry
    raise _unknown("knowledge", "知识条目", code)


def _pairs(text: str) -> set[str]:
    """Neighbouring letters: enough to compare short Chinese questions without a dictionary of words."""
    letters = [c for c in text.lower() if c.isalnum()]
    return {a + b for a, b in pairwise(letters)}


def _unknown(field_name: str, zh: str, given: str) -> Invalid:
    return Invalid(
        field_name,
        f"{zh}“{given}”不存在或已停用。请从列表中选择。",
        f"There is no {field_name.replace('_', ' ')} “{given}” in use. Choose one from the list.",
    )
