"""Deny by default: a view is closed to anonymous people unless it opens itself."""

from __future__ import annotations

from django.contrib.auth.middleware import LoginRequiredMiddleware


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Views open themselves with ``@login_not_required`` and are listed in ``OPEN_DOORS`` of the tests."""
