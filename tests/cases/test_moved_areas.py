"""An area that moves takes its cases along, so that the right people see them."""

from __future__ import annotations

from tests.cast import IN_GRID_3, Town
from wangge import wiring
from wangge.cases.scope import visible_to
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.events import revive
from wangge.kit.models import OutboxRow
from wangge.territory.actions import update_area


def test_cases_follow_their_area_to_another_street(town: Town) -> None:
    moving, staying = town.case_at((120.105, 35.905)), town.case_at(IN_GRID_3)
    area = town.areas["community_a"]
    update_area(
        area.pk, parent_code=town.areas["other_street"].code, by="admin", at=REAL_CLOCK.now(), code_rule=None
    )
    event = OutboxRow.objects.get(kind="area_moved")
    for _ in range(2):
        for listener in wiring.LISTENERS[event.kind]:
            listener(revive(event))
    before, unmoved = moving.path, staying.path
    moving.refresh_from_db()
    staying.refresh_from_db()
    assert moving.path == before.replace(town.areas["zone"].path, town.areas["other_street"].path)
    assert staying.path == unmoved
    assert moving in visible_to(town.actor("other_clerk"))
    assert moving not in visible_to(town.actor("intake_clerk"))
