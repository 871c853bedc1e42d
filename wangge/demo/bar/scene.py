"""What the resident of the guided case reports: a hole in the road before a house in the bar's grid worker's grid."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from wangge.demo.bar.guide import Guide
from wangge.demo.bar.people import in_part
from wangge.demo.shelf import uploaded
from wangge.kit.ids import uuid7
from wangge.kit.speech import spoken
from wangge.portal.draft import Draft, Upload, keep_draft
from wangge.territory.models import Building, Post
from wangge.territory.roles import Role

CATEGORY = "0110"
# nobody's: this block of numbers was never given out
NAME, PHONE = "方小满", "10000000000"


@dataclass(frozen=True)
class Scene:
    """Words, place and sender of the report."""

    text: str
    address: str
    lon: float
    lat: float
    name: str = NAME
    phone: str = PHONE


def scene() -> Scene:
    """The first house of the grid; without houses the words alone."""
    paths = Post.objects.filter(user__username=in_part(Role.GRID_WORKER).username, area__isnull=False)
    path = paths.order_by("id").values_list("area__path", flat=True).first() or "/"
    house = Building.objects.filter(area__path__startswith=path).order_by("code").first()
    if house is None:
        house = Building.objects.order_by("code").first()
    address, lon, lat = (house.address, house.lon, house.lat) if house else ("", 0.0, 0.0)
    text = spoken(
        f"{address}门前路面破了个大坑,电动车差点摔倒,请尽快补好。",
        f"A big hole in the road at {address}; an e-bike nearly fell. Please mend it soon.",
    )
    return Scene(text, address, lon, lat)


def new_guide(visit: str) -> Guide:
    """A guided case that has not begun: its drawing lies ready as an upload of this visit."""
    drawing = uuid7().hex
    return Guide(drawing, uploaded(drawing, CATEGORY, "before", f"visit:{visit}"))


def fill_in(request: HttpRequest, guide: Guide, seen: Scene) -> None:
    """Put the resident's report into the session as a draft, so that it only has to be looked through and sent."""
    draft = Draft(
        text=seen.text, files=[Upload(guide.upload, "photo")], address=seen.address, name=seen.name, phone=seen.phone, may_show=True
    )  # fmt: skip
    draft.set_position(seen.lon, seen.lat, 10.0, "map")
    keep_draft(request, draft)
