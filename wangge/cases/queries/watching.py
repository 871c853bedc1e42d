"""Figures of the loop for whoever watches the machine; counts only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count

from wangge.cases.models import OPEN_STATES, Case, Entry
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.metrics import Sample, by_label

LATELY = timedelta(minutes=5)


def loop_figures() -> Iterator[Sample]:
    """Verbs of the last five minutes, open cases by state, how many of them are overdue."""
    now = REAL_CLOCK.now()
    verbs = Entry.objects.filter(recorded_at__gt=now - LATELY).values_list("verb").annotate(n=Count("id"))
    yield from by_label("wangge_verbs_5m", "Verbs done in the last five minutes", "verb", dict(verbs))
    open_cases = Case.objects.filter(state__in=OPEN_STATES)
    states = open_cases.order_by().values_list("state").annotate(n=Count("id"))
    yield from by_label("wangge_cases_open", "Open cases by state", "state", dict(states))
    yield Sample(
        "wangge_cases_overdue", open_cases.filter(due_at__lt=now).count(), "Open cases past their deadline"
    )
