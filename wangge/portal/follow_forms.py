"""What a resident may do with the code, as forms. The fields are those of the verbs."""

from __future__ import annotations

from typing import Any

from django import forms

from wangge.cases.actions.fields import RESULT, SERVICE, WHY
from wangge.cases.given import Choices
from wangge.cases.workflow import Verb
from wangge.kit.speech import said, spoken, spoken_later

LONGEST = 2000
TOO_LONG = {
    "max_length": spoken_later(
        "文字太长,请不超过 %(limit_value)d 字。", "Too long; %(limit_value)d characters at most."
    )
}


def radio(label: Any, choices: Choices, missing: Any = "", required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=lambda: [(code, said(name)) for code, name in choices], widget=forms.RadioSelect,
        required=required, error_messages={"required": missing, "invalid_choice": missing},
    )  # fmt: skip


def words(label: Any, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=LONGEST, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        error_messages={**TOO_LONG, "required": spoken_later("请写几个字。", "Write a few words.")},
    )  # fmt: skip


class CodeForm(forms.Form):
    """The code, typed by hand."""

    code = forms.CharField(
        label=spoken_later("查询码", "Code"),
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "class": "code",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "enterkeyhint": "search",
            }
        ),
        help_text=spoken_later(
            "14 位字母和数字,大小写、横线都可以。",
            "14 letters and digits; capitals and hyphens do not matter.",
        ),
        error_messages={"required": spoken_later("请填写查询码。", "Enter the code.")},
    )


class RateForm(forms.Form):
    """评价: the result and the service are two different things."""

    result = radio(
        spoken_later("问题解决了吗", "Is it solved?"), RESULT,
        spoken_later("请告诉我们问题是否解决。", "Tell us whether it is solved."),
    )  # fmt: skip
    why = radio(
        spoken_later("哪里没有解决", "What is not solved"), WHY, spoken_later("请选一项。", "Choose one."),
        required=False,
    )  # fmt: skip
    service = radio(
        spoken_later("办理人员的服务态度", "How were the people?"), SERVICE,
        spoken_later("请评价服务。", "Please rate the service."),
    )  # fmt: skip
    note = words(spoken_later("还想说的话", "Anything else"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("result") in ("partly", "not_solved") and not given.get("why"):
            self.add_error("why", spoken("请告诉我们哪里没有解决。", "Tell us what is not solved."))
        return given


class SupplementForm(forms.Form):
    """补充: more words or photos."""

    words = words(spoken_later("补充的情况", "What you want to add"))


class UrgeForm(forms.Form):
    words = words(spoken_later("想说的话", "Anything to say"))


class WithdrawForm(forms.Form):
    words = words(spoken_later("撤回的原因", "Why"))


class ContestForm(forms.Form):
    words = words(spoken_later("您的理由", "Your reasons"), required=True)


class ReopenForm(forms.Form):
    words = words(
        spoken_later("现在是什么情况", "How it is now"),
        required=True,
        help_text=spoken_later("例:填好的坑又陷下去了", "For example: the filled hole has sunk again"),
    )


FORMS: dict[Verb, type[forms.Form]] = {
    Verb.RATE: RateForm,
    Verb.SUPPLEMENT: SupplementForm,
    Verb.URGE: UrgeForm,
    Verb.WITHDRAW: WithdrawForm,
    Verb.CONTEST: ContestForm,
    Verb.REOPEN: ReopenForm,
}
