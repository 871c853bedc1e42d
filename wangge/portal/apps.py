from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "wangge.portal"
    label = "portal"
    verbose_name = "居民"
    default_auto_field = "django.db.models.BigAutoField"
