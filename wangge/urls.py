"""Every address of the house, in one place."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from wangge.accounts.admin_site import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("wangge.accounts.urls")),
    path("inbox/", include("wangge.notify.urls")),
    path("admin/", site.urls),
]
