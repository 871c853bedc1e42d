"""Sign-in, inbox and the office: these stories need no other door."""

from django.urls import include, path

urlpatterns = [
    path("", include("wangge.accounts.urls")),
    path("inbox/", include("wangge.notify.urls")),
    path("office/", include("wangge.office.urls")),
]
