"""Addresses of the demo bar."""

from __future__ import annotations

from django.urls import path

from wangge.demo.bar import views

urlpatterns = [
    path("", views.overview, name="demo_overview"),
    path("act-as/", views.change_person, name="demo_act_as"),
    path("guide/start/", views.start, name="demo_start"),
    path("guide/next/", views.go_on, name="demo_next"),
    path("guide/do/", views.do_it, name="demo_do"),
    path("guide/end/", views.end, name="demo_end"),
    path("guide/finish/", views.finish, name="demo_finish"),
    path("guide/after.jpg", views.after_picture, name="demo_after_picture"),
]
