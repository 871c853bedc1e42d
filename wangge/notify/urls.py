"""Addresses of the inbox; included in wangge.urls as ``path("inbox/", include("wangge.notify.urls"))``."""

from __future__ import annotations

from django.urls import path

from wangge.notify import views

urlpatterns = [
    path("", views.inbox_page, name="inbox"),
    path("<int:message_id>/open/", views.open_message, name="inbox_open"),
    path("read-all/", views.read_all, name="inbox_read_all"),
]
