"""When an area gets another parent, the cases in it go along: their paths are what scope looks at."""

from __future__ import annotations

from django.db.models import Value
from django.db.models.functions import Concat, Substr

from wangge.cases.models import Case
from wangge.kit.events import Event
from wangge.territory.events import AreaMoved


def follow_moved_area(event: Event) -> None:
    """Give every case below the moved area its new path, open or ended; doing it again changes nothing."""
    if not isinstance(event, AreaMoved):
        return
    for column in ("path", "police_path"):
        inside = Case.objects.filter(**{f"{column}__startswith": event.old_path})
        inside.update(**{column: Concat(Value(event.new_path), Substr(column, len(event.old_path) + 1))})
