"""Accept, docket and dispatch in one submission; and a new report on behalf of somebody."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms

from wangge.cases.actions.fields import KINDS, TIERS, URGENCIES
from wangge.catalog.models import Tier
from wangge.catalog.queries import channels
from wangge.kit.speech import said, spoken
from wangge.kit.words import Text
from wangge.office import choices
from wangge.office.choices import Option
from wangge.office.forms.fields import CodeField, CodesField, UploadsField
from wangge.office.forms.given import DATUMS, PICTURES, UNCHOSEN, VerbForm
from wangge.office.forms.widgets import Lookup, Proposed
from wangge.territory.scope import Actor

# what comes in by itself, or by the people outside
NOT_AT_A_DESK = frozenset(
    {
        "grid_patrol",
        "grid_visit",
        "public_report",
        "video",
        "sensor",
        "self_found",
        "rating_desk",
        "open311",
        "import",
        "platform",
    }
)


class OneDeskForm(VerbForm):
    """Category, tier, lead unit, assisting units, advice."""

    def __init__(
        self, data: Any, *, guesses: Sequence[Option], proposals: Sequence[Option], initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial=initial, auto_id="one-desk-%s", label_suffix="")
        label = partial(spoken)
        self.fields["category"] = CodeField(
            choices.categories,
            label=label("类别", "Category"),
            widget=Proposed(guesses, "categories", keys=True),
        )
        self.fields["tier"] = forms.ChoiceField(
            choices=[(code, said(name)) for code, name in TIERS if code != Tier.IN_GRID], widget=forms.RadioSelect,
            label=label("层级", "Tier"),
        )  # fmt: skip
        self.fields["lead"] = CodeField(
            choices.units, label=label("主办单位", "Lead unit"), widget=Proposed(proposals, "units")
        )
        self.fields["assisting"] = CodesField(
            choices.units, "units", required=False, label=label("协办单位", "Assisting units")
        )
        self.fields["advice"] = forms.CharField(
            required=False,
            max_length=500,
            label=label("派遣意见", "Advice"),
            widget=forms.Textarea({"rows": 2}),
        )


class NewCaseForm(VerbForm):
    """A report that the desk writes down: somebody stands at the counter or is on the telephone."""

    def __init__(
        self, actor: Actor, guesses: Sequence[Option], data: Any = None, files: Any = None, **initial: Any
    ) -> None:
        super().__init__(data, files, initial=initial, auto_id="new-%s", label_suffix="")
        self.fields.update(what_fields(guesses) | where_fields(actor) | who_fields())

    def clean(self) -> dict[str, Any]:
        """Somewhere it must be; half a position is none."""
        given = super().clean() or {}
        lon, lat = given.get("lon"), given.get("lat")
        if (lon is None) != (lat is None):
            self.add_error(
                "lat" if lat is None else "lon",
                spoken("经度和纬度要一起填。", "Give both longitude and latitude."),
            )
        if lon is None and not given.get("address") and not given.get("area"):
            self.add_error(
                "address",
                spoken(
                    "请写地址、选区域或在地图上点选,至少一项。",
                    "Give an address, an area or a point on the map.",
                ),
            )
        return given


def what_fields(guesses: Sequence[Option]) -> dict[str, forms.Field]:
    """What the matter is and how it came."""
    return {
        "text": forms.CharField(
            label=spoken("情况描述", "What is the matter"), max_length=10_000, widget=forms.Textarea({"rows": 5})
        ),
        "kind": choice(KINDS, "诉求类型", "Kind", "problem"),
        "channel": choice(desk_channels(), "来源渠道", "Channel", "walk_in"),
        "origin_number": forms.CharField(
            required=False, max_length=80, label=spoken("原编号", "Original number"),
            help_text=spoken("热线或其他平台的工单号", "the order's number on the hotline or another platform"),
        ),
        "category": CodeField(
            choices.categories, required=False, label=spoken("类别", "Category"), widget=Proposed(guesses, "categories", keys=True)
        ),
        "urgency": choice(URGENCIES, "紧急程度", "Urgency", "", required=False),
        "files": UploadsField(required=False, accept=PICTURES, label=spoken("照片、录音或材料", "Photos, recordings, papers")),
    }  # fmt: skip


def desk_channels() -> list[tuple[str, Text]]:
    return [(row.code, choices.named(row)) for row in channels() if row.code not in NOT_AT_A_DESK]


def where_fields(actor: Actor) -> dict[str, forms.Field]:
    """Where it is: words, an area, or numbers (which a click on the map fills in)."""
    degrees = forms.NumberInput({"step": "any", "inputmode": "decimal"})
    return {
        "address": forms.CharField(required=False, max_length=200, label=spoken("地址", "Address")),
        "area": CodeField(
            partial(choices.areas, actor),
            required=False,
            label=spoken("所在区域", "Area"),
            widget=Lookup("areas"),
        ),
        "lon": forms.FloatField(required=False, label=spoken("经度", "Longitude"), widget=degrees),
        "lat": forms.FloatField(required=False, label=spoken("纬度", "Latitude"), widget=degrees),
        "datum": choice(DATUMS, "坐标系", "Datum", "wgs84"),
    }


def who_fields() -> dict[str, forms.Field]:
    """Who speaks; the number is sealed, and the resident keeps the last word on the result."""
    return {
        "name": forms.CharField(required=False, max_length=60, label=spoken("诉求人姓名", "Reporter's name")),
        "phone": forms.CharField(
            required=False, max_length=40, label=spoken("诉求人电话", "Reporter's telephone"),
            widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        ),
        "is_anonymous": forms.BooleanField(required=False, label=spoken("匿名", "Anonymous")),
        "may_show_to_grid": forms.BooleanField(
            required=False, label=spoken("本人同意网格员看到姓名和电话", "The grid worker may see name and number")
        ),
    }  # fmt: skip


def choice(
    pairs: Sequence[tuple[str, Text]], zh: str, en: str, first: str, *, required: bool = True
) -> forms.ChoiceField:
    listed = [(code, said(name)) for code, name in pairs]
    if not required:
        listed = [("", said(UNCHOSEN)), *listed]
    return forms.ChoiceField(choices=listed, label=spoken(zh, en), initial=first, required=required)
