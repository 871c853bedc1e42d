"""The town of a drill: the demo town and three machines that act in it. Prints what the drill's clients need, as JSON."""

from __future__ import annotations

import json
import sys
from datetime import date

from wangge.accounts.models import User
from wangge.accounts.tokens import issue
from wangge.demo.settle_in import town_ready
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.upkeep.migrate import migrate_if_needed
from wangge.territory.actions.posts import put_posts
from wangge.territory.models import Area, Building, Unit
from wangge.territory.roles import Role

SINCE = date(2025, 1, 1)
CATEGORY = "0110"
UNIT_KIND = "municipal_works"
N_SPOTS = 60


def main() -> None:
    migrate_if_needed()
    town_ready()
    unit = Unit.objects.filter(kind=UNIT_KIND).order_by("id")[0]
    root = Area.objects.filter(parent=None, valid_to_on=None).order_by("id")[0]
    spots = Building.objects.order_by("id").values_list("lon", "lat")[:N_SPOTS]
    told = {
        "desk": machine("drill-desk", "演练热线", [(Role.INTAKE_CLERK, root, None), (Role.COUNTY_DISPATCHER, root, None)]),
        "unit": machine("drill-unit", "演练单位", [(Role.HEAD_OF_UNIT, None, unit)]),
        "checker": machine("drill-checker", "演练核查", [(Role.CHECKER, root, None)]),
        "lead": unit.code, "category": CATEGORY, "spots": [list(spot) for spot in spots],
    }  # fmt: skip
    sys.stdout.write(json.dumps(told) + "\n")


def machine(username: str, name: str, posts: list[tuple[Role, Area | None, Unit | None]]) -> str:
    """A machine with these posts; its token."""
    user = User.objects.create(username=username, display_name=name, is_machine=True)
    rows = [
        {"user": user, "role": role, "area": area, "unit": unit, "specialty": "", "starts_on": SINCE}
        for role, area, unit in posts
    ]
    put_posts(rows, by="drill", at=REAL_CLOCK.now())
    return issue(user, "drill", None)
