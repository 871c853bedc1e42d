"""Pages of the administration that change rows only through actions.

The form tries the action when it is checked and takes it back, so that a refusal stands beside the field and
nothing that was typed is lost; saving does it for good. Nothing is deleted: things end.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError
from wangge.kit.speech import spoken

Row = TypeVar("Row", bound=models.Model)


class ActionForm(forms.ModelForm[Any]):
    """A form whose result is an action: subclasses say which in :meth:`act`."""

    by: ClassVar[str] = ""
    field_names: ClassVar[dict[str, str]] = {"parent_code": "parent", "boundary": "boundary_geojson"}

    def act(self, values: dict[str, Any], at: datetime) -> models.Model:
        """Do it, with the cleaned values; raises DomainError. Returns the row as it is now."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return values
        try:
            with transaction.atomic():
                self.act(values, REAL_CLOCK.now())
                transaction.set_rollback(True)
        except DomainError as error:
            name = str(error.details.get("field", ""))
            name = name if name in self.fields else self.field_names.get(name, "")
            self.add_error(name if name in self.fields else None, spoken(error.zh, error.en))
        return values

    def asked(self, *names: str) -> dict[str, Any]:
        """The cleaned values of those fields that the form shows."""
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class ThroughActions(admin.ModelAdmin[Any]):
    """A ModelAdmin whose form is an :class:`ActionForm`."""

    list_per_page = 50
    save_on_top = True

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": request.user.get_username()})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        saved = form.act(form.cleaned_data, REAL_CLOCK.now())
        obj.pk = saved.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Kept(admin.ModelAdmin[Any]):
    """Revisions: looked at, never touched."""

    actions = None
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
