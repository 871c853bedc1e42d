"""Every address of the house, in one place."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from wangge.accounts.admin_site import site
from wangge.api import addresses

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("wangge.accounts.urls")),
    path("inbox/", include("wangge.notify.urls")),
    path("api/", include(addresses())),
    path("admin/setup/", include("wangge.catalog.urls")),
    path("admin/", site.urls),
]
