"""The catalogue for programs: categories, grounds, channels, close types, reasons, kinds of units, answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from ninja import Router

from wangge.catalog import queries
from wangge.catalog.models import CatalogRow, Category, Ground, KnowledgeEntry
from wangge.kit.answers import answer, schema_of
from wangge.kit.clock import REAL_CLOCK, SHANGHAI
from wangge.kit.words import Text

router = Router(tags=["目录 Catalogue"])
MOST_ANSWERS = 20


@dataclass(frozen=True)
class Row:
    """A row of a dictionary."""

    code: str
    name: Text


@dataclass(frozen=True)
class Rows:
    items: list[Row]


@dataclass(frozen=True)
class CategoryRow:
    """A category; cases are given those with ``is_leaf``."""

    code: str
    name: Text
    parent: str | None
    is_leaf: bool
    default_tier: str
    urgency: str
    case_kind: str
    may_self_close: bool
    needs_photo_after: bool
    closing_standard: Text


@dataclass(frozen=True)
class CategoryRows:
    items: list[CategoryRow]


@dataclass(frozen=True)
class GroundRow:
    """A listed ground: what must be given with it, and whether the clock stops."""

    kind: str
    code: str
    name: Text
    needs: str
    clock: str


@dataclass(frozen=True)
class GroundRows:
    items: list[GroundRow]


@dataclass(frozen=True)
class AnswerRow:
    """An agreed answer."""

    code: str
    question: Text
    answer: Text
    basis: str


@dataclass(frozen=True)
class AnswerRows:
    items: list[AnswerRow]


RowsOut, CategoriesOut = schema_of(Rows, "CatalogRows"), schema_of(CategoryRows)
GroundsOut, AnswersOut = schema_of(GroundRows), schema_of(AnswerRows)


def named(row: CatalogRow) -> Text:
    return Text(row.name_zh, row.name_en or row.name_zh)


def rows_of(rows: list[CatalogRow]) -> HttpResponse:
    return answer(RowsOut, Rows([Row(row.code, named(row)) for row in rows]))


def category_row(row: Category) -> CategoryRow:
    parent = queries.category(row.parent_id).code if row.parent_id else None
    return CategoryRow(
        row.code, named(row), parent, queries.is_leaf(row.pk), row.default_tier, row.urgency, row.case_kind,
        row.may_self_close, row.needs_photo_after, Text(row.closing_standard_zh, row.closing_standard_en),
    )  # fmt: skip


@router.get(
    "/categories", response=CategoriesOut, operation_id="list_categories", summary="案件类别 · Categories"
)
def list_categories(request: HttpRequest, parent: str = "", leaves: bool = False) -> HttpResponse:
    """`parent` 之下的类别(缺省为八个大类);`leaves=true` 为全部末级类别。

    Categories directly below `parent` (the eight roots when left out); with `leaves` all that cases are given.
    """
    if leaves:
        found = queries.leaves()
    else:
        found = queries.children(queries.category_by_code(parent).pk if parent else None)
    return answer(CategoriesOut, CategoryRows([category_row(row) for row in found]))


@router.get(
    "/catalog/grounds", response=GroundsOut, operation_id="list_grounds", summary="事由清单 · Grounds"
)
def list_grounds(request: HttpRequest, kind: str) -> HttpResponse:
    """`kind`:decline park hand_back transfer void extension exception。Listed grounds of one kind."""
    rows: list[Ground] = queries.grounds(kind)
    return answer(
        GroundsOut,
        GroundRows([GroundRow(row.kind, row.code, named(row), row.needs, row.clock) for row in rows]),
    )


@router.get(
    "/catalog/channels", response=RowsOut, operation_id="list_channels", summary="来源渠道 · Channels"
)
def list_channels(request: HttpRequest) -> HttpResponse:
    """在用的来源渠道。Channels in use."""
    return rows_of([*queries.channels()])


@router.get(
    "/catalog/close_types",
    response=RowsOut,
    operation_id="list_close_types",
    summary="结案类型 · Close types",
)
def list_close_types(request: HttpRequest) -> HttpResponse:
    """在用的结案类型。Close types in use."""
    return rows_of([*queries.close_types()])


@router.get("/catalog/reasons", response=RowsOut, operation_id="list_reasons", summary="不满意原因 · Reasons")
def list_reasons(request: HttpRequest) -> HttpResponse:
    """诉求人不满意的原因。Why a reporter is not satisfied."""
    return rows_of([*queries.reasons()])


@router.get(
    "/catalog/unit_kinds",
    response=RowsOut,
    operation_id="list_unit_kinds",
    summary="单位类型 · Kinds of units",
)
def list_unit_kinds(request: HttpRequest) -> HttpResponse:
    """单位类型。Kinds of units."""
    return rows_of([*queries.unit_kinds().values()])


@router.get(
    "/catalog/knowledge",
    response=AnswersOut,
    operation_id="find_knowledge",
    summary="知识库 · Agreed answers",
)
def find_knowledge(request: HttpRequest, q: str = "", category: str = "") -> HttpResponse:
    """与问题或类别最接近的答复,最多 20 条。Agreed answers nearest to the question or category, 20 at most."""
    category_id = queries.category_by_code(category).pk if category else None
    today = REAL_CLOCK.now().astimezone(SHANGHAI).date()
    found: list[KnowledgeEntry] = queries.knowledge_for(q, category_id=category_id, on=today, n=MOST_ANSWERS)
    rows = [
        AnswerRow(row.code, Text(row.question_zh, row.name_en), Text(row.answer_zh, row.answer_en), row.basis)
        for row in found
    ]
    return answer(AnswersOut, AnswerRows(rows))
