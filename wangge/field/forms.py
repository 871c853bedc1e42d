"""The few fields that are typed on the phone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from wangge.kit.speech import spoken, spoken_later

LONGEST_TEXT = 2000


class WhatForm(forms.Form):
    """A few words beside the photo."""

    text = forms.CharField(
        label=spoken_later("情况说明", "What is the matter"), required=False, max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_TEXT}),
    )  # fmt: skip


class ResidentForm(forms.Form):
    """The resident for whom it is reported; the number is checked only when it is given."""

    for_resident = forms.BooleanField(
        label=spoken_later("替居民上报", "On behalf of a resident"), required=False
    )
    name = forms.CharField(label=spoken_later("居民姓名", "Resident's name"), required=False, max_length=60)
    phone = forms.CharField(
        label=spoken_later("居民电话", "Resident's phone"), required=False, max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        validators=[
            RegexValidator(
                r"^\+?[\d \-]{5,24}$",
                spoken_later("电话号码不对,请只填数字。", "That is not a telephone number; use digits only."),
            )
        ],
    )  # fmt: skip
    may_show = forms.BooleanField(
        label=spoken_later(
            "居民同意网格员看到姓名电话", "The resident agrees that the grid worker sees name and phone"
        ),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if (
            found.get("for_resident")
            and not found.get("name")
            and "phone" not in self.errors
            and not found.get("phone")
        ):
            self.add_error(
                "phone",
                spoken(
                    "请填姓名或电话,或取消“替居民上报”。",
                    "Give a name or a number, or untick “On behalf of a resident”.",
                ),
            )
        return found
