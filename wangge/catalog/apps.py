from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "wangge.catalog"
    label = "catalog"
    verbose_name = "目录与清单"
    default_auto_field = "django.db.models.BigAutoField"
