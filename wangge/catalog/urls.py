"""Pages of the administration for setting up a place: what is missing, templates, import with preview, export."""

from django.urls import path

from wangge.catalog import setup_pages

app_name = "setup"
urlpatterns = [
    path("", setup_pages.overview, name="overview"),
    path("template/<str:kind>/", setup_pages.template_file, name="template"),
    path("export/<str:kind>/", setup_pages.export_file, name="export"),
    path("boundaries/", setup_pages.boundaries_file, name="boundaries"),
    path("import/<str:kind>/", setup_pages.send, name="import"),
    path("import/<str:kind>/<int:file_id>/", setup_pages.preview, name="preview"),
]
