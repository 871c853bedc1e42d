"""Entry for the web server (granian, WSGI)."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from wangge.kit.bodies import blocking_threads, with_patience

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.settings")
application = with_patience(get_wsgi_application(), blocking_threads())
