"""Codes that people give, turned into rows; each refusal says what to choose."""

from __future__ import annotations

from wangge.accounts.models import User
from wangge.catalog.models import Category, Ground
from wangge.catalog.queries import category_by_code
from wangge.kit.errors import Invalid
from wangge.territory.locator import area_by_code
from wangge.territory.models import Area, Unit
from wangge.territory.staff import unit_by_code


def unit_named(code: str, field: str = "lead") -> Unit:
    """The active unit of this code, from memory."""
    unit = unit_by_code(code)
    if unit is None:
        raise Invalid(
            field,
            f"没有代码为“{code}”的在用单位,请重新选择。",
            f"No active unit has the code “{code}”; choose again.",
        )
    return unit


def units_named(codes: list[str], field: str = "assisting") -> list[Unit]:
    """The active units of these codes, in their order, each once."""
    return [unit_named(code, field) for code in dict.fromkeys(codes)]


def category_named(code: str) -> Category:
    """The active category of this code, from memory: every report asks for one."""
    category = category_by_code(code)
    if not category.is_active:
        raise Invalid(
            "category",
            f"类别“{code}”已停用,请重新选择。",
            f"The category “{code}” is no longer in use; choose again.",
        )
    return category


def area_named(code: str) -> Area:
    """The area in force of this code, from memory."""
    area = area_by_code(code)
    if area is None:
        raise Invalid(
            "area", f"没有编码为“{code}”的区域,请重新选择。", f"No area has the code “{code}”; choose again."
        )
    return area


def ground_named(kind: str, code: str) -> Ground:
    """The listed ground of this kind and code."""
    ground = Ground.objects.filter(kind=kind, code=code, is_active=True).first()
    if ground is None:
        raise Invalid("ground", "请从清单中选择一个事由。", "Choose a ground from the list.", kind=kind)
    return ground


def user_named(username: str, field: str) -> User:
    """The active user of this name."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Invalid(
            field, f"没有用户“{username}”,请重新选择。", f"There is no user “{username}”; choose again."
        )
    return user


def needed(field: str, value: str, zh: str, en: str) -> str:
    """The stripped words, or a refusal that they are missing."""
    words = value.strip()
    if not words:
        raise Invalid(field, zh, en)
    return words
