"""Edits raise the version and keep what the row was; a published policy never changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import ProgrammingError, transaction

from tests.cast import fill_catalogue
from wangge.catalog import queries
from wangge.catalog.actions import (
    add_policy_row,
    add_row,
    adopt_responsibility,
    copy_policy,
    edit_policy_row,
    edit_row,
    propose_responsibility,
    publish_policy,
    remove_policy_row,
    retire_row,
)
from wangge.catalog.models import (
    CatalogRevision,
    Category,
    Channel,
    Ground,
    KnowledgeEntry,
    PolicyVersion,
    ResponsibilityRow,
    UnitKind,
)
from wangge.kit.errors import Conflict, Invalid
from wangge.territory.actions import create_unit

AT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
BY = "admin"


@pytest.fixture(autouse=True)
def catalogue(db):
    fill_catalogue(AT)


def category(code: str) -> Category:
    return Category.objects.get(code=code)


def test_an_edit_raises_the_version_and_keeps_both_forms():
    row = edit_row(category("0102"), {"name_zh": "垃圾乱倒", "urgency": "urgent"}, by=BY, at=AT)
    assert row.version == 2
    kept = CatalogRevision.objects.filter(kind="category", code="0102").order_by("version")
    assert [(r.content["name_zh"], r.content["urgency"], r.changed_by) for r in kept] == [
        ("暴露垃圾", "ordinary", "随产品附带 shipped"),
        ("垃圾乱倒", "urgent", BY),
    ]
    assert queries.category_by_code("0102").name_zh == "垃圾乱倒", "memory follows at once"


def test_an_edit_that_changes_nothing_raises_no_version():
    assert edit_row(category("0102"), {"name_zh": "暴露垃圾"}, by=BY, at=AT).version == 1


def test_of_two_editors_the_second_is_told():
    seen = category("0102")
    edit_row(seen, {"name_zh": "甲"}, by="a", at=AT, version=1)
    with pytest.raises(Conflict, match="第 2 版"):
        edit_row(seen, {"name_zh": "乙"}, by="b", at=AT, version=1)
    assert category("0102").name_zh == "甲"


@pytest.mark.parametrize(
    ("changes", "zh"),
    [
        ({"code": "9999"}, "不能改"),
        ({"urgency": "at_once"}, "填写有误"),
        ({"name_zh": ""}, "填写有误"),
        ({"version": 7}, "没有“version”"),
        ({"nonsense": 1}, "没有“nonsense”"),
    ],
)
def test_a_bad_edit_is_refused_in_both_languages(changes, zh):
    with pytest.raises((Invalid, Conflict), match=zh) as refusal:
        edit_row(category("0102"), changes, by=BY, at=AT)
    assert refusal.value.en
    assert category("0102").version == 1


def test_no_reference_dangles():
    listed = ResponsibilityRow.objects.filter(category__code="0102", level="county").get()
    with pytest.raises(Conflict, match="nobody"):
        edit_row(listed, {"lead_kind": "nobody"}, by=BY, at=AT)
    with pytest.raises(Conflict, match="nobody"):
        edit_row(listed, {"assist_kinds": ["sanitation", "nobody"]}, by=BY, at=AT)
    with pytest.raises(Invalid, match="至少填一项"):
        edit_row(listed, {"lead_kind": ""}, by=BY, at=AT)
    with pytest.raises(Conflict, match="不能停用"):
        retire_row(UnitKind.objects.get(code="sanitation"), by=BY, at=AT)
    with pytest.raises(Conflict, match="不能停用"):
        retire_row(category("01"), by=BY, at=AT)
    with pytest.raises(Conflict, match="自己的下级"):
        edit_row(category("CM"), {"parent": category("0102")}, by=BY, at=AT)
    retire_row(category("0102"), by=BY, at=AT)
    with pytest.raises(Conflict, match="已停用"):
        edit_row(listed, {"note": "x"}, by=BY, at=AT)
    assert "0102" not in {c.code for c in queries.children(category("01").pk)}


def test_a_local_category_and_its_words():
    row = add_row(Category, {"code": "2150", "name_zh": "海藻堆积", "parent": category("21")}, by=BY, at=AT)
    assert queries.category_by_code("2150").pk == row.pk
    assert queries.is_leaf(row.pk)
    assert not queries.is_leaf(category("21").pk)
    assert [c.code for c in queries.ancestors(row.pk)] == ["2150", "21", "CM"]
    with pytest.raises(Invalid):
        add_row(Category, {"code": "2150", "name_zh": "又一个"}, by=BY, at=AT)


def test_a_ruling_becomes_a_proposed_row_that_somebody_adopts():
    unit = create_unit(code="works", kind="housing", name_zh="住建局", by=BY, at=AT)
    proposed = propose_responsibility(
        category=category("2199"), lead_unit=unit, by="leader", at=AT, note="裁定"
    )
    assert proposed not in queries.responsibilities(proposed.category_id)
    adopt_responsibility(proposed, by=BY, at=AT)
    assert proposed in queries.responsibilities(proposed.category_id)


def test_a_published_policy_is_never_changed_but_copied():
    first = queries.current_policy()
    row = first.rows.get(category__code="0102")
    for attempt in (
        lambda: edit_policy_row(row.pk, {"handle_hours": 48}, by=BY, at=AT),
        lambda: remove_policy_row(row.pk, by=BY, at=AT),
        lambda: add_policy_row(first.pk, {"channel": "sensor"}, by=BY, at=AT),
        lambda: publish_policy(first.pk, by=BY, at=AT),
    ):
        with pytest.raises(Conflict, match="已发布,不能再改"):
            attempt()

    draft = copy_policy(first.pk, name_zh="本地方案", by=BY, at=AT)
    edit_policy_row(draft.rows.get(category__code="0102").pk, {"handle_hours": 12}, by=BY, at=AT)
    assert queries.current_policy() == first
    publish_policy(draft.pk, by=BY, at=AT)

    assert queries.current_policy() == draft
    assert queries.policy_row(draft.pk, category("0102").pk).handle_hours == 12
    assert queries.policy_row(first.pk, category("0102").pk).handle_hours == 24, (
        "a running case keeps its own"
    )
    revision = CatalogRevision.objects.filter(kind="policy", code=str(draft.number)).latest("id")
    assert len(revision.content["rows"]) == draft.rows.count()
    assert PolicyVersion.objects.filter(is_current=True).count() == 1


def test_a_draft_must_be_whole_before_it_is_published():
    draft = copy_policy(queries.current_policy().pk, name_zh="坏方案", by=BY, at=AT)
    default = draft.rows.get(category=None, channel="")
    with pytest.raises(Invalid, match="大于 0"):
        edit_policy_row(default.pk, {"handle_hours": 0}, by=BY, at=AT)
    with pytest.raises(Conflict, match="已有同一类别"):
        add_policy_row(draft.pk, {"category": category("0102")}, by=BY, at=AT)
    added = add_policy_row(draft.pk, {"channel": "pigeon"}, by=BY, at=AT)
    with pytest.raises(Conflict, match="pigeon"):
        publish_policy(draft.pk, by=BY, at=AT)
    remove_policy_row(added.pk, by=BY, at=AT)
    remove_policy_row(default.pk, by=BY, at=AT)
    with pytest.raises(Conflict, match="没有默认时限"):
        publish_policy(draft.pk, by=BY, at=AT)


def test_which_limits_a_case_gets():
    policy = queries.current_policy().pk
    rows = queries.current_policy().rows
    own = rows.get(category__code="0102")
    hotline = rows.get(channel="hotline_12345")
    default = rows.get(category=None, channel="")
    without = next(
        c for c in queries.leaves() if not rows.filter(category__in=queries.ancestors(c.pk)).exists()
    )
    assert queries.policy_row(policy, category("0102").pk, "hotline_12345") == own
    assert queries.policy_row(policy, without.pk, "hotline_12345") == hotline
    assert queries.policy_row(policy, without.pk, "walk_in") == default
    assert queries.policy_row(policy, None, "") == default
    draft = copy_policy(policy, name_zh="草稿", by=BY, at=AT)
    add_policy_row(draft.pk, {"category": category("01"), "handle_hours": 99}, by=BY, at=AT)
    remove_policy_row(draft.rows.get(category__code="0102").pk, by=BY, at=AT)
    assert queries.policy_row(draft.pk, category("0102").pk).handle_hours == 99, "the nearest ancestor's row"


def test_reading_costs_no_statement_once_it_is_in_memory(django_assert_num_queries):
    policy = queries.current_policy()
    queries.policy_row(policy.pk, category("0102").pk)
    pk = category("0102").pk
    with django_assert_num_queries(0):
        queries.policy_row(policy.pk, pk, "walk_in")
        queries.ancestors(pk)
        queries.ground("decline", "other_area")
        queries.close_type("solved")
        queries.channel("hotline_12345")
        queries.reason("untouched")
        assert queries.responsibilities(pk)


def test_what_is_not_on_a_list_is_refused():
    for look in (
        lambda: queries.ground("decline", "mood"),
        lambda: queries.channel("pigeon"),
        lambda: queries.close_type("forgotten"),
        lambda: queries.reason("x"),
        lambda: queries.category_by_code("9999"),
        lambda: queries.category(0),
    ):
        with pytest.raises(Invalid, match="不存在或已停用"):
            look()
    retire_row(Channel.objects.get(code="sensor"), by=BY, at=AT)
    with pytest.raises(Invalid):
        queries.channel("sensor")
    retire_row(Ground.objects.get(kind="decline", code="other_area"), by=BY, at=AT)
    assert "other_area" not in {g.code for g in queries.grounds("decline")}


def test_agreed_answers_for_a_question_or_a_category():
    entry = add_row(
        KnowledgeEntry,
        {
            "code": "K-NOISE", "name_zh": "施工噪声", "question_zh": "夜间施工几点必须停工?", "answer_zh": "22 时至次日 6 时。",
            "category": category("0301"), "expires_on": date(2026, 12, 31),
        },
        by=BY, at=AT,
    )  # fmt: skip
    assert queries.knowledge_for("晚上工地几点必须停工啊", n=1) == [entry]
    assert entry in queries.knowledge_for(category_id=category("0301").pk, n=50)
    assert entry not in queries.knowledge_for("几点必须停工", on=date(2027, 1, 1), n=50)
    assert queries.knowledge_for("完全无关的句子xyz") == [] or entry not in queries.knowledge_for("完全无关")


def test_what_a_row_was_is_never_rewritten():
    edit_row(category("0102"), {"name_zh": "甲"}, by=BY, at=AT)
    for attempt in (
        lambda: CatalogRevision.objects.update(changed_by="x"),
        lambda: CatalogRevision.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            attempt()
