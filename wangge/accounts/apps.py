from django.apps import AppConfig

from wangge.kit.speech import spoken_later


class AccountsConfig(AppConfig):
    name = "wangge.accounts"
    label = "accounts"
    verbose_name = spoken_later("账号", "Accounts")
    default_auto_field = "django.db.models.BigAutoField"
