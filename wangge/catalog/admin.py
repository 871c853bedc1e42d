"""The catalogue in the administration: every edit is a version; policies are copied, edited and published."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from wangge.accounts.admin_site import site
from wangge.catalog.actions import (
    add_policy_row,
    add_row,
    adopt_responsibility,
    copy_policy,
    describe_policy,
    edit_policy_row,
    edit_row,
    publish_policy,
    remove_policy_row,
    retire_row,
)
from wangge.catalog.actions.policies import HOURS
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
from wangge.kit.speech import spoken, spoken_later
from wangge.territory.admin import UnitAdmin, UnitForm, by, say
from wangge.territory.models import Unit
from wangge.territory.through_actions import ActionForm, Kept, ThroughActions

site.index_template = "catalog/administration.html"  # the way to the set-up pages

ONE_KIND = ("lead_kind", "owner_kind", "maintainer_kind")


def kind_choices() -> list[tuple[str, str]]:
    """Unit kinds in use for a drop-down list, with an empty line."""
    return [("", "–"), *listed_kinds()]


def listed_kinds() -> list[tuple[str, str]]:
    found = UnitKind.objects.filter(is_active=True).order_by("pk")
    return [
        (kind.code, spoken(f"{kind.name_zh} {kind.code}", f"{kind.name_en} {kind.code}")) for kind in found
    ]


class RowForm(ActionForm):
    """Any row of the catalogue; ``seen_version`` tells whether somebody else was faster."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["seen_version"] = self.instance.version
        for name in ONE_KIND:
            if name in self.fields:
                self.fields[name] = forms.ChoiceField(
                    label=self.fields[name].label, required=self.fields[name].required, choices=kind_choices
                )
        if "assist_kinds" in self.fields:
            self.fields["assist_kinds"] = forms.MultipleChoiceField(
                label=spoken_later("协办单位类型", "Kinds of assisting units"), required=False, choices=listed_kinds,
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip

    def act(self, values: dict[str, Any], at: datetime) -> models.Model:
        asked = {name: value for name, value in values.items() if name != "seen_version"}
        if self.instance.pk is None:
            return add_row(cast("type[models.Model]", type(self.instance)), asked, by=self.by, at=at)
        row = cast("models.Model", self.instance)
        return edit_row(row, asked, by=self.by, at=at, version=values.get("seen_version"))


class RowAdmin(ThroughActions):
    """A table of the catalogue: rows are edited and retired."""

    form = RowForm
    list_display: Any = ("code", "name_zh", "is_active", "version")
    list_filter: ClassVar[tuple[str, ...]] = ("is_active",)
    search_fields: ClassVar[tuple[str, ...]] = ("code", "name_zh", "name_en")
    ordering: ClassVar[tuple[str, ...]] = ("code",)
    actions: Any = ("retire",)
    fixed: ClassVar[tuple[str, ...]] = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.fixed, "version") if obj is not None else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        hidden = {"id", "version"}
        names = [f.name for f in self.model._meta.concrete_fields if f.name not in hidden]
        return [*names, "version", "seen_version"] if obj is not None else names

    @admin.action(description=spoken_later("停用(不删除)", "Retire (nothing is deleted)"))
    def retire(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        for row in chosen:
            say(self, request, row, lambda row=row: retire_row(row, **by(request)))


@admin.register(Category, site=site)
class CategoryAdmin(RowAdmin):
    list_display = (
        "code",
        "name_zh",
        "parent",
        "default_tier",
        "urgency",
        "sensitivity",
        "is_active",
        "version",
    )
    list_filter = ("is_active", "default_tier", "urgency", "sensitivity", "case_kind", "is_must_attend")
    autocomplete_fields = ("parent",)
    list_select_related = ("parent",)


@admin.register(Ground, site=site)
class GroundAdmin(RowAdmin):
    list_display = ("kind", "code", "name_zh", "clock", "is_active", "version")
    list_filter = ("is_active", "kind")
    ordering = ("kind", "code")
    fixed = ("kind", "code")


@admin.register(KnowledgeEntry, site=site)
class KnowledgeAdmin(RowAdmin):
    list_display = ("code", "name_zh", "category", "owner_kind", "expires_on", "is_active", "version")
    search_fields = ("code", "name_zh", "question_zh", "answer_zh")
    autocomplete_fields = ("category",)
    list_select_related = ("category",)


@admin.register(AssetKind, site=site)
class AssetKindAdmin(RowAdmin):
    list_display = ("code", "name_zh", "class_zh", "owner_kind", "maintainer_kind", "is_active", "version")
    list_filter = ("is_active", "class_zh")


@admin.register(Channel, CloseType, Reason, UnitKind, site=site)
class PlainRowAdmin(RowAdmin):
    """Short lists."""


@admin.register(KeywordRow, site=site)
class KeywordAdmin(RowAdmin):
    list_display = ("word", "category", "weight", "language", "is_active", "version")
    list_filter = ("is_active", "language")
    search_fields = ("word", "category__code", "category__name_zh")
    ordering = ("word", "pk")
    autocomplete_fields = ("category",)
    list_select_related = ("category",)
    fixed = ("word", "category")


@admin.register(ResponsibilityRow, site=site)
class ResponsibilityAdmin(RowAdmin):
    list_display = (
        "category", "level", "lead_kind", "lead_unit", "area", "duty", "is_proposed", "is_active", "version",
    )  # fmt: skip
    list_filter = ("is_proposed", "is_active", "level", "duty", "lead_kind")
    search_fields = ("category__code", "category__name_zh", "lead_unit__name_zh", "note")
    ordering = ("-is_proposed", "category__code", "level", "pk")
    autocomplete_fields = ("category", "area", "lead_unit")
    list_select_related = ("category", "area", "lead_unit")
    actions = ("adopt", "retire")
    fixed = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ResponsibilityRow]:
        return super().get_queryset(request).defer("area__boundary")

    @admin.action(description=spoken_later("采纳(由裁定提出的)", "Adopt (proposed by rulings)"))
    def adopt(self, request: HttpRequest, chosen: QuerySet[ResponsibilityRow]) -> None:
        for row in chosen.filter(is_proposed=True):
            say(self, request, row, lambda row=row: adopt_responsibility(row, **by(request)))


