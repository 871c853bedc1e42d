from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    name = "wangge.territory"
    label = "territory"
    verbose_name = "区域与岗位"
    default_auto_field = "django.db.models.BigAutoField"
