"""The town to measure in: migrated, settled, and a machine that acts over all of it. Prints the machine's token."""

from __future__ import annotations

import sys
from datetime import date

from wangge.accounts.models import User
from wangge.accounts.tokens import issue
from wangge.demo.settle_in import town_ready
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.upkeep.migrate import migrate_if_needed
from wangge.territory.actions.posts import put_posts
from wangge.territory.models import Area
from wangge.territory.roles import Role

SEED = 2026
ROLES = (Role.INTAKE_CLERK, Role.COUNTY_DISPATCHER)
SINCE = date(2025, 1, 1)


def main(only: str = "") -> None:
    migrate_if_needed()
    if only == "--migrate":
        return
    town_ready(SEED)
    sys.stdout.write(token() + "\n")


def token() -> str:
    """Of a machine such as a hotline's: it reports, takes in and dispatches everywhere."""
    machine = User.objects.create(username="bench-hotline", display_name="热线接口", is_machine=True)
    root = Area.objects.filter(parent=None, valid_to_on=None).order_by("id").first()
    rows = [
        {"user": machine, "role": role, "area": root, "unit": None, "specialty": "", "starts_on": SINCE}
        for role in ROLES
    ]
    put_posts(rows, by="bench", at=REAL_CLOCK.now())
    return issue(machine, "bench", None)
