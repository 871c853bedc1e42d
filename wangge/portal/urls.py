"""Addresses of the residents' pages."""

from __future__ import annotations

from django.urls import path

from wangge.portal import follow_views, plain_views, report_views
from wangge.portal.deeds import DEEDS

app_name = "portal"

urlpatterns = [
    path("", plain_views.front, name="front"),
    path("help/", plain_views.help_page, name="help"),
    path("accessibility/", plain_views.accessibility, name="accessibility"),
    path("privacy/", plain_views.privacy, name="privacy"),
    path("report/", report_views.what, name="what"),
    path("report/danger/", report_views.danger, name="danger"),
    path("report/where/", report_views.where, name="where"),
    path("report/where/map.svg", report_views.map_picture, name="map"),
    path("report/you/", report_views.you, name="you"),
    path("report/files/<uuid:key>/", report_views.waiting_file, name="waiting_file"),
    path("follow/", follow_views.follow, name="follow"),
    path("follow/<str:code>/", follow_views.progress, name="progress"),
    path("follow/<str:code>/again/", follow_views.again, name="again"),
    path("follow/<str:code>/photo/<uuid:key>/", follow_views.photo, name="photo"),
    *(
        path(
            f"follow/<str:code>/{verb.value}/", follow_views.deed, {"verb_name": verb.value}, name=verb.value
        )
        for verb in DEEDS
    ),
]
