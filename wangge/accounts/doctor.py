"""What ``wangge doctor`` finds about accounts."""

from __future__ import annotations

from django.conf import settings

from wangge.accounts.demo_rules import demo_accounts_exist
from wangge.accounts.models import ADMIN_ROLE_NAMES, User
from wangge.kit.findings import Finding
from wangge.kit.words import Text


def findings() -> list[Finding]:
    """Missing administrators, demo accounts, the second factor."""
    held = set(
        User.objects.filter(is_active=True).exclude(admin_role="").values_list("admin_role", flat=True)
    )
    found = [missing(role) for role in ADMIN_ROLE_NAMES if role not in held]
    if not found:
        found.append(
            Finding(
                "fine",
                "administrators",
                Text("三类管理员都已设置。", "All three administrators are there."),
            )
        )
    if demo_accounts_exist():
        words = Text(
            "有演示账号:只能在本机使用,不要对外开放这个安装。",
            "There are demo accounts: they work on this machine only; do not open this installation to others.",
        )
        found.append(Finding("warning", "demo_accounts", words))
    if settings.STAFF_SECOND_FACTOR != "required":
        words = Text(
            "二次验证不是必需的。等保三级要求双因素,请设置 WANGGE_SECOND_FACTOR=required。",
            "The second factor is not required. MLPS level 3 asks for two factors: set WANGGE_SECOND_FACTOR=required.",
        )
        found.append(Finding("warning", "second_factor_not_required", words))
    return found


def missing(role: str) -> Finding:
    name = ADMIN_ROLE_NAMES[role]
    words = Text(
        "还没有{zh}。请运行 wangge createadmin --role {role}。",
        "There is no {en}. Run wangge createadmin --role {role}.",
    ).filled(zh=name.zh, en=name.en.lower(), role=role)
    return Finding("warning", f"no_{role}", words)
