"""Forms of sign-in: allauth's, with our words and our limits."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.exceptions import ValidationError

from wangge.accounts.journal import note_down
from wangge.accounts.models import SignInKind, User
from wangge.kit import ratelimit
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError
from wangge.kit.speech import is_english, spoken

CODE_USED_S = 150  # longer than a code is good, tolerance included


def word(form: forms.Form, name: str, zh: str, en: str, **attributes: str) -> None:
    """Label of a field in the reader's language; placeholders and help of the library go."""
    field = form.fields[name]
    field.label = spoken(zh, en)
    field.help_text = ""
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attributes)


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "login", "用户名", "User name", autocapitalize="none", spellcheck="false", autofocus="")
        word(self, "password", "密码", "Password")

    def clean_login(self) -> str:
        return User.normalize_username(super().clean_login())


class PasswordAgainForm(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "password", "密码", "Password", autofocus="")


class NewPasswordForm(ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "oldpassword", "原密码", "Present password")
        word(self, "password1", "新密码", "New password")
        word(self, "password2", "再输一次新密码", "New password again")
        rules = [validator.get_help_text() for validator in get_default_password_validators()]
        self.fields["password1"].help_text = (", " if is_english() else ";").join(rules)

    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = super().clean()  # type: ignore[no-untyped-call]
        if "password2" in self.errors and self.data.get("password2"):
            self.errors["password2"] = self.error_class(
                [spoken("两次输入的新密码不一样。", "The two new passwords differ.")]
            )
        return cleaned


class CodeLimits:
    """Wrong codes are limited per user and no code works twice: counted in the database, for all processes.

    allauth's own limits live in each process's memory, so they would multiply with the number of workers.
    """

    user: User
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        bucket = f"signin:code:{self.user.pk}"
        now = REAL_CLOCK.now()
        self.cleaned_data["code"] = "".join(self.cleaned_data["code"].split())
        try:
            ratelimit.check(bucket, settings.CODES_PER_USER, settings.CODES_WINDOW_S, now)
        except DomainError:
            note_down(SignInKind.RATE_LIMITED, user=self.user, request=context.request)
            raise  # its own page, with the time to wait
        try:
            code: str = super().clean_code()  # type: ignore[misc]
            if ratelimit.count(f"signin:used:{self.user.pk}:{code}", CODE_USED_S, now)[0] > 1:
                raise get_adapter().validation_error("incorrect_code")
        except ValidationError:
            note_down(SignInKind.SECOND_FACTOR_FAILED, user=self.user, request=context.request)
            raise
        ratelimit.forget(bucket)
        return code


def word_code(form: forms.Form) -> None:
    word(form, "code", "验证码", "Code", autocomplete="one-time-code", inputmode="numeric", autofocus="")
    form.fields["code"].widget.attrs["class"] = "code"


class CodeForm(CodeLimits, AuthenticateForm):
    """At sign-in: the six digits, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self)

    def save(self) -> None:
        super().save()
        kind = self.authenticator.type
        note_down(SignInKind.SECOND_FACTOR_PASSED, user=self.user, request=context.request, note=kind)


class CodeAgainForm(CodeLimits, ReauthenticateByCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self)


class FirstCodeForm(CodeLimits, ActivateTOTPForm):
    """Proves that the app was set up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self)
