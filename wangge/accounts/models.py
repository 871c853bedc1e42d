"""Who may come in: users, machine tokens, the sign-in log."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models


class AdminRole(models.TextChoices):
    """Three separated administrators (MLPS 2.0 level 3): nobody holds two; none sees people in cases."""

    NONE = "", "无 None"
    SYSTEM = "system_admin", "系统管理员 System administrator"
    SECURITY = "security_admin", "安全管理员 Security administrator"
    AUDIT = "audit_admin", "审计管理员 Audit administrator"


class UserQuerySet(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Make a user; without a password nobody can sign in as it."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person on the staff, or a machine that holds a token. What it may do comes from its posts."""

    username = models.CharField(
        "用户名 User name", max_length=150, unique=True, validators=[UnicodeUsernameValidator()]
    )
    display_name = models.CharField("姓名 Name", max_length=60, default="")
    email = models.EmailField("邮箱 E-mail", blank=True, default="")
    admin_role = models.CharField("管理员角色 Admin role", max_length=20, choices=AdminRole, blank=True, default="")
    is_active = models.BooleanField("启用 Active", default=True)
    is_machine = models.BooleanField("机器账号 Machine", default=False)
    is_demo = models.BooleanField("演示账号 Demo", default=False)
    must_change_password = models.BooleanField("下次登录须改密码 Must change password", default=False)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserQuerySet()

    class Meta:
        verbose_name = "用户 User"
        verbose_name_plural = "用户 Users"

    def __str__(self) -> str:
        return self.display_name or self.username

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
        """Administration rights by admin role; see ``accounts/rights.py``."""
        from_role = ADMIN_RIGHTS.get(self.admin_role, frozenset())
        label, _, action = perm.partition(".")
        verb, _, model = action.partition("_")
        return self.is_active and (f"{label}.{model}:{verb}" in from_role or f"{label}.*:{verb}" in from_role)

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        rights = ADMIN_RIGHTS.get(self.admin_role, frozenset())
        return self.is_active and any(right.startswith(f"{app_label}.") for right in rights)


def rights(verbs: str, *models_: str) -> frozenset[str]:
    return frozenset(f"{model}:{verb}" for model in models_ for verb in verbs.split())


ADMIN_RIGHTS: dict[str, frozenset[str]] = {
    AdminRole.SYSTEM: rights("view add change delete", "territory.*", "catalog.*"),
    AdminRole.SECURITY: rights("view add change", "accounts.user", "accounts.machinetoken", "territory.post")
    | rights("view delete", "axes.accessattempt")
    | rights("view", "territory.area", "territory.unit"),
    AdminRole.AUDIT: rights("view", "accounts.signinrow", "accounts.user", "axes.*", "catalog.catalogrevision"),
}


class MachineToken(models.Model):
    """A secret by which a program acts as a machine user; only its digest is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField("名称 Name", max_length=80)
    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=8)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField("到期 Expires", null=True, blank=True)
    revoked_at = models.DateTimeField("停用 Revoked", null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "机器令牌 Machine token"
        verbose_name_plural = "机器令牌 Machine tokens"

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"


class SignInRow(models.Model):
    """One line of the sign-in log; kept at least six months (cybersecurity law, article 21)."""

    username = models.CharField(max_length=150)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=30)  # signed_in | failed | locked_out | signed_out | password_changed | …
    network_address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, default="")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "登录日志 Sign-in log"
        verbose_name_plural = "登录日志 Sign-in log"
        indexes = [models.Index(fields=["-at"], name="signin_at"), models.Index(fields=["user", "-at"], name="signin_user")]
