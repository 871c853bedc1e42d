"""Addresses of sign-in and of one's own page; the names are those that django-allauth asks for."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from wangge.accounts import views

urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-in/second-factor/", second_factor.authenticate, name="mfa_authenticate"),
    path("sign-up/", account.signup, name="account_signup"),
    path("sign-out/", account.logout, name="account_logout"),
    path("me/", views.me, name="me"),
    path("me/again/", account.reauthenticate, name="account_reauthenticate"),
    path("me/again/code/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("me/password/", account.password_change, name="account_change_password"),
    path("me/second-factor/", second_factor.index, name="mfa_index"),
    path("me/second-factor/add/", totp.activate_totp, name="mfa_activate_totp"),
    path("me/second-factor/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("me/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "me/recovery-codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"
    ),
    path(
        "me/recovery-codes/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
    path("me/sign-out-everywhere/", views.sign_out_everywhere, name="sign_out_everywhere"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("type-size/", views.set_type_size, name="set_type_size"),
]
