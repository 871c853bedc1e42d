"""What a list is narrowed to, as a form whose address can be sent to a colleague."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.http import QueryDict

from wangge.cases.queries import LIGHTS, Filters
from wangge.cases.workflow import STATE_NAMES, State
from wangge.catalog.queries import channels
from wangge.insight.periods import period_of
from wangge.kit.speech import said, spoken, spoken_later
from wangge.kit.words import Text
from wangge.office import choices
from wangge.office.forms.fields import CodeField
from wangge.office.forms.widgets import Lookup
from wangge.office.lists import Wanted
from wangge.territory.scope import Actor

SORTS = (("due", Text("最急的在前", "Soonest deadline")), ("new", Text("最新的在前", "Newest first")))
OPENNESS = (("", Text("全部", "All")), ("open", Text("未办结", "Open")), ("ended", Text("已办结", "Ended")))
LONGEST = 100


class FilterForm(forms.Form):
    """All fields may be left out."""

    q = forms.CharField(
        required=False, max_length=LONGEST, label=spoken_later("编号或文字", "Number or words")
    )
    open = forms.ChoiceField(required=False, label=spoken_later("范围", "Which"))
    state = forms.ChoiceField(required=False, label=spoken_later("状态", "State"))
    light = forms.ChoiceField(required=False, label=spoken_later("时限", "Deadline"))
    channel = forms.ChoiceField(required=False, label=spoken_later("来源", "Channel"))
    sort = forms.ChoiceField(required=False, label=spoken_later("排序", "Order"))

    def __init__(self, actor: Actor, data: QueryDict) -> None:
        super().__init__(data, auto_id="filter-%s", label_suffix="")
        self.fields["open"].choices = listed(OPENNESS)  # type: ignore[attr-defined]
        self.fields["sort"].choices = listed(SORTS)  # type: ignore[attr-defined]
        self.fields["state"].choices = any_of([(s.value, STATE_NAMES[s]) for s in State])  # type: ignore[attr-defined]
        self.fields["light"].choices = any_of(LIGHTS.items())  # type: ignore[attr-defined]
        self.fields["channel"].choices = any_of(  # type: ignore[attr-defined]
            [(row.code, choices.named(row)) for row in channels()]
        )
        for name, known, zh, en in (
            ("category", choices.categories, "类别", "Category"),
            ("area", partial(choices.areas, actor, with_deepest=False), "区域", "Area"),
            ("unit", choices.units, "单位", "Unit"),
        ):
            label, widget = spoken(zh, en), Lookup(LISTS[name], spoken("全部", "All"))
            self.fields[name] = CodeField(known, required=False, label=label, widget=widget)
        self.order_fields(["q", "open", "state", "light", "category", "area", "unit", "channel", "sort"])

    def wanted(self, actor: Actor, waiting: str | None, data: QueryDict) -> Wanted:
        """What the form asks for; fields that do not fit are left out."""
        self.is_valid()
        given: dict[str, Any] = self.cleaned_data
        figure, period = data.get("figure", ""), data.get("period", "")
        return Wanted(
            Filters(
                states=(given["state"],) if given.get("state") else (),
                is_open={"open": True, "ended": False}.get(given.get("open", "")),
                category=given.get("category", ""), area=given.get("area", ""), unit=given.get("unit", ""),
                light=given.get("light", ""), channel=given.get("channel", ""),
            ),
            waiting=waiting, led_by=data.get("led_by", ""), text=given.get("q", "").strip(), figure=figure,
            period=period_of(period or "7", actor.now()) if figure else None,
            # what words find may be many: in the order in which they are found quickly
            is_newest_first=given.get("sort") == "new" or (bool(given.get("q")) and waiting is None),
        )  # fmt: skip


LISTS = {"category": "categories", "area": "areas", "unit": "units"}


def listed(pairs: Any) -> list[tuple[str, str]]:
    return [(code, said(name)) for code, name in pairs]


def any_of(pairs: Any) -> Sequence[tuple[str, str]]:
    return [("", spoken("全部", "All")), *listed(pairs)]
