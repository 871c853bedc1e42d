"""Every address of the house, in one place."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from wangge.accounts.admin_site import site
from wangge.api import FIGURES, addresses, may_see_figures
from wangge.cases.queries.lists import numbers_seen
from wangge.kit import health

handler500 = "wangge.kit.refusals.unexpected"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include(addresses())),  # first: looked for most often
    path("", include("wangge.portal.urls")),
    path("", include("wangge.accounts.urls")),
    path("inbox/", include("wangge.notify.urls"), {"still_seen": numbers_seen}),
    path("field/", include("wangge.field.urls")),
    path("demo/", include("wangge.demo.bar.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, {"sources": FIGURES, "may_see": may_see_figures}, name="metrics"),
    path("admin/setup/", include("wangge.catalog.urls")),
    path("office/", include("wangge.office.urls")),
    path("admin/", site.urls),
]
