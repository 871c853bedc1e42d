"""Time limits: a version is copied into a draft, edited, published, and never changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from wangge.catalog.actions.rows import check_fields
from wangge.catalog.models import Channel, PolicyRow, PolicyVersion
from wangge.catalog.revisions import append_revisions, content_of
from wangge.kit.errors import Conflict, Invalid, NotFound
from wangge.territory.changes import changed

HOURS = (
    "accept_hours", "first_contact_hours", "arrive_hours", "handle_hours", "check_hours", "follow_up_hours",
    "unit_take_hours", "unit_handle_hours",
)  # fmt: skip
EDITABLE = {*HOURS, "category", "category_id", "channel", "source", "original_zh"}


@transaction.atomic
def copy_policy(
    version_id: int, *, name_zh: str, by: str, at: datetime, name_en: str = "", note: str = ""
) -> PolicyVersion:
    """A draft with the rows of an existing version, to be edited and then published."""
    origin = PolicyVersion.objects.filter(pk=version_id).first()
    if origin is None:
        raise NotFound()
    PolicyVersion.objects.select_for_update().order_by("-number").first()  # two copies get two numbers
    number = (PolicyVersion.objects.aggregate(n=Max("number"))["n"] or 0) + 1
    draft = PolicyVersion.objects.create(number=number, name_zh=name_zh, name_en=name_en, note=note)
    rows = list(origin.rows.all())
    for row in rows:
        row.pk = None
        row.policy_version = draft
    PolicyRow.objects.bulk_create(rows)
    append_revisions([draft], by=by, at=at)
    return draft


@transaction.atomic
def describe_policy(
    version_id: int, *, name_zh: str, name_en: str, note: str, by: str, at: datetime
) -> PolicyVersion:
    """Name and note of a draft."""
    draft = _draft(version_id)
    draft.name_zh, draft.name_en, draft.note = name_zh, name_en, note
    check_fields(draft)
    draft.save(update_fields=["name_zh", "name_en", "note"])
    append_revisions([draft], by=by, at=at)
    return draft


@transaction.atomic
def add_policy_row(version_id: int, values: Mapping[str, Any], *, by: str, at: datetime) -> PolicyRow:
    """A row for a category or a channel in a draft."""
    draft = _draft(version_id)
    row = PolicyRow(policy_version=draft)
    _set(row, values)
    row.save(force_insert=True)
    append_revisions([row], by=by, at=at)
    return row


@transaction.atomic
def edit_policy_row(row_id: int, changes: Mapping[str, Any], *, by: str, at: datetime) -> PolicyRow:
    """Change hours of a draft's row; Conflict (409) when its version is published."""
    row = _row_of_a_draft(row_id)
    _set(row, changes)
    row.save()
    append_revisions([row], by=by, at=at)
    return row


@transaction.atomic
def remove_policy_row(row_id: int, *, by: str, at: datetime) -> None:
    """Take a row out of a draft: the category then follows its ancestors, the channel or the default."""
    row = _row_of_a_draft(row_id)
    append_revisions([row], by=by, at=at)
    row.delete()


@transaction.atomic
def publish_policy(version_id: int, *, by: str, at: datetime) -> PolicyVersion:
    """From now on new cases get this version; running cases keep the one they were reported under."""
    draft = _draft(version_id)
    if not draft.rows.filter(category=None, channel="").exists():
        raise Conflict(
            "no_default_row",
            "此方案没有默认时限(类别和渠道都为空的一行)。请先补上再发布。",
            "This version has no default row (neither category nor channel). Add one, then publish.",
        )
    _refuse_dangling(draft)
    current = PolicyVersion.objects.select_for_update().filter(is_current=True)
    for previous in current:
        previous.is_current = False
        previous.save(update_fields=["is_current"])
    draft.is_current = True
    draft.published_at = at
    draft.save(update_fields=["is_current", "published_at"])
    rows = [content_of(row) for row in draft.rows.order_by("id")]
    append_revisions([draft], by=by, at=at, more={"rows": rows})
    changed("policies")
    return draft


def _refuse_dangling(draft: PolicyVersion) -> None:
    known = set(Channel.objects.filter(is_active=True).values_list("code", flat=True)) | {""}
    channels = sorted(set(draft.rows.values_list("channel", flat=True)) - known)
    retired = list(draft.rows.filter(category__is_active=False).values_list("category__code", flat=True))
    if channels or retired:
        names = "、".join([*channels, *retired])
        raise Conflict(
            "dangling_policy_rows",
            f"方案里有不存在或已停用的渠道、类别:{names}。请改正或删去这些行再发布。",
            f"Rows name channels or categories that do not exist or are retired: {', '.join([*channels, *retired])}. "
            "Correct or remove them, then publish.",
        )


def _draft(version_id: int) -> PolicyVersion:
    version = PolicyVersion.objects.select_for_update().filter(pk=version_id).first()
    if version is None:
        raise NotFound()
    if version.published_at is not None:
        raise Conflict(
            "published",
            f"时限方案“{version}”已发布,不能再改。请复制成草稿,改好后重新发布。",
            f"Policy version {version.number} is published and never changes. Copy it to a draft, edit, publish.",
            number=version.number,
        )
    return version


def _row_of_a_draft(row_id: int) -> PolicyRow:
    row = PolicyRow.objects.filter(pk=row_id).first()
    if row is None:
        raise NotFound()
    _draft(row.policy_version_id)
    return row


def _set(row: PolicyRow, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in EDITABLE:
            raise Invalid(
                name, f"没有“{name}”这一栏,或不能修改。", f"There is no column {name} that can be edited."
            )
        if name in HOURS and value is not None and not 0 < float(value) <= 24 * 366 * 5:
            raise Invalid(
                name,
                f"时限要大于 0 小时、不超过 5 年,填的是 {value}。",
                f"A limit is more than 0 hours and at most five years, not {value}.",
            )
        setattr(row, name, value)
    same = PolicyRow.objects.filter(
        Q(category=row.category), policy_version=row.policy_version, channel=row.channel
    ).exclude(pk=row.pk)
    if same.exists():
        raise Conflict(
            "policy_row_twice",
            "此方案里已有同一类别、同一渠道的一行。请直接修改那一行。",
            "This version already has a row for this category and channel. Edit that one.",
        )
    check_fields(row)
