from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "wangge.insight"
    label = "insight"
    verbose_name = "统计"
    default_auto_field = "django.db.models.BigAutoField"
