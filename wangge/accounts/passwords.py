"""What a password must be, and one-time passwords that are handed over by an administrator.

MLPS 2.0 level 3 as examined: at least 8 characters, three of four classes, no part of the user name, none of the
last five, none of the well-known ones.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from wangge.accounts.models import FormerPassword, User
from wangge.kit.speech import spoken

PART_OF_NAME = 4  # this many characters in a row of the user name are too many

# pass the class rules, but are the first that anybody tries
LISTED = """
    admin@123 admin123! admin@1234 admin@12345 admin#123 abc@123 abc@1234 abc@12345 abc@123456 abcd@1234 abcd1234!
    aa123456! aa@123456 qwer1234! qwer@1234 qwe123!@# 1qaz@wsx 1qaz!qaz 1qaz2wsx! !qaz2wsx zaq1@wsx pass@123 pass@1234
    pass@word1 password1! password@1 password@123 passw0rd! p@ssw0rd p@ssw0rd1 p@ssw0rd! p@$$w0rd test@123 test@1234
    root@123 root@1234 user@123 user@1234 welcome1! welcome@123 huawei@123 huawei12#$ h3c@123 system@123 sysadmin@1
    changeme1! changeme@123 wangge@123 wangge@1234 wangge123! china@123 zhcs@123 a123456! a123456. a1234567! a12345678.
    123456aa! 123456abc! 123456qq. 1234qwer! 5201314aa!
"""
WELL_KNOWN = frozenset(LISTED.split())


class LongEnough:
    def __init__(self, min_length: int = 8) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) < self.min_length:
            raise ValidationError(
                spoken(
                    f"密码太短,至少 {self.min_length} 位。",
                    f"Too short: at least {self.min_length} characters.",
                )
            )

    def get_help_text(self) -> str:
        return spoken(f"至少 {self.min_length} 位", f"At least {self.min_length} characters")


class ThreeOfFourClasses:
    def validate(self, password: str, user: User | None = None) -> None:
        if n_classes(password) < 3:
            raise ValidationError(
                spoken(
                    "密码须含大写字母、小写字母、数字、符号中的至少三种。",
                    "Use at least three of: capital letters, small letters, digits, symbols.",
                )
            )

    def get_help_text(self) -> str:
        return spoken(
            "大写字母、小写字母、数字、符号,至少三种",
            "Three of: capital letters, small letters, digits, symbols",
        )


class WithoutOwnName:
    def validate(self, password: str, user: User | None = None) -> None:
        if user is not None and any(part in password.lower() for part in own_parts(user)):
            raise ValidationError(
                spoken(
                    "密码不能包含用户名或姓名。", "The password may not contain the user name or your name."
                )
            )

    def get_help_text(self) -> str:
        return spoken("不含用户名和姓名", "Without your user name and name")


class NotWellKnown(CommonPasswordValidator):
    """Django's list of 20,000, and those that are usual in Chinese offices."""

    def validate(self, password: str, user: object = None) -> None:
        if password.lower().strip() in WELL_KNOWN | self.passwords:
            raise ValidationError(
                spoken("这个密码太常见,容易被猜到,请换一个。", "This password is well known. Choose another.")
            )

    def get_help_text(self) -> str:
        return spoken("不是常见密码", "Not a well-known one")


class NotUsedBefore:
    """The last passwords may not come back. Django calls ``password_changed`` when it saves a new one."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        former = list(last_passwords(user).values_list("encoded", flat=True))
        if any(check_password(password, encoded) for encoded in {*former, user.password} if encoded):
            n = settings.FORMER_PASSWORDS_KEPT
            raise ValidationError(
                spoken(
                    f"不能使用最近 {n} 次用过的密码。", f"One of your last {n} passwords. Choose a new one."
                )
            )

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user is None or not user.has_usable_password():
            return
        FormerPassword.objects.create(user=user, encoded=user.password)
        kept = last_passwords(user).values("pk")
        FormerPassword.objects.filter(user=user).exclude(pk__in=kept).delete()

    def get_help_text(self) -> str:
        n = settings.FORMER_PASSWORDS_KEPT
        return spoken(f"与最近 {n} 次的密码不同", f"Not one of your last {n}")


def last_passwords(user: User) -> QuerySet[FormerPassword]:
    rows = FormerPassword.objects.filter(user=user).order_by("-created_at", "-pk")
    return rows[: settings.FORMER_PASSWORDS_KEPT]


def n_classes(password: str) -> int:
    """How many of the four classes (capitals, small letters, digits, anything else) the password uses."""
    letters = [c for c in password if c.isascii() and c.isalpha()]
    digits = [c for c in password if c.isascii() and c.isdigit()]
    return sum(
        [
            any(c.isupper() for c in letters),
            any(c.islower() for c in letters),
            bool(digits),
            len(letters) + len(digits) < len(password),
        ]
    )


def own_parts(user: User) -> set[str]:
    """What of the user's names may not stand in the password: runs of four characters, short names whole."""
    name = user.username.lower()
    parts = {name[i : i + PART_OF_NAME] for i in range(len(name) - PART_OF_NAME + 1)}
    if 3 <= len(name) < PART_OF_NAME or (len(name) >= 2 and not name.isascii()):
        parts.add(name)
    called = user.display_name.lower().strip()
    if len(called) >= 3 or (len(called) >= 2 and not called.isascii()):
        parts.add(called)
    return parts


SMALL, CAPITALS, DIGITS = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"


def one_time_password() -> str:
    """A password to hand over: can be read aloud, keeps the rules, about 50 bits (``Kqwm-2957-hdrc``)."""
    pattern = [CAPITALS, SMALL, SMALL, SMALL, "-", *[DIGITS] * 4, "-", *[SMALL] * 4]
    return "".join(secrets.choice(letters) for letters in pattern)
