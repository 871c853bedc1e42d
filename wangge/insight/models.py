"""Counted ahead: what each case adds to the figures, and the sums of it. Written by the worker from the outbox.

Both can be made again from the cases at any time (``wangge figures --rebuild``). Restricted cases are in neither.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

NO_DAY = date(9999, 12, 31)  # open without a running deadline


class CaseFact(models.Model):
    """What one case adds to the figures: days in Shanghai, and facts of it. Columns in measures.py.

    ``state`` is empty unless the case is open; ``open_on`` is then the day on which its running deadline is due
    (``NO_DAY`` without one), ``due_at`` the moment. ``handle_from_on`` and ``handle_by_on`` are the earlier and the
    later of the days on which it was due and was handled; ``close_…`` the same for closing. No foreign keys: a million
    rows are written at once, and a case is never deleted.
    """

    case_id = models.BigIntegerField(primary_key=True)
    path = models.CharField(max_length=300)
    category_id = models.BigIntegerField()  # 0: none yet
    unit_id = models.BigIntegerField()  # 0: none
    state = models.CharField(max_length=20)
    reported_on = models.DateField()
    handled_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    handle_from_on = models.DateField(null=True)
    handle_by_on = models.DateField(null=True)
    close_from_on = models.DateField(null=True)
    close_by_on = models.DateField(null=True)
    open_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    is_valid = models.BooleanField()
    is_late = models.BooleanField()
    is_extended = models.BooleanField()
    is_reworked = models.BooleanField()
    is_answered = models.BooleanField()
    is_solved = models.BooleanField()
    is_served = models.BooleanField()
    is_served_well = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["path"], name="fact_path"),
            models.Index(fields=["reported_on"], name="fact_reported"),
            models.Index(fields=["handled_on"], name="fact_handled", condition=Q(handled_on__isnull=False)),
            models.Index(fields=["closed_on"], name="fact_closed", condition=Q(closed_on__isnull=False)),
            models.Index(
                fields=["handle_from_on", "handle_by_on"],
                name="fact_to_handle",
                condition=Q(handle_from_on__isnull=False),
                include=["path", "category_id", "unit_id", "is_extended"],
            ),
            models.Index(
                fields=["close_from_on", "close_by_on"],
                name="fact_to_close",
                condition=Q(close_from_on__isnull=False),
                include=["path", "category_id", "unit_id"],
            ),
            models.Index(
                fields=["path"],
                name="fact_open",
                condition=~Q(state=""),
                include=["category_id", "unit_id", "state", "due_at"],
            ),
            models.Index(
                fields=["due_at"],
                name="fact_due",
                condition=Q(due_at__isnull=False),
                include=["path", "category_id", "unit_id", "state"],
            ),
        ]


class DaySum(models.Model):
    """Counts of an area on a day, divided by ``split`` (measures.py): ``key`` is a category's or unit's id, or a state."""

    area_id = models.BigIntegerField()
    split = models.CharField(max_length=10)
    key = models.CharField(max_length=20)
    counted_on = models.DateField()
    n_reported = models.IntegerField()
    n_valid = models.IntegerField()
    n_handled = models.IntegerField()
    n_handled_in_time = models.IntegerField()
    n_closed = models.IntegerField()
    n_closed_in_time = models.IntegerField()
    n_reworked = models.IntegerField()
    n_answered = models.IntegerField()
    n_solved = models.IntegerField()
    n_served = models.IntegerField()
    n_served_well = models.IntegerField()
    n_to_handle = models.IntegerField()
    n_extended = models.IntegerField()
    n_to_close = models.IntegerField()
    n_open = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area_id", "split", "counted_on", "key"], name="day_sum_once")
        ]
        indexes = [
            models.Index(
                fields=["area_id", "split"],
                name="day_sum_open",
                condition=~Q(n_open=0),
                include=["counted_on", "key", "n_open"],
            )
        ]


class ChangedCase(models.Model):
    """A case whose figures must be made again; one row for each event, in no order."""

    case_id = models.BigIntegerField()
    noted_at = models.DateTimeField()
