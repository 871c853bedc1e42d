"""Addresses of the office; included in wangge.urls as ``path("office/", include("wangge.office.urls"))``."""

from __future__ import annotations

from django.urls import path

from wangge.office.views import acts, case, desk

urlpatterns = [
    path("", desk.desk, name="office_desk"),
    path("news/", desk.news, name="office_news"),
    path("cases/", desk.all_cases, name="office_cases"),
    path("cases/export.<str:kind>", desk.export, name="office_export"),
    path("cases/<str:number>/", case.case_page, name="office_case"),
    path("cases/<str:number>/do/<str:verb>/", acts.act, name="office_act"),
    path("cases/<str:number>/one-desk/", acts.act_one_desk, name="office_one_desk"),
    path("cases/<str:number>/reporter/", acts.show_reporter, name="office_reveal"),
    path("cases/<str:number>/sheet/", case.sheet, name="office_sheet"),
    path("cases/<str:number>/resident/", case.residents_page, name="office_resident"),
    path("files/<uuid:key>/", case.file, name="office_file"),
]
