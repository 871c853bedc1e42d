"""Sign-in and the administration alone: these stories need no other door."""

from django.urls import include, path

from wangge.accounts.admin_site import site

urlpatterns = [
    path("", include("wangge.accounts.urls")),
    path("admin/setup/", include("wangge.catalog.urls")),
    path("admin/", site.urls),
]
