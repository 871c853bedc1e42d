"""Areas, units, posts and buildings in the administration: every write is an action, things end instead of being
deleted. ``UnitAdmin`` is registered by the catalogue, which knows the kinds of units.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from wangge.accounts.admin_site import site
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError
from wangge.kit.geo import geojson_to_wkb, wkb_to_geojson
from wangge.kit.speech import spoken, spoken_later
from wangge.territory.actions import (
    close_area,
    create_area,
    create_unit,
    end_post,
    give_post,
    prolong_post,
    put_buildings,
    stand_in,
    update_area,
    update_unit,
)
from wangge.territory.models import Area, Building, Post, TerritoryRevision, Unit
from wangge.territory.queries import today
from wangge.territory.through_actions import ActionForm, Kept, ThroughActions

DECIMALS = 8  # of a degree: a millimetre


class AreaForm(ActionForm):
    changes_on = forms.DateField(
        label=spoken_later("变更生效日", "In force from"),
        required=False,
        help_text=spoken_later(
            "不填为今天;这一天之前的样子会保留,可按日期查看。",
            "Empty: today. What the area was before that day is kept.",
        ),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    boundary_geojson = forms.CharField(
        label=spoken_later("边界(GeoJSON,WGS-84)", "Boundary (GeoJSON, WGS-84)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 80}),
    )

    class Meta:
        model = Area
        fields = (
            "code", "level", "kind", "name_zh", "name_en", "parent", "supervising_unit", "n_households", "n_people",
            "external_codes",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.boundary is not None:
            shape = wkb_to_geojson(bytes(self.instance.boundary), decimals=DECIMALS)
            self.initial["boundary_geojson"] = json.dumps(shape)

    def act(self, values: dict[str, Any], at: datetime) -> Area:
        asked = self.asked(
            "code", "level", "kind", "name_zh", "name_en", "n_households", "n_people", "external_codes"
        )
        asked["external_codes"] = asked.get("external_codes") or {}
        if "parent" in values:
            asked["parent_code"] = values["parent"].code if values["parent"] else ""
        if "supervising_unit" in values:
            asked["supervising_unit_code"] = (
                values["supervising_unit"].code if values["supervising_unit"] else ""
            )
        if "boundary_geojson" in self.changed_data:
            text = values["boundary_geojson"].strip()
            asked["boundary"] = geojson_to_wkb(text) if text else None
        if self.instance.pk is None:
            begins = {"valid_from_on": values["changes_on"]} if values.get("changes_on") else {}
            return create_area(by=self.by, at=at, **asked, **begins)
        return update_area(self.instance.pk, by=self.by, at=at, on=values.get("changes_on"), **asked)


@admin.register(Area, site=site)
class AreaAdmin(ThroughActions):
    """The tree; an area ends by the action below the list."""

    form = AreaForm
    list_display = (
        "code",
        "name_zh",
        "level",
        "kind",
        "parent",
        "has_boundary",
        "valid_from_on",
        "valid_to_on",
    )
    list_filter = ("level", "kind")
    search_fields = ("code", "name_zh", "name_en")
    ordering = ("code",)
    autocomplete_fields = ("parent", "supervising_unit")
    list_select_related = ("parent",)
    actions = ("close_today",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Area]:
        return super().get_queryset(request).defer("parent__boundary")

    def has_change_permission(self, request: HttpRequest, obj: Area | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.valid_to_on is None)

    @admin.display(description=spoken_later("边界", "Boundary"), boolean=True)
    def has_boundary(self, area: Area) -> bool:
        return area.min_lon is not None

    @admin.action(description=spoken_later("从今天起失效(不删除)", "End from today (nothing is deleted)"))
    def close_today(self, request: HttpRequest, chosen: QuerySet[Area]) -> None:
        for area in sorted(chosen.defer("boundary"), key=lambda one: -len(one.path)):
            say(self, request, area, lambda area=area: close_area(area.pk, on=today(), **by(request)))


class PostForm(ActionForm):
    class Meta:
        model = Post
        fields = ("user", "role", "area", "unit", "specialty", "starts_on", "ends_on", "stands_in_for")

    def act(self, values: dict[str, Any], at: datetime) -> Post:
        if self.instance.pk is not None:
            return self._change_end(values["ends_on"], at)
        original: Post | None = values["stands_in_for"]
        if original is None:
            asked = self.asked("user", "role", "area", "unit", "specialty", "starts_on", "ends_on")
            return give_post(by=self.by, at=at, **asked)
        last = values["ends_on"] or original.ends_on or values["starts_on"]
        return stand_in(original, values["user"], from_on=values["starts_on"], to_on=last, by=self.by, at=at)

    def _change_end(self, ends_on: date | None, at: datetime) -> Post:
        post: Post = Post.objects.get(pk=self.instance.pk)
        if ends_on == post.ends_on:
            return post
        is_shorter = ends_on is not None and (post.ends_on is None or ends_on < post.ends_on)
        if is_shorter and ends_on is not None:
            return end_post(post.pk, on=ends_on, by=self.by, at=at)
        return prolong_post(post.pk, to_on=ends_on, by=self.by, at=at)


@admin.register(Post, site=site)
class PostAdmin(ThroughActions):
    """Who works where; a post that exists can only end earlier or later."""

    form = PostForm
    list_display = ("user", "role", "area", "unit", "specialty", "starts_on", "ends_on", "stands_in_for")
    list_filter = ("role",)
    search_fields = ("user__username", "user__display_name", "area__name_zh", "area__code", "unit__name_zh")
    autocomplete_fields = ("area", "unit", "stands_in_for")
    raw_id_fields = ("user",)
    list_select_related = ("user", "area", "unit", "stands_in_for__user", "stands_in_for__area")
    ordering = ("-pk",)
    actions = ("end_at_once",)

    def get_readonly_fields(self, request: HttpRequest, obj: Post | None = None) -> tuple[str, ...]:
        fixed = ("user", "role", "area", "unit", "specialty", "starts_on", "stands_in_for")
        return fixed if obj is not None else ()

    @admin.action(
        description=spoken_later("立即结束(昨天为最后一天)", "End at once (yesterday was the last day)")
    )
    def end_at_once(self, request: HttpRequest, chosen: QuerySet[Post]) -> None:
        last_day = today() - timedelta(days=1)
        for post in chosen.select_related("user", "area", "unit").defer("area__boundary"):
            say(self, request, post, lambda post=post: end_post(post.pk, on=last_day, **by(request)))


class BuildingForm(ActionForm):
    class Meta:
        model = Building
        fields = ("code", "name_zh", "address", "area", "lon", "lat", "n_households", "n_people")

    def act(self, values: dict[str, Any], at: datetime) -> Building:
        asked = self.asked("name_zh", "address", "lon", "lat", "n_households", "n_people")
        asked["code"] = values.get("code") or self.instance.code
        put = put_buildings([asked | {"area_code": values["area"].code}], by=self.by, at=at)
        return [*put.new, *put.changed, *put.same][0]


@admin.register(Building, site=site)
class BuildingAdmin(ThroughActions):
    form = BuildingForm
    list_display = ("code", "name_zh", "address", "area", "n_households", "n_people")
    search_fields = ("code", "name_zh", "address")
    autocomplete_fields = ("area",)
    list_select_related = ("area",)
    ordering = ("code",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Building]:
        return super().get_queryset(request).defer("outline", "area__boundary")

    def get_readonly_fields(self, request: HttpRequest, obj: Building | None = None) -> tuple[str, ...]:
        return ("code",) if obj is not None else ()


class UnitForm(ActionForm):
    class Meta:
        model = Unit
        fields = (
            "code",
            "kind",
            "level",
            "name_zh",
            "name_en",
            "parent",
            "area",
            "phone",
            "is_partner",
            "is_active",
        )

    def act(self, values: dict[str, Any], at: datetime) -> Unit:
        asked = self.asked("kind", "level", "name_zh", "name_en", "phone", "is_partner", "is_active")
        asked["parent_code"] = values["parent"].code if values["parent"] else ""
        asked["area_code"] = values["area"].code if values["area"] else ""
        if self.instance.pk is None:
            return create_unit(by=self.by, at=at, code=values["code"], **asked)
        return update_unit(self.instance.pk, by=self.by, at=at, **asked)


class UnitAdmin(ThroughActions):
    """Units end by taking the tick off “in use”."""

    form = UnitForm
    list_display = ("code", "name_zh", "kind", "level", "area", "phone", "is_active")
    list_filter = ("is_active", "is_partner", "level", "kind")
    search_fields = ("code", "name_zh", "name_en")
    autocomplete_fields = ("parent", "area")
    list_select_related = ("area",)
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Unit | None = None) -> tuple[str, ...]:
        return ("code",) if obj is not None else ()


@admin.register(TerritoryRevision, site=site)
class TerritoryRevisionAdmin(Kept):
    list_display = ("changed_at", "kind", "code", "verb", "changed_by")
    list_filter = ("kind", "verb")
    search_fields = ("code", "changed_by")
    ordering = ("-pk",)


def by(request: HttpRequest) -> dict[str, Any]:
    """Who and when, for actions."""
    return {"by": request.user.get_username(), "at": REAL_CLOCK.now()}


def say(page: ThroughActions, request: HttpRequest, row: Any, act: Any) -> None:
    """Do one of several, and tell what came of it."""
    try:
        act()
        page.message_user(request, spoken(f"已办理:{row}", f"Done: {row}"), messages.SUCCESS)
    except DomainError as error:
        page.message_user(request, f"{row}: {spoken(error.zh, error.en)}", messages.ERROR)
