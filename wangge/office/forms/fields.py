"""Fields of the office's forms that Django has not: codes with names, lists of them, lines, uploads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms

from wangge.files.actions import store
from wangge.files.limits import check_upload
from wangge.kit.speech import spoken
from wangge.office.choices import Option, code_of
from wangge.office.forms.widgets import Lookups, Uploads
from wangge.territory.scope import Actor

Known = Callable[[], Sequence[Option]]


class CodeField(forms.CharField):
    """A code; the code, "code name" or the whole name may be typed."""

    def __init__(self, known: Known, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known = known

    def clean(self, value: Any) -> str:
        return code_of(str(super().clean(value) or ""), self.known())

    def prepare_value(self, value: Any) -> Any:
        """A code is shown with its name."""
        return shown(value, self.known()) if value else value


class CodesField(forms.Field):
    """Several codes."""

    def __init__(self, known: Known, datalist: str, **kwargs: Any) -> None:
        super().__init__(widget=Lookups(datalist), **kwargs)
        self.known = known

    def clean(self, value: Any) -> list[str]:
        options = self.known()
        return [code_of(str(one), options) for one in super().clean(value) or []]

    def prepare_value(self, value: Any) -> Any:
        options = self.known()
        return [shown(one, options) for one in value or []]


class LinesField(forms.CharField):
    """One item a line."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in str(super().clean(value) or "").splitlines() if line.strip()]


class UploadsField(forms.Field):
    """Files that were sent now (``new``) and keys of those that arrived before (``kept``)."""

    widget: Uploads

    def __init__(self, *, accept: str = "", **kwargs: Any) -> None:
        super().__init__(widget=Uploads(accept), **kwargs)

    def clean(self, value: Any) -> dict[str, list[Any]]:
        given: dict[str, list[Any]] = value or {"new": [], "kept": []}
        if self.required and not given["new"] and not given["kept"]:
            raise forms.ValidationError(spoken("请选择文件。", "Choose files."))
        return given

    def stored(self, value: dict[str, list[Any]], actor: Actor) -> list[str]:
        """Keys of all files; each is stored as it comes, so that a refusal of the next loses none."""
        arrived = self.widget.arrived = list(value["kept"])
        for file in value["new"]:
            check_upload(actor.caller, actor.now())
            arrived.append(str(store(file, uploaded_by=actor.caller, at=actor.now(), name=file.name).key))
        return list(arrived)


def shown(code: str, options: Sequence[Option]) -> str:
    """ "code name" of a code that is known."""
    return next((option.line for option in options if option.code == code), code)
