"""Who may come in: users, their former passwords, machine tokens, the log of what happened to accounts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils.crypto import salted_hmac

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.speech import spoken_later
from wangge.kit.words import Text


class AdminRole(models.TextChoices):
    """Three separated administrators (MLPS 2.0 level 3): nobody holds two; none sees people in cases."""

    NONE = "", spoken_later("无", "None")
    SYSTEM = "system_admin", spoken_later("系统管理员", "System administrator")
    SECURITY = "security_admin", spoken_later("安全管理员", "Security administrator")
    AUDIT = "audit_admin", spoken_later("审计管理员", "Audit administrator")


ADMIN_ROLE_NAMES: dict[str, Text] = {
    AdminRole.SYSTEM: Text("系统管理员", "System administrator"),
    AdminRole.SECURITY: Text("安全管理员", "Security administrator"),
    AdminRole.AUDIT: Text("审计管理员", "Audit administrator"),
}


class UserQuerySet(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Make a user; without a password nobody can sign in as it."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person on the staff, or a machine that holds a token. What it may do comes from its posts.

    ``n_sign_outs`` goes up with each "sign out everywhere"; older sessions then no longer fit.
    """

    username = models.CharField(
        spoken_later("用户名", "User name"),
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
    )
    display_name = models.CharField(spoken_later("姓名", "Name"), max_length=60, default="")
    email = models.EmailField(spoken_later("邮箱", "E-mail"), blank=True, default="")
    admin_role = models.CharField(
        spoken_later("管理员角色", "Admin role"), max_length=20, choices=AdminRole, blank=True, default=""
    )
    is_active = models.BooleanField(spoken_later("启用", "Active"), default=True)
    is_machine = models.BooleanField(spoken_later("机器账号", "Machine"), default=False)
    is_demo = models.BooleanField(spoken_later("演示账号", "Demo"), default=False)
    has_to_change_password = models.BooleanField(
        spoken_later("下次登录须改密码", "Has to change password"), default=False
    )
    password_changed_at = models.DateTimeField(
        spoken_later("密码设定时间", "Password set"), null=True, blank=True
    )
    n_sign_outs = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(spoken_later("建立时间", "Created"), auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserQuerySet()

    class Meta:
        verbose_name = spoken_later("用户", "User")
        verbose_name_plural = spoken_later("用户", "Users")

    def __str__(self) -> str:
        return self.display_name or self.username

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """One spelling per name (Unicode NFKC, lower case), so that nobody is locked out of half an account."""
        return super().normalize_username(username.strip()).lower()

    def set_password(self, raw_password: str | None) -> None:
        """Hash and keep the password and when it was set; ``None`` makes signing in impossible."""
        super().set_password(raw_password)
        self.password_changed_at = REAL_CLOCK.now()

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """A session fits its user only while the password and ``n_sign_outs`` are what they were."""
        salt = "wangge.accounts.models.User.get_session_auth_hash"
        fits = f"{self.password}:{self.n_sign_outs}"
        return salted_hmac(salt, fits, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.display_name or self.username

    def get_short_name(self) -> str:
        return self.display_name or self.username

    @property
    def is_staff(self) -> bool:
        """May open the administration (what is seen there depends on the admin role)."""
        return bool(self.admin_role)

    @property
    def is_superuser(self) -> bool:
        """Nobody is all-powerful."""
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Administration rights by admin role: ``perm`` is ``app.verb_model``."""
        held = ADMIN_RIGHTS.get(self.admin_role, frozenset())
        label, _, action = perm.partition(".")
        verb, _, model = action.partition("_")
        return self.is_active and (f"{label}.{model}:{verb}" in held or f"{label}.*:{verb}" in held)

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        held = ADMIN_RIGHTS.get(self.admin_role, frozenset())
        return self.is_active and any(right.startswith(f"{app_label}.") for right in held)


def rights(verbs: str, *models_: str) -> frozenset[str]:
    """``rights("view add", "app.model")`` → ``{"app.model:view", "app.model:add"}``; ``app.*`` is every model."""
    return frozenset(f"{model}:{verb}" for model in models_ for verb in verbs.split())


ADMIN_RIGHTS: dict[str, frozenset[str]] = {
    # configuration: areas, units, buildings, catalogue. Posts are rights of people, so not here.
    AdminRole.SYSTEM: rights("view add change delete", "catalog.*")
    | rights("view add change delete", "territory.area", "territory.unit", "territory.building")
    | rights("view add change delete", "notify.webhookendpoint")
    | rights("view", "territory.post", "territory.territoryrevision"),
    # accounts and policies: who comes in, which posts they hold, with which tokens
    AdminRole.SECURITY: rights("view add change", "accounts.user", "accounts.machinetoken", "territory.post")
    | rights("view", "territory.area", "territory.unit"),
    # logs, and nothing that can be changed
    AdminRole.AUDIT: rights(
        "view", "accounts.signinrow", "accounts.user", "accounts.machinetoken", "admin.logentry", "axes.*"
    )
    | rights(
        "view",
        "catalog.catalogrevision",
        "territory.post",
        "territory.territoryrevision",
        "office.disclosure",
        "cases.revealrow",
        "cases.erasurerow",
    ),
}


class FormerPassword(models.Model):
    """The hash of a password that a user had (or has); the last five may not come back."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_passwords")
    encoded = models.CharField(max_length=256)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="former_password_user")]


