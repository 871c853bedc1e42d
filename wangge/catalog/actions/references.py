"""What catalogue rows point at must exist and be in use; what is pointed at cannot be retired."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Model

from wangge.catalog.models import AssetKind, Category, KnowledgeEntry, ResponsibilityRow, UnitKind
from wangge.kit.errors import Conflict, Invalid
from wangge.territory.models import Unit


def check_references(row: Model) -> None:
    """Refuse (409) a row whose unit kinds, category or parent do not exist or are retired."""
    if isinstance(row, ResponsibilityRow):
        if not row.lead_kind and row.lead_unit_id is None:
            raise Invalid(
                "lead_kind",
                "牵头单位类型和牵头单位至少填一项。",
                "Give the kind of the lead unit, or the lead unit.",
            )
        _need_unit_kinds([row.lead_kind, *row.assist_kinds])
    elif isinstance(row, KnowledgeEntry):
        _need_unit_kinds([row.owner_kind])
    elif isinstance(row, AssetKind):
        _need_unit_kinds([row.owner_kind, row.maintainer_kind])
    elif isinstance(row, Category):
        _need_sound_parent(row)
    category: Category | None = getattr(row, "category", None)
    if category is not None and not category.is_active:
        raise Conflict(
            "retired_category",
            f"类别“{category}”已停用。请改选在用的类别。",
            f"Category “{category.code} {category.name_en}” is retired. Choose one that is in use.",
            category=category.code,
        )


def check_still_needed(row: Model) -> None:
    """Refuse (409) to retire a row that rows in use still point at."""
    users: list[str] = []
    if isinstance(row, Category):
        users = [str(child) for child in row.children.filter(is_active=True)[:5]]
    elif isinstance(row, UnitKind):
        users = [
            *(str(r) for r in ResponsibilityRow.objects.filter(is_active=True, lead_kind=row.code)[:3]),
            *(
                str(r)
                for r in ResponsibilityRow.objects.filter(is_active=True, assist_kinds__contains=[row.code])[
                    :3
                ]
            ),
            *(str(unit) for unit in Unit.objects.filter(is_active=True, kind=row.code)[:3]),
        ]
    if users:
        names = "、".join(users)
        raise Conflict(
            "still_used",
            f"还有在用的内容指向它,不能停用:{names}。请先改动或停用那些行。",
            f"Rows in use still point at it ({len(users)} or more). Change or retire those first.",
            users=users,
        )


def _need_unit_kinds(codes: Iterable[str]) -> None:
    wanted = {code for code in codes if code}
    known = set(UnitKind.objects.filter(code__in=wanted, is_active=True).values_list("code", flat=True))
    if wanted - known:
        missing = "、".join(sorted(wanted - known))
        raise Conflict(
            "unknown_unit_kind",
            f"单位类型“{missing}”不存在或已停用。请先在“单位类型”中添加,或改选已有的类型。",
            f"Unit kind {', '.join(sorted(wanted - known))} does not exist or is retired. Add it first, or choose another.",
            unit_kinds=sorted(wanted - known),
        )


def _need_sound_parent(row: Category) -> None:
    seen, parent = {row.pk}, row.parent
    if parent is not None and not parent.is_active and row.is_active:
        raise Conflict(
            "retired_category",
            f"上级类别“{parent}”已停用。请改选在用的上级。",
            f"The parent category {parent.code} is retired. Choose one that is in use.",
            category=parent.code,
        )
    while parent is not None:
        if parent.pk in seen:
            raise Conflict(
                "category_loop",
                f"“{row}”不能放在自己的下级之下。请改选上级类别。",
                f"Category {row.code} cannot stand below itself. Choose another parent.",
            )
        seen.add(parent.pk)
        parent = parent.parent
