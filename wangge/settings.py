"""The one settings file. Everything that differs between installations comes from the environment."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext

from wangge.kit.crypto import key_ring
from wangge.kit.postgres import data_folder, django_database

django_stubs_ext.monkeypatch()

DATA_FOLDER: Path = data_folder()
KEYS_FOLDER: Path = Path(os.environ.get("WANGGE_KEYS") or DATA_FOLDER / "keys")
FILES_FOLDER: Path = DATA_FOLDER / "files"
CONTACT_KEPT = timedelta(days=int(os.environ.get("WANGGE_CONTACT_DAYS", "730")))  # 0: for good
SEALS_FOLDER: Path = Path(os.environ.get("WANGGE_SEALS") or DATA_FOLDER / "seals")
SECRET_KEY = key_ring(KEYS_FOLDER).web_secret

DEBUG = False
ALLOWED_HOSTS = os.environ.get("WANGGE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
IS_HTTPS = os.environ.get("WANGGE_HTTPS", "") == "1"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if IS_HTTPS else []

APP_URL = os.environ.get("DATABASE_URL", "postgresql:///wangge")
OWNER_URL = os.environ.get("DATABASE_OWNER_URL") or APP_URL
DATABASES: dict[str, dict[str, Any]] = {
    # the application's role: no ownership, may not change the ledger
    "default": django_database(APP_URL) | {"TEST": {"MIRROR": "owner"}},
    # migrates and restores
    "owner": django_database(OWNER_URL) | {"TEST": {"DEPENDENCIES": []}},
}
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # first, so that our templates stand before those of the libraries
    "wangge.kit",
    "wangge.accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "procrastinate.contrib.django",
    "wangge.territory",
    "wangge.catalog",
    "wangge.files",
    "wangge.notify",
    "wangge.cases",
    "wangge.insight",
    "wangge.office",
    "wangge.field",
    "wangge.portal",
    "wangge.demo",
]

MIDDLEWARE = [
    "wangge.kit.metrics.CountRequests",
    "wangge.kit.headers.SafeHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "wangge.kit.programs.ProgramsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "wangge.accounts.middleware.SignInRequiredMiddleware",
    "wangge.kit.refusals.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "wangge.urls"
WSGI_APPLICATION = "wangge.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wangge.demo.bar.context.bar_above",
            ],
            "builtins": ["wangge.kit.templatetags.speech"],
        },
    }
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
# served from the packages by whitenoise; a web server in front may collect them where it wants
STATIC_ROOT = os.environ.get("WANGGE_STATIC") or None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

# a cookie whose name begins so is taken by browsers only over https, for this very host and no neighbour of it
COOKIE_PREFIX = "__Host-" if IS_HTTPS else ""
MESSAGE_STORAGE = "wangge.kit.sealed_messages.SealedMessages"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the form
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
LANGUAGE_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"  # the other headers of every answer: wangge.kit.headers
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

EMAIL_HOST = os.environ.get("WANGGE_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("WANGGE_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("WANGGE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("WANGGE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("WANGGE_SMTP_TLS", "") == "1"
DEFAULT_FROM_EMAIL = os.environ.get("WANGGE_MAIL_FROM", "wangge@localhost")

SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "wangge.kit.logs.WithoutValues",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {
        "without_addresses": {"()": "wangge.kit.logs.WithoutAddresses"},
        "without_codes": {"()": "wangge.kit.log_lines.WithoutCodes"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_addresses", "without_codes"],
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("WANGGE_LOG", "WARNING")},
    "loggers": {
        # not Django's own: it would mail whole requests to ADMINS
        "django": {"handlers": [], "level": "NOTSET", "propagate": True},
        # statements hold the values they write, whatever level is asked for
        "django.db.backends": {"level": "WARNING"},
        # … and a name that a template misses is told with everything the page was given
        "django.template": {"level": "INFO"},
        # those who name addresses: also for whatever other handler an installation adds
        **{
            name: {"filters": ["without_codes"]}
            for name in (
                "django.request",
                "django.server",
                "django.security.csrf",
                "django.security.DisallowedHost",
            )
        },
    },
}

from wangge.accounts.settings import *  # noqa: E402, F403  sign-in, lock-out, second factor
from wangge.notify.settings import *  # noqa: E402, F403  channels, webhooks
from wangge.portal.settings import *  # noqa: E402, F403  who runs the residents' pages

if IS_HTTPS and TRUSTED_PROXIES:  # noqa: F405
    # our own proxy ends TLS and says so; without one the header is whatever a caller claims
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
