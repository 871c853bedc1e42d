"""What is thrown away by itself, now and then."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from wangge.kit.clock import REAL_CLOCK


def forget_ended_sessions() -> int:
    """Delete sessions that have expired, their lines in the lists of devices, and wrong passwords that no longer
    count. Returns how many rows; safe at any time, an hour apart is enough."""
    now = REAL_CLOCK.now()
    n_sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    n_devices, _ = UserSession.objects.filter(~Exists(alive)).delete()
    n_attempts, _ = AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
    return n_sessions + n_devices + n_attempts
