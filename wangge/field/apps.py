from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "wangge.field"
    label = "field"
    verbose_name = "网格员"
    default_auto_field = "django.db.models.BigAutoField"
