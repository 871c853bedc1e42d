"""Webhook endpoints in the administration: each write is one of ``actions``; the secret is shown once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from wangge.accounts.admin import shown_once
from wangge.accounts.admin_site import site
from wangge.kit.errors import DomainError
from wangge.kit.speech import spoken, spoken_later
from wangge.notify import actions
from wangge.notify.models import WebhookEndpoint


class EndpointForm(forms.ModelForm[WebhookEndpoint]):
    url = forms.URLField(label=spoken_later("地址", "Address"), max_length=300, assume_scheme="https")
    topics = forms.CharField(
        label=spoken_later("主题", "Topics"),
        help_text=spoken_later(
            "用空格分开,如 case.dispatch case.*;* 为全部", "With spaces: case.dispatch case.*; * is all"
        ),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("name", "url", "topics", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["topics"] = " ".join(self.instance.topics or [])

    def clean_topics(self) -> list[str]:
        return str(self.cleaned_data["topics"]).replace(",", " ").replace(",", " ").split()

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            actions.check_endpoint_address(url)
        except DomainError as error:
            raise ValidationError(spoken(error.zh, error.en)) from error
        return url


@admin.register(WebhookEndpoint, site=site)
class WebhookEndpointAdmin(admin.ModelAdmin[WebhookEndpoint]):
    """Programs of others that are told what happens, each delivery signed."""

    form = EndpointForm
    list_display = ("name", "url", "topics", "is_active")
    actions = ("renew_secrets",)

    def save_model(self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made, secret = actions.register_endpoint(name=obj.name, url=obj.url, topics=obj.topics)
        obj.pk = made.pk
        request.new_secret = secret  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: WebhookEndpoint, post_url_continue: str | None = None
    ) -> HttpResponse:
        return shown_once(request, [(obj.name, request.new_secret)], back="..")  # type: ignore[attr-defined]

    @admin.action(
        description=spoken_later("换新密钥(显示一次)", "Renew the secret (shown once)"),
        permissions=["change"],
    )
    def renew_secrets(self, request: HttpRequest, endpoints: QuerySet[WebhookEndpoint]) -> HttpResponse:
        return shown_once(request, [(one.name, actions.renew_secret(one)) for one in endpoints], back=".")
