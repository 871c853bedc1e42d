"""Addresses of the office; included in wangge.urls as ``path("office/", include("wangge.office.urls"))``."""

from __future__ import annotations

from django.urls import path

from wangge.office.views import acts, areas, case, create, desk, figures, imports

urlpatterns = [
    path("", desk.desk, name="office_desk"),
    path("news/", desk.news, name="office_news"),
    path("cases/", desk.all_cases, name="office_cases"),
    path("cases/by-phone/", desk.by_phone, name="office_by_phone"),
    path("cases/export.<str:kind>", desk.export, name="office_export"),
    path("cases/new/", create.new_case, name="office_new"),
    path("cases/new/map.svg", create.map_image, name="office_map"),
    path("cases/<str:number>/", case.case_page, name="office_case"),
    path("cases/<str:number>/do/<str:verb>/", acts.act, name="office_act"),
    path("cases/<str:number>/one-desk/", acts.act_one_desk, name="office_one_desk"),
    path("cases/<str:number>/reporter/", acts.show_reporter, name="office_reveal"),
    path("cases/<str:number>/sheet/", case.sheet, name="office_sheet"),
    path("cases/<str:number>/resident/", case.residents_page, name="office_resident"),
    path("files/<uuid:key>/", case.file, name="office_file"),
    path("import/", imports.start, name="office_import"),
    path("import/<str:sha256>/", imports.preview, name="office_import_preview"),
    path("import/<str:sha256>/run/", imports.run, name="office_import_run"),
    path("import/<str:sha256>/bad.csv", imports.bad_rows, name="office_import_bad"),
    path("outcomes/", imports.outcomes_file, name="office_outcomes"),
    path("figures/", figures.figures, name="office_figures"),
    path("figures/export.<str:kind>", figures.export, name="office_figures_export"),
    path("areas/", areas.tree_page, name="office_areas"),
    path("areas/<str:code>/", areas.card, name="office_area"),
    path("areas/<str:code>/board/", areas.board, name="office_board"),
]
