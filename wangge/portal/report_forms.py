"""The three steps of a report as forms: what, where, how to reach you."""

from __future__ import annotations

from typing import Any

from django import forms

from wangge.cases.actions.fields import KINDS
from wangge.cases.actions.report import LONGEST_TEXT
from wangge.kit.speech import said, spoken, spoken_later
from wangge.portal.places import Group

LONGEST_ADDRESS = 200
TOO_LONG = {
    "max_length": spoken_later(
        "太长了,请不超过 %(limit_value)d 字。", "Too long; %(limit_value)d characters at most."
    )
}


def kind_choices() -> list[tuple[str, str]]:
    return [(code, said(name)) for code, name in KINDS]


class WhatForm(forms.Form):
    """What is the matter."""

    text = forms.CharField(
        label=spoken_later("说说情况", "In your words"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        error_messages=TOO_LONG,
    )
    kind = forms.ChoiceField(
        label=spoken_later("这是", "This is"), choices=kind_choices, widget=forms.RadioSelect, required=False
    )

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or "problem"


class WhereForm(forms.Form):
    """Where it is, in words; the point on the map is kept beside."""

    address = forms.CharField(
        label=spoken_later("地址或附近的标志", "Address or a landmark nearby"),
        required=False,
        max_length=LONGEST_ADDRESS,
        widget=forms.TextInput(attrs={"autocomplete": "street-address", "enterkeyhint": "next"}),
        help_text=spoken_later(
            "例:长江路 12 号楼下,公交站旁", "For example: below 12 Changjiang Road, beside the bus stop"
        ),
        error_messages=TOO_LONG,
    )
    area = forms.ChoiceField(label=spoken_later("社区或村", "Community or village"), required=False)

    def __init__(self, *args: Any, groups: list[Group], whole: tuple[str, str] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[Any] = [("", spoken("不清楚,或已在地图上标出", "Not sure, or marked on the map"))]
        if len(groups) == 1:
            choices += groups[0].areas
        else:
            choices += [(group.name, group.areas) for group in groups]
        if whole is not None:
            choices.append(whole)
        area = self.fields["area"]
        assert isinstance(area, forms.ChoiceField)
        area.choices = choices


WHO = (
    ("contact", spoken_later("留下联系方式", "Leave a contact")),
    ("anonymous", spoken_later("匿名", "Anonymous")),
)


class YouForm(forms.Form):
    """How to reach the reporter; everything may be left empty."""

    who = forms.ChoiceField(
        label=spoken_later("怎么联系您", "How to reach you"),
        choices=WHO,
        widget=forms.RadioSelect,
        required=False,
    )
    phone = forms.CharField(
        label=spoken_later("电话", "Telephone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        help_text=spoken_later(
            "办理单位可能打来核实情况,办完后回访。",
            "The unit may call to ask, and you are asked when it is done.",
        ),
    )
    name = forms.CharField(
        label=spoken_later("怎么称呼您", "Your name"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    may_show = forms.BooleanField(
        label=spoken_later(
            "可以把姓名和电话告诉本网格的网格员",
            "My name and number may be told to the grid worker of this place",
        ),
        required=False,
    )

    def clean_who(self) -> str:
        return self.cleaned_data["who"] or "contact"