class UnitWithKindForm(UnitForm):
    kind = forms.ChoiceField(label=spoken_later("单位类型", "Kind"), choices=kind_choices)


@admin.register(Unit, site=site)
class UnitOfAKindAdmin(UnitAdmin):
    """Units, with the kinds that the catalogue knows."""

    form = UnitWithKindForm


class PolicyForm(ActionForm):
    class Meta:
        model = PolicyVersion
        fields = ("name_zh", "name_en", "note")

    def act(self, values: dict[str, Any], at: datetime) -> PolicyVersion:
        return describe_policy(
            self.instance.pk, by=self.by, at=at, **self.asked("name_zh", "name_en", "note")
        )


@admin.register(PolicyVersion, site=site)
class PolicyAdmin(ThroughActions):
    """Versions of the time limits: copy one to a draft, edit its rows, publish it."""

    form = PolicyForm
    list_display = ("number", "name_zh", "state", "n_rows", "published_at")
    ordering = ("-number",)
    fields = ("number", "name_zh", "name_en", "note", "state", "published_at")
    readonly_fields = ("number", "state", "published_at")
    actions = ("copy", "publish")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a version begins as a copy

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        is_open = obj is None or obj.published_at is None
        return super().has_change_permission(request, obj) and is_open

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        return cast("QuerySet[PolicyVersion]", super().get_queryset(request).annotate(n=models.Count("rows")))

    @admin.display(description=spoken_later("状态", "State"))
    def state(self, version: PolicyVersion) -> str:
        if version.is_current:
            return spoken("● 现行", "● in force")
        return spoken("草稿", "draft") if version.published_at is None else spoken("已被替代", "superseded")

    @admin.display(description=spoken_later("行数", "Rows"))
    def n_rows(self, version: Any) -> int:
        return int(version.n)

    @admin.action(description=spoken_later("复制为草稿", "Copy to a draft"))
    def copy(self, request: HttpRequest, chosen: QuerySet[PolicyVersion]) -> None:
        for version in chosen:
            names = {
                "name_zh": f"{version.name_zh}(草稿)"[:100],
                "name_en": f"{version.name_en} (draft)"[:120],
            }
            say(self, request, version, lambda v=version, n=names: copy_policy(v.pk, **n, **by(request)))

    @admin.action(description=spoken_later("发布(此后不可再改)", "Publish (never changed afterwards)"))
    def publish(self, request: HttpRequest, chosen: QuerySet[PolicyVersion]) -> None:
        for version in chosen:
            say(self, request, version, lambda v=version: publish_policy(v.pk, **by(request)))


class PolicyRowForm(ActionForm):
    class Meta:
        model = PolicyRow
        fields = ("policy_version", "category", "channel", *HOURS, "source", "original_zh")

    def act(self, values: dict[str, Any], at: datetime) -> PolicyRow:
        asked = self.asked("category", "channel", *HOURS, "source", "original_zh")
        if self.instance.pk is None:
            return add_policy_row(values["policy_version"].pk, asked, by=self.by, at=at)
        return edit_policy_row(self.instance.pk, asked, by=self.by, at=at)


@admin.register(PolicyRow, site=site)
class PolicyRowAdmin(ThroughActions):
    """Limits in natural hours; only those of a draft can be edited or removed."""

    form = PolicyRowForm
    list_display = (
        "policy_version",
        "category",
        "channel",
        "accept_hours",
        "handle_hours",
        "unit_handle_hours",
    )
    list_filter = ("policy_version", "channel")
    search_fields = ("category__code", "category__name_zh", "channel")
    autocomplete_fields = ("category",)
    list_select_related = ("policy_version", "category")
    ordering = ("-policy_version__number", "category__code", "channel")

    def get_readonly_fields(self, request: HttpRequest, obj: PolicyRow | None = None) -> tuple[str, ...]:
        return ("policy_version",) if obj is not None else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "policy_version":
            kwargs["queryset"] = PolicyVersion.objects.filter(published_at=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: PolicyRow | None = None) -> bool:
        is_open = obj is None or obj.policy_version.published_at is None
        return super().has_change_permission(request, obj) and is_open

    def has_delete_permission(self, request: HttpRequest, obj: PolicyRow | None = None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: PolicyRow) -> None:
        remove_policy_row(obj.pk, **by(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


@admin.register(CatalogRevision, site=site)
class CatalogRevisionAdmin(Kept):
    list_display = ("changed_at", "kind", "code", "version", "changed_by", "is_shipped")
    list_filter = ("kind", "is_shipped")
    search_fields = ("code", "changed_by")
    ordering = ("-pk",)
