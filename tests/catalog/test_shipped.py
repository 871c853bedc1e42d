"""The shipped dictionaries become rows once, come up to date later, and never overwrite a person's edit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wangge.catalog import shipped
from wangge.catalog.actions import edit_row, retire_row
from wangge.catalog.models import (
    AssetKind,
    CatalogRevision,
    Category,
    Channel,
    KeywordRow,
    PolicyRow,
    PolicyVersion,
    ResponsibilityRow,
    UnitKind,
)
from wangge.catalog.shipped import load_shipped, read_dictionary

AT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_everything_is_loaded_and_loading_again_changes_nothing():
    first = load_shipped("init", AT)
    assert first.n_changed == first.n_same == first.n_kept == 0
    roots = Category.objects.filter(parent=None)
    assert set(roots.values_list("code", flat=True)) == {"CM", "DP", "PS", "HZ", "LV", "EN", "PH", "PC"}
    assert Category.objects.get(code="0102").parent.code == "01"
    assert AssetKind.objects.count() == 78
    assert KeywordRow.objects.count() == len(read_dictionary("keywords.csv"))
    assert Channel.objects.get(code="hotline_12345").keeps_upstream_number
    loaded = CatalogRevision.objects.get(kind="shipped")
    assert (loaded.changed_by, loaded.content["tables"]["asset_kinds"]) == ("init", 78)

    again = load_shipped("init", AT + timedelta(days=1))
    assert (again.n_new, again.n_changed, again.n_kept) == (0, 0, 0)
    assert again.n_same > 3000


def test_loading_takes_a_handful_of_statements(django_assert_max_num_queries):
    with django_assert_max_num_queries(120):
        load_shipped("init", AT)
    with django_assert_max_num_queries(40):
        load_shipped("init", AT)


def test_the_first_policy_is_published_and_the_others_wait_as_drafts():
    load_shipped("init", AT)
    current = PolicyVersion.objects.get(is_current=True)
    assert (current.number, current.name_zh, current.published_at) == (1, "72小时", AT)
    default = current.rows.get(category=None, channel="")
    assert (default.handle_hours, default.accept_hours, default.arrive_hours) == (72, 2, None)
    assert current.rows.get(category__code="0102").handle_hours == 24
    drafts = PolicyVersion.objects.filter(published_at=None)
    assert drafts.count() == 3
    assert all(draft.rows.filter(category=None, channel="").exists() for draft in drafts)
    assert PolicyRow.objects.count() == len(read_dictionary("policies.csv"))


def test_every_category_with_a_lead_has_a_row_in_the_responsibility_list():
    load_shipped("init", AT)
    known = set(UnitKind.objects.values_list("code", flat=True))
    for row in ResponsibilityRow.objects.all():
        assert {row.lead_kind, *row.assist_kinds} <= known
    led = {r["code"] for r in read_dictionary("categories.csv") if r["lead_kind"]}
    listed = ResponsibilityRow.objects.filter(level="county").values_list("category__code", flat=True)
    assert led <= set(listed)


def test_an_edited_row_stays_as_the_people_made_it():
    load_shipped("init", AT)
    rubbish = Category.objects.get(code="0102")
    edit_row(rubbish, {"name_zh": "垃圾乱倒"}, by="admin", at=AT)
    listed = ResponsibilityRow.objects.filter(category__code="0102").first()
    edit_row(listed, {"lead_kind": "housing"}, by="admin", at=AT)
    retire_row(KeywordRow.objects.get(word="违建"), by="admin", at=AT)
    n_listed = ResponsibilityRow.objects.count()

    again = load_shipped("init", AT + timedelta(days=1))

    assert again.n_new == 0
    assert again.n_kept >= 2
    rubbish.refresh_from_db()
    listed.refresh_from_db()
    assert (rubbish.name_zh, rubbish.version) == ("垃圾乱倒", 2)
    assert listed.lead_kind == "housing"
    assert ResponsibilityRow.objects.count() == n_listed
    assert not KeywordRow.objects.get(word="违建").is_active


def test_a_newer_dictionary_updates_what_nobody_edited(tmp_path, monkeypatch):
    load_shipped("init", AT)
    for path in shipped.FOLDER.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("暴露垃圾,", "露天垃圾,"), encoding="utf-8")
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    counts = load_shipped("upgrade", AT + timedelta(days=1))
    assert counts.n_changed >= 1
    rubbish = Category.objects.get(code="0102")
    assert (rubbish.name_zh, rubbish.version) == ("露天垃圾", 2)
    kept = CatalogRevision.objects.filter(kind="category", code="0102").order_by("version")
    assert [(r.version, r.content["name_zh"]) for r in kept] == [(1, "暴露垃圾"), (2, "露天垃圾")]
