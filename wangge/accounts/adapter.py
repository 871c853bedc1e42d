"""What allauth asks us: rate limits, refusals, our words, and a line of the account log for each thing done."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from wangge.accounts.journal import note_down
from wangge.accounts.models import SignInKind, User
from wangge.accounts.signin import BEGAN, begin_session, reason_to_refuse
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.crypto import key_ring, token_digest
from wangge.kit.errors import DomainError
from wangge.kit.network import network_address, network_of
from wangge.kit.ratelimit import check_visit_and_network
from wangge.kit.refusals import refusal
from wangge.kit.speech import said, spoken, spoken_later
from wangge.kit.words import Text

SEALED_FOR = "allauth.mfa"
NO_ADDRESS = "::"  # a unix socket; the list of devices wants an address

# allauth's message templates → what we say; the others stay unsaid
SAID = {
    "account/messages/logged_out.txt": Text("您已退出。", "You have signed out."),
    "account/messages/password_changed.txt": Text(
        "密码已改。其他设备上的登录已失效。", "Password changed. Other devices were signed out."
    ),
    "mfa/messages/totp_activated.txt": Text(
        "二次验证已开通。请把下面的恢复码抄下来收好。",
        "The second factor is on. Write down the recovery codes below and keep them safe.",
    ),
    "mfa/messages/totp_deactivated.txt": Text("二次验证已关闭。", "The second factor is off."),
}
# allauth's notification mails (never sent) → lines of the account log
NOTED = {
    "mfa/email/totp_activated": SignInKind.SECOND_FACTOR_ADDED,
    "mfa/email/totp_deactivated": SignInKind.SECOND_FACTOR_REMOVED,
    "mfa/email/recovery_codes_generated": SignInKind.RECOVERY_CODES_MADE,
    "account/email/password_changed": SignInKind.PASSWORD_CHANGED,
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": spoken_later("此账号已停用。", "This account is disabled."),
        "enter_current_password": spoken_later("原密码不对。", "The present password is wrong."),
        "incorrect_password": spoken_later("密码不对。", "Wrong password."),
        "incorrect_code": spoken_later("验证码不对。", "Wrong code."),
        "username_password_mismatch": spoken_later("用户名或密码不对。", "Wrong user name or password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by the security administrator only."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, by browser (its CSRF cookie) and by network."""
        cookie = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
        try:
            check_visit_and_network(
                "signin",
                visit=token_digest(cookie).hex()[:32] if cookie else "",
                network=network_of(network_address(request)),
                per_visit=settings.SIGN_IN_PER_VISIT,
                per_network=settings.SIGN_IN_PER_NETWORK,
                window_s=settings.SIGN_IN_WINDOW_S,
                at=REAL_CLOCK.now(),
            )
        except DomainError as error:
            username = str(credentials.get("username", ""))
            note_down(SignInKind.RATE_LIMITED, username=username, request=request)
            raise ImmediateHttpResponse(refusal(request, error, back_url=reverse("account_login"))) from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        if not isinstance(user, User):
            return None
        reason = reason_to_refuse(user, request, by_password=True)
        if reason is not None:
            note_down(SignInKind.REFUSED, user=user, request=request, note=reason.zh)
            raise ValidationError(said(reason), code="refused")
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Wrong password (or locked): one line, and how many tries are left."""
        typed = User.normalize_username(str(credentials.get("username", "")))
        user = User.objects.filter(username=typed).first()
        is_locked = getattr(request, "axes_locked_out", False)
        kind = SignInKind.LOCKED_OUT if is_locked else SignInKind.FAILED
        note_down(kind, user=user, username=typed, request=request)
        left = settings.AXES_FAILURE_LIMIT - (getattr(request, "axes_failures_since_start", 0) or 0)
        minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
        if not is_locked and left <= 3:
            raise ValidationError(
                spoken(
                    f"用户名或密码不对。再错 {left} 次,此账号将锁定 {minutes} 分钟。",
                    f"Wrong user name or password. After {left} more the account is locked for {minutes} min.",
                ),
                code="username_password_mismatch",
            )

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        begin_session(request)
        note_down(SignInKind.SIGNED_IN, user=user, request=request)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            note_down(SignInKind.SIGNED_OUT, user=request.user, request=request)
        super().logout(request)

    def set_password(self, user: Any, password: str) -> None:
        """The person's own new password; an administrator's one-time password ends here."""
        user.set_password(password)
        user.has_to_change_password = False
        user.save()

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("me")

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        messages.error(request, str(self.error_messages["account_inactive"]))
        return HttpResponseRedirect(reverse("account_login"))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who typed the password a moment ago to sign in need not type it again."""
        age_s = REAL_CLOCK.now().timestamp() - self.request.session.get(BEGAN, 0)
        return bool(age_s > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)

    def get_client_ip(self, request: HttpRequest) -> str:
        return network_address(request) or NO_ADDRESS

    def get_login_stages(self) -> list[str]:
        """The second factor is asked for where it is switched on."""
        stages: list[str] = super().get_login_stages()
        if settings.STAFF_SECOND_FACTOR == "off":
            stages = [stage for stage in stages if not stage.startswith("allauth.mfa.")]
        return stages

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template in SAID:
            messages.add_message(request, level, said(SAID[message_template]))

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """Nobody has e-mail here: what would be mailed is a line of the account log."""
        if template_prefix in NOTED:
            note_down(NOTED[template_prefix], user=user, request=self.request)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are stored sealed with the installation's key."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": spoken_later(
            "验证码不对或已用过。请等手机上换出下一个。",
            "Wrong code, or one that was used. Wait for the next one.",
        ),
        "cannot_delete_authenticator": spoken_later(
            "本系统要求二次验证,不能自行关闭。换手机时请联系安全管理员清除。",
            "A second factor is required here. To change phones ask the security administrator to clear it.",
        ),
    }

    def encrypt(self, text: str) -> str:
        return b64encode(key_ring(settings.KEYS_FOLDER).seal(text, SEALED_FOR)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return key_ring(settings.KEYS_FOLDER).unseal(b64decode(encrypted_text), SEALED_FOR)

    def build_totp_svg(self, url: str) -> str:
        """The QR code, drawn inside the page."""
        svg: str = segno.make(url, error="m").svg_inline(border=1, omitsize=True)
        return svg

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return bool(settings.STAFF_SECOND_FACTOR != "required")