class MachineToken(models.Model):
    """A secret by which a program acts as a machine user; only its digest is stored."""

    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="tokens",
        verbose_name=spoken_later("机器账号", "Machine user"),
    )
    name = models.CharField(spoken_later("用途", "Used for"), max_length=80)
    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=8)
    created_at = models.DateTimeField(spoken_later("签发", "Issued"), auto_now_add=True)
    expires_at = models.DateTimeField(spoken_later("到期", "Expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(spoken_later("停用", "Revoked"), null=True, blank=True)
    last_used_on = models.DateField(spoken_later("最近使用", "Last used"), null=True, blank=True)

    class Meta:
        verbose_name = spoken_later("机器令牌", "Machine token")
        verbose_name_plural = spoken_later("机器令牌", "Machine tokens")

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"


class SignInKind(models.TextChoices):
    """What happened to an account."""

    SIGNED_IN = "signed_in", spoken_later("登录", "Signed in")
    SECOND_FACTOR_PASSED = "second_factor_passed", spoken_later("二次验证通过", "Second factor passed")
    FAILED = "failed", spoken_later("密码错误", "Wrong password")
    SECOND_FACTOR_FAILED = "second_factor_failed", spoken_later("二次验证错误", "Wrong code")
    LOCKED_OUT = "locked_out", spoken_later("锁定", "Locked out")
    REFUSED = "refused", spoken_later("拒绝登录", "Refused")
    RATE_LIMITED = "rate_limited", spoken_later("尝试过多", "Too many attempts")
    SIGNED_OUT = "signed_out", spoken_later("退出", "Signed out")
    TIMED_OUT = "timed_out", spoken_later("超时退出", "Timed out")
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere", spoken_later("退出全部设备", "Signed out everywhere")
    PASSWORD_CHANGED = "password_changed", spoken_later("本人改密码", "Password changed")
    PASSWORD_RESET = "password_reset", spoken_later("重置密码", "Password reset")
    SECOND_FACTOR_ADDED = "second_factor_added", spoken_later("开通二次验证", "Second factor added")
    SECOND_FACTOR_REMOVED = "second_factor_removed", spoken_later("关闭二次验证", "Second factor removed")
    RECOVERY_CODES_MADE = "recovery_codes_made", spoken_later("生成恢复码", "Recovery codes made")
    UNLOCKED = "unlocked", spoken_later("解锁", "Unlocked")
    USER_CREATED = "user_created", spoken_later("建立账号", "User created")
    ADMIN_ROLE_GIVEN = "admin_role_given", spoken_later("授予管理员角色", "Admin role given")
    ENABLED = "enabled", spoken_later("启用账号", "Enabled")
    DISABLED = "disabled", spoken_later("停用账号", "Disabled")
    TOKEN_ISSUED = "token_issued", spoken_later("签发令牌", "Token issued")
    TOKEN_REVOKED = "token_revoked", spoken_later("停用令牌", "Token revoked")
    ACTED_AS = "acted_as", spoken_later("演示扮演", "Acted as (demo)")


class SignInRow(models.Model):
    """One line of the account log; append-only, kept at least six months (cybersecurity law, article 21).

    ``acted_by`` is the administrator who did it, empty when it was the person itself or the command line.
    """

    username = models.CharField(spoken_later("用户名", "User name"), max_length=150)
    user = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=spoken_later("用户", "User")
    )
    kind = models.CharField(spoken_later("事项", "What"), max_length=30, choices=SignInKind)
    acted_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=spoken_later("操作人", "By")
    )
    note = models.CharField(spoken_later("说明", "Note"), max_length=200, default="")
    network_address = models.GenericIPAddressField(spoken_later("网络地址", "Network address"), null=True)
    agent = models.CharField(spoken_later("浏览器", "Browser"), max_length=200, default="")
    happened_at = models.DateTimeField(spoken_later("时间", "When"), auto_now_add=True)

    class Meta:
        verbose_name = spoken_later("账号日志", "Account log")
        verbose_name_plural = spoken_later("账号日志", "Account log")
        indexes = [
            models.Index(fields=["-happened_at"], name="signin_at"),
            models.Index(fields=["user", "-happened_at"], name="signin_user"),
        ]

    def __str__(self) -> str:
        return f"{self.username} · {self.get_kind_display()}"
