"""The administration under /admin/: one site for all features, entered through our own sign-in.

    from wangge.accounts.admin_site import site

    @admin.register(Unit, site=site)
    class UnitAdmin(admin.ModelAdmin): ...

Who may see what there is ``User.has_perm`` (three separated roles). Rows change through the feature's actions:
a ModelAdmin that writes overrides ``save_model`` and calls them. Cases and the ledger are never registered.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from wangge.kit.errors import Forbidden
from wangge.kit.speech import spoken_later

LIBRARY_WORDS = {
    "admin": spoken_later("管理后台", "Administration"),
    "axes": spoken_later("密码错误", "Wrong passwords"),
    "cases": spoken_later("诉求人信息", "Reporters"),
    "RevealRow": spoken_later("查看诉求人留痕", "Looks at reporters"),
    "LogEntry": spoken_later("后台操作记录", "Changes made here"),
    "AccessAttempt": spoken_later("仍在计数的错误", "Still counted"),
}


class WanggeAdminSite(admin.AdminSite):
    site_title = spoken_later("网格 管理后台", "Wangge administration")
    site_header = spoken_later("网格 管理后台", "Wangge administration")
    index_title = spoken_later("管理", "Administration")
    site_url = "/"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """One of the three administrators; signed in, with second factor and own password (middleware)."""
        return request.user.is_active and request.user.is_staff

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """There is no second sign-in: strangers go to the one page, staff without the role are told why not."""
        if request.user.is_authenticated:
            raise Forbidden(
                "管理后台只供系统、安全、审计三类管理员使用。请用管理员账号登录。",
                "The administration is for the system, security and audit administrators. Sign in as one of them.",
            )
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The list of what there is, with our words for what comes from libraries."""
        listed = super().get_app_list(request, app_label)
        for app in listed:
            app["name"] = LIBRARY_WORDS.get(app["app_label"], app["name"])
            for model in app["models"]:
                model["name"] = LIBRARY_WORDS.get(model["object_name"], model["name"])
        return listed

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("account_change_password"))


site = WanggeAdminSite(name="admin")
