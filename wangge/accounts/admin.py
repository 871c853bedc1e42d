"""Accounts in the administration: each write is one of ``actions``; secrets are shown once and never stored."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html

from wangge.accounts import actions, tokens
from wangge.accounts.admin_site import site
from wangge.accounts.lockout import locks
from wangge.accounts.models import MachineToken, SignInRow, User
from wangge.accounts.signin import one_time_password_expired
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError
from wangge.kit.speech import spoken, spoken_later


def actor_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def shown_once(request: HttpRequest, secrets: list[tuple[str, str]], *, back: str) -> HttpResponse:
    """A page with secrets that are stored nowhere: who closes it has lost them."""
    context = site.each_context(request) | {
        "title": spoken("请马上抄下来", "Write this down now"),
        "secrets": secrets,
        "back": back,
    }
    answer = TemplateResponse(request, "accounts/shown_once.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


class ReadOnly(admin.ModelAdmin[Any]):
    """A log: looked at, never touched, whatever the role."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NewUserForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("username", "display_name", "is_machine")

    def clean_username(self) -> str:
        return User.normalize_username(self.cleaned_data["username"])


@admin.register(User, site=site)
class UserAdmin(admin.ModelAdmin[User]):
    """Accounts of staff and machines. New ones get a one-time password; nobody can choose it for them."""

    form = NewUserForm
    list_display = ("username", "display_name", "role_in_words", "state", "second_factor", "last_login")
    list_filter = ("is_active", "is_machine", "is_demo", "admin_role")
    search_fields = ("username", "display_name")
    ordering = ("username",)
    list_per_page = 50
    fields = ("username", "display_name", "is_machine")
    actions = ("reset_passwords", "unlock_them", "clear_second_factors", "sign_them_out", "disable", "enable")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        seen = ("admin_role", "is_active", "state", "second_factor", "password_changed_at", "created_at")
        return ("username", "is_machine", *seen) if obj else ()

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return (
            ("username", "display_name", *self.get_readonly_fields(request, obj)[1:]) if obj else self.fields
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        totp = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        counted = {
            "has_totp": Exists(totp),
            "is_locked": Exists(locks().filter(username=OuterRef("username"))),
        }
        return super().get_queryset(request).annotate(**counted)

    @admin.display(description=spoken_later("管理员", "Admin"))
    def role_in_words(self, user: User) -> str:
        return user.get_admin_role_display() if user.admin_role else ""

    @admin.display(description=spoken_later("状态", "State"))
    def state(self, user: User) -> str:
        words = []
        if not user.is_active:
            words.append(spoken("已停用", "disabled"))
        if getattr(user, "is_locked", False):
            words.append(spoken("■ 已锁定", "■ locked"))
        if user.has_to_change_password:
            is_late = one_time_password_expired(user, REAL_CLOCK.now())
            words.append(
                spoken("一次性密码已过期", "one-time password expired")
                if is_late
                else spoken("待本人改密码", "has to change password")
            )
        return " · ".join(words) or spoken("正常", "in order")

    @admin.display(description=spoken_later("二次验证", "Second factor"))
    def second_factor(self, user: User) -> str:
        return spoken("已开通", "on") if getattr(user, "has_totp", False) else "–"

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            User.objects.filter(pk=obj.pk).update(display_name=obj.display_name)
            return
        user, password = actions.create_user(
            username=obj.username,
            display_name=obj.display_name,
            is_machine=obj.is_machine,
            actor=actor_of(request),
        )
        obj.pk, obj.username = user.pk, user.username
        request.new_password = password  # type: ignore[attr-defined]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj is not None and obj.admin_role)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        password = getattr(request, "new_password", "")
        if password:
            return shown_once(request, [(obj.username, password)], back="..")
        return super().response_add(request, obj, post_url_continue)

    def each(self, request: HttpRequest, users: QuerySet[User], verb: Any, zh: str, en: str) -> None:
        """Do a verb to each selected account; say how many, and why not for the others."""
        n_done = 0
        for user in users:
            try:
                verb(user_id=user.pk, actor=actor_of(request), request=request)
                n_done += 1
            except DomainError as error:
                self.message_user(request, f"{user.username}: {spoken(error.zh, error.en)}", messages.ERROR)
        if n_done:
            self.message_user(request, spoken(f"{zh}:{n_done} 个账号。", f"{en}: {n_done} accounts."))

    @admin.action(
        description=spoken_later("重置密码(显示一次)", "Reset password (shown once)"), permissions=["change"]
    )
    def reset_passwords(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        secrets = []
        for user in users:
            try:
                password = actions.reset_password(user_id=user.pk, actor=actor_of(request), request=request)
                secrets.append((user.username, password))
            except DomainError as error:
                self.message_user(request, f"{user.username}: {spoken(error.zh, error.en)}", messages.ERROR)
        return shown_once(request, secrets, back=".") if secrets else None

    @admin.action(description=spoken_later("解锁", "Unlock"), permissions=["change"])
    def unlock_them(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self.each(request, users, actions.unlock, "已解锁", "Unlocked")

    @admin.action(description=spoken_later("清除二次验证", "Clear second factor"), permissions=["change"])
    def clear_second_factors(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self.each(request, users, actions.clear_second_factor, "已清除二次验证", "Second factor cleared")

    @admin.action(description=spoken_later("退出全部设备", "Sign out everywhere"), permissions=["change"])
    def sign_them_out(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self.each(request, users, actions.sign_out_everywhere, "已退出", "Signed out")

    @admin.action(description=spoken_later("停用", "Disable"), permissions=["change"])
    def disable(self, request: HttpRequest, users: QuerySet[User]) -> None:
        def verb(**given: Any) -> None:
            actions.set_active(is_active=False, **given)

        self.each(request, users, verb, "已停用", "Disabled")

    @admin.action(description=spoken_later("启用", "Enable"), permissions=["change"])
    def enable(self, request: HttpRequest, users: QuerySet[User]) -> None:
        def verb(**given: Any) -> None:
            actions.set_active(is_active=True, **given)

        self.each(request, users, verb, "已启用", "Enabled")


class NewTokenForm(forms.ModelForm[MachineToken]):
    class Meta:
        model = MachineToken
        fields = ("user", "name", "expires_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            machines = User.objects.filter(is_machine=True, is_active=True).order_by("username")
            self.fields["user"].queryset = machines  # type: ignore[attr-defined]
            self.fields["user"].help_text = spoken(
                "只列出机器账号;没有时先到「用户」里建立一个。",
                "Machine accounts only; make one under Users first.",
            )

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= REAL_CLOCK.now():
            raise ValidationError(spoken("到期时间须在将来。", "It must expire in the future."))
        return expires_at


@admin.register(MachineToken, site=site)
class MachineTokenAdmin(admin.ModelAdmin[MachineToken]):
    form = NewTokenForm
    list_display = ("name", "user", "hint_in_words", "created_at", "expires_at", "revoked_at", "last_used_on")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    fields = ("user", "name", "expires_at")
    actions = ("revoke",)

    @admin.display(description=spoken_later("末四位", "Ends in"))
    def hint_in_words(self, token: MachineToken) -> str:
        return format_html("<code>…{}</code>", token.hint)

    def has_change_permission(self, request: HttpRequest, obj: MachineToken | None = None) -> bool:
        return super().has_change_permission(request) if obj is None else False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: MachineToken, form: Any, change: bool) -> None:
        secret = tokens.issue(obj.user, obj.name, obj.expires_at, acted_by=actor_of(request))
        obj.pk = MachineToken.objects.filter(user=obj.user).latest("id").pk
        request.new_token = secret  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: MachineToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        return shown_once(request, [(obj.name, request.new_token)], back="..")  # type: ignore[attr-defined]

    @admin.action(
        description=spoken_later("停用所选令牌", "Revoke the selected tokens"), permissions=["change"]
    )
    def revoke(self, request: HttpRequest, rows: QuerySet[MachineToken]) -> None:
        for row in rows:
            tokens.revoke(row.pk, acted_by=actor_of(request))
        self.message_user(request, spoken("已停用。", "Revoked."))


@admin.register(SignInRow, site=site)
class SignInRowAdmin(ReadOnly):
    list_display = ("happened_at", "username", "kind", "acted_by", "network_address", "note")
    list_filter = ("kind", "happened_at")
    search_fields = ("username", "network_address")
    list_select_related = ("acted_by",)
    date_hierarchy = "happened_at"
    show_full_result_count = False


@admin.register(LogEntry, site=site)
class LogEntryAdmin(ReadOnly):
    """What was changed in this administration."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag")
    list_filter = ("action_flag", "action_time")
    search_fields = ("object_repr", "user__username")
    list_select_related = ("user", "content_type")


@admin.register(AccessAttempt, site=site)
class AccessAttemptAdmin(ReadOnly):
    """Wrong passwords that still count."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    search_fields = ("username", "ip_address")
    exclude = ("get_data", "post_data")
