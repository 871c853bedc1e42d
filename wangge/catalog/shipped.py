"""The shipped dictionaries become rows: loaded once, brought up to date later, edited rows left alone."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from wangge.catalog.models import (
    AssetKind,
    CatalogRevision,
    Category,
    Channel,
    CloseType,
    Ground,
    KeywordRow,
    KnowledgeEntry,
    PolicyRow,
    PolicyVersion,
    Reason,
    ResponsibilityRow,
    UnitKind,
)
from wangge.catalog.revisions import KIND_NAMES, append_revisions, content_of, keep_first_forms, key_of
from wangge.territory.changes import changed
from wangge.territory.models import AreaLevel

FOLDER = Path(__file__).parent / "data"
FIRST_POLICY = "72小时"
CSV_HOURS = {
    "accept_hours": False, "first_contact_hours": True, "arrive_hours": True, "handle_hours": False,
    "check_hours": False, "follow_up_hours": False, "unit_take_hours": False, "unit_handle_hours": False,
}  # fmt: skip  # column → may be empty

Values = dict[str, Any]


@dataclass
class Counts:
    """What a load did, in rows; ``n_kept`` are rows that people edited and that were therefore left alone."""

    n_new: int = 0
    n_changed: int = 0
    n_same: int = 0
    n_kept: int = 0
    tables: dict[str, int] = field(default_factory=dict)  # rows read from each dictionary


def load_shipped(by: str, at: datetime) -> Counts:
    """Load all shipped dictionaries in one transaction; doing it again changes nothing.

    A loaded row has version 1, which is the file's; its form is kept when the row is edited for the first time.
    Rows that were edited since (a revision not written by this loader) are never overwritten, and a row that
    people retired is not revived. Policies are loaded only while there are none: the first set is published
    as version 1, the other presets wait as drafts.
    """
    loader = _Loader(by, at)
    with transaction.atomic():
        loader.load()
        if loader.counts.n_new or loader.counts.n_changed:
            CatalogRevision.objects.create(
                kind="shipped",
                code="all",
                version=CatalogRevision.objects.filter(kind="shipped").count() + 1,
                content=asdict(loader.counts),
                is_shipped=True,
                changed_by=by,
                changed_at=at,
            )
            changed("catalog", "keywords", "policies")
    return loader.counts


def read_dictionary(name: str) -> list[dict[str, str]]:
    """The rows of a shipped CSV file as text; none when the file does not exist."""
    path = FOLDER / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class _Loader:
    def __init__(self, by: str, at: datetime) -> None:
        self.by, self.at = by, at
        self.counts = Counts()
        self.categories: dict[str, int] = {}

    def load(self) -> None:
        self._named(UnitKind, "unit_kinds.csv")
        self._named(Channel, "channels.csv", keeps_upstream_number=_flag)
        self._named(CloseType, "close_types.csv", needs_zh=str, needs_en=str, is_solved=_flag)
        self._named(Reason, "reasons.csv", leads_to=str, note_zh=str, note_en=str)
        self._load_grounds()
        self._load_asset_kinds()
        self._load_categories()
        self._load_responsibilities()
        self._load_knowledge()
        self._load_keywords()
        self._load_policies()

    def _named(self, model: type[models.Model], name: str, **columns: Callable[[str], Any]) -> None:
        rows = self._read(name)
        readers = {"name_zh": str, "name_en": str, "source": str} | columns
        wanted = {
            (row["code"],): {"code": row["code"]} | {c: read(row.get(c) or "") for c, read in readers.items()}
            for row in rows
        }
        self._merge(model, ("code",), wanted)

    def _load_grounds(self) -> None:
        names = (
            "kind",
            "code",
            "name_zh",
            "name_en",
            "needs",
            "clock",
            "resident_text_zh",
            "resident_text_en",
            "source",
        )
        wanted = {
            (row["kind"], row["code"]): {name: row.get(name) or "" for name in names}
            for row in self._read("grounds.csv")
        }
        self._merge(Ground, ("kind", "code"), wanted)

    def _load_asset_kinds(self) -> None:
        names = ("name_zh", "name_en", "class_zh", "owner_kind", "maintainer_kind", "source")
        wanted: dict[tuple[Any, ...], Values] = {}
        for row in self._read("asset_kinds.csv"):
            code = row["class_code"] + row["subclass_code"]
            wanted[(code,)] = {"code": code} | {name: row[name] for name in names}
        self._merge(AssetKind, ("code",), wanted)

    def _load_categories(self) -> None:
        rows = {row["code"]: row for row in self._read("categories.csv")}

        def depth(row: Mapping[str, str]) -> int:
            return 1 + depth(rows[row["parent_code"]]) if row["parent_code"] else 0

        for _, level in groupby(sorted(rows.values(), key=depth), key=depth):
            self._merge(Category, ("code",), {(row["code"],): self._category(row) for row in level})
            self.categories = dict(Category.objects.values_list("code", "id"))

    def _category(self, row: Mapping[str, str]) -> Values:
        names = (
            "code", "name_zh", "name_en", "source", "default_tier", "closing_standard_zh", "closing_standard_en",
            "urgency", "sensitivity", "case_kind", "legal_basis",
        )  # fmt: skip
        return {name: row[name] for name in names} | {
            "parent_id": self.categories[row["parent_code"]] if row["parent_code"] else None,
            "may_self_close": _flag(row["may_self_close"]),
            "needs_photo_after": _flag(row["needs_photo_after"]),
            "is_must_attend": _flag(row["must_attend"]),
        }

    def _load_responsibilities(self) -> None:
        """Rows of the list; a category's own lead kind stands for the county where the list has no such row."""
        wanted: dict[tuple[Any, ...], Values] = {}
        for row in self._read("responsibility.csv"):
            values = self._responsibility(
                row, level=row["level"], duty=row["kind"], note=row.get("note") or ""
            )
            wanted[_responsibility_key(values)] = values
        led = {key[0] for key in wanted if key[1] == AreaLevel.COUNTY}
        for row in read_dictionary("categories.csv"):
            if row["lead_kind"] and self.categories[row["code"]] not in led:
                values = self._responsibility(
                    row | {"category_code": row["code"]}, AreaLevel.COUNTY, "basic", ""
                )
                wanted[_responsibility_key(values)] = values
        once = CatalogRevision.objects.filter(kind=KIND_NAMES[ResponsibilityRow], is_shipped=True)
        shipped_before = {_responsibility_key(content) for content in once.values_list("content", flat=True)}
        held = ResponsibilityRow.objects.filter(area=None, lead_unit=None)
        present = {_responsibility_key(content_of(row)) for row in held}
        wanted = {key: v for key, v in wanted.items() if key in present or key not in shipped_before}
        self._merge(ResponsibilityRow, ("category_id", "level", "lead_kind", "duty"), wanted, held)

    def _responsibility(self, row: Mapping[str, str], level: str, duty: str, note: str) -> Values:
        return {
            "category_id": self.categories[row["category_code"]], "level": level, "duty": duty, "note": note,
            "lead_kind": row["lead_kind"], "assist_kinds": [k for k in row["assist_kinds"].split(";") if k],
            "legal_basis": row["legal_basis"], "source": row.get("source") or "",
        }  # fmt: skip

    def _load_knowledge(self) -> None:
        wanted: dict[tuple[Any, ...], Values] = {}
        for row in self._read("knowledge.csv"):
            name = row.get("name_zh") or row["question_zh"]
            wanted[(row["code"],)] = {
                "code": row["code"], "name_zh": name[:200], "name_en": (row.get("question_en") or "")[:250],
                "question_zh": row["question_zh"], "answer_zh": row["answer_zh"], "answer_en": row["answer_en"],
                "basis": row["basis"], "owner_kind": row["owner_kind"], "source": row.get("source") or "",
                "category_id": self.categories[row["category_code"]] if row["category_code"] else None,
                "expires_on": date.fromisoformat(row["expires_on"]) if row["expires_on"] else None,
            }  # fmt: skip
        self._merge(KnowledgeEntry, ("code",), wanted)

    def _load_keywords(self) -> None:
        wanted: dict[tuple[Any, ...], Values] = {}
        for row in self._read("keywords.csv"):
            category_id = self.categories[row["category_code"]]
            wanted[(row["word"], category_id)] = {
                "word": row["word"], "category_id": category_id, "weight": float(row["weight"]), "language": row["lang"],
            }  # fmt: skip
        self._merge(KeywordRow, ("word", "category_id"), wanted)

    def _load_policies(self) -> None:
        rows = self._read("policies.csv")
        if PolicyVersion.objects.exists() or not rows:
            return
        names = sorted(
            {(row["name_zh"], row["name_en"]) for row in rows}, key=lambda n: (n[0] != FIRST_POLICY, n)
        )
        versions = [
            PolicyVersion(
                number=number, name_zh=zh, name_en=en, note="随产品附带的示例 shipped preset",
                is_current=number == 1, published_at=self.at if number == 1 else None,
            )
            for number, (zh, en) in enumerate(names, 1)
        ]  # fmt: skip
        PolicyVersion.objects.bulk_create(versions)
        by_name = {version.name_zh: version for version in versions}
        made = [self._policy_row(by_name[row["name_zh"]], row) for row in rows]
        _insert(PolicyRow, made)
        for version in versions:
            own = [content_of(row) for row in made if row.policy_version_id == version.pk]
            append_revisions([version], by=self.by, at=self.at, is_shipped=True, more={"rows": own})
        self.counts.n_new += len(versions) + len(made)

    def _policy_row(self, version: PolicyVersion, row: Mapping[str, str]) -> PolicyRow:
        hours = {
            name: float(row[name])
            for name in CSV_HOURS
            if row[name]  # otherwise the column's default
        }
        empty = {name: None for name, may_be_empty in CSV_HOURS.items() if may_be_empty and not row[name]}
        return PolicyRow(
            policy_version=version,
            category_id=self.categories[row["category_code"]] if row["category_code"] else None,
            channel=row["channel"],
            source="; ".join(part for part in (row.get("place") or "", row["source"]) if part)[:300],
            original_zh=row["original_zh"],
            **hours,
            **empty,
        )

    def _read(self, name: str) -> list[dict[str, str]]:
        rows = read_dictionary(name)
        self.counts.tables[name.removesuffix(".csv")] = len(rows)
        return rows

    def _merge(
        self,
        model: type[models.Model],
        key: tuple[str, ...],
        wanted: Mapping[tuple[Any, ...], Values],
        held: models.QuerySet[Any] | None = None,
    ) -> None:
        """Insert what is missing and update what only this loader wrote: one statement each."""
        existing = {
            tuple(getattr(row, name) for name in key): row
            for row in (model._default_manager.all() if held is None else held)
        }
        edited = self._edited(model)
        new: list[Any] = []
        outdated: list[tuple[Any, Values]] = []
        for identity, values in wanted.items():
            row = existing.get(identity)
            if row is None:
                new.append(model(**values))
            elif key_of(row)[:80] in edited:
                self.counts.n_kept += 1
            elif _differs(row, values):
                outdated.append((row, values))
            else:
                self.counts.n_same += 1
        _insert(model, new)
        self._update(model, outdated)
        self.counts.n_new += len(new)
        self.counts.n_changed += len(outdated)

    def _update(self, model: type[models.Model], outdated: list[tuple[Any, Values]]) -> None:
        if not outdated:
            return
        rows = [row for row, _ in outdated]
        keep_first_forms(rows, at=self.at)
        for row, values in outdated:
            row.version += 1
            for name, value in values.items():
                setattr(row, name, value)
        model._default_manager.bulk_update(rows, [*outdated[0][1], "version"])
        append_revisions(rows, by=self.by, at=self.at, is_shipped=True)

    def _edited(self, model: type[models.Model]) -> set[str]:
        edits = CatalogRevision.objects.filter(kind=KIND_NAMES[model], is_shipped=False)
        return set(edits.values_list("code", flat=True))


def _insert(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """COPY: ten times faster than INSERT for thousands of rows; the rows do not learn their ids."""
    if not rows:
        return
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([getattr(row, field.attname) for field in fields])


def _responsibility_key(values: Mapping[str, Any]) -> tuple[Any, ...]:
    return values["category_id"], values["level"], values["lead_kind"], values["duty"]


def _differs(row: models.Model, values: Values) -> bool:
    return any(getattr(row, name) != value for name, value in values.items())


def _flag(text: str) -> bool:
    return text.strip() == "1"
