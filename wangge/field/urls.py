"""Addresses of the phone pages."""

from __future__ import annotations

from django.urls import path

from wangge.field.views import case, grids, mine, report, today

urlpatterns = [
    path("", today.today, name="field_today"),
    path("report/", report.what, name="field_report"),
    path("report/where/", report.where, name="field_report_where"),
    path("report/category/", report.which, name="field_report_category"),
    path("report/result/", report.result, name="field_report_result"),
    path("report/done/", report.done, name="field_report_done"),
    path("report/again/", report.start_again, name="field_report_again"),
    path("cases/<str:number>/", case.case_page, name="field_case"),
    path("cases/<str:number>/reporters/<int:reporter_id>/", case.show_reporter, name="field_reporter"),
    path("cases/<str:number>/<str:verb>/", case.verb_page, name="field_verb"),
    path("files/<uuid:key>/", case.file, name="field_file"),
    path("grids/", grids.grids, name="field_grids"),
    path("grids/<str:code>/cases/", grids.grid_cases, name="field_grid_cases"),
    path("me/", mine.mine, name="field_me"),
    path("me/reports/", mine.my_reports, name="field_my_reports"),
    path("me/about/", mine.about, name="field_about"),
]
