"""网格: my grids with households, people, team, map and open cases."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from wangge.cases.models import OPEN_STATES
from wangge.cases.queries import Filters, case_list
from wangge.cases.scope import visible_to
from wangge.field.access import page, phone_page
from wangge.field.maps import grid_map
from wangge.field.places import own_areas
from wangge.kit.errors import NotFound
from wangge.kit.words import Text
from wangge.territory.models import Area, AreaLevel
from wangge.territory.queries import GridCard, grid_card
from wangge.territory.roles import ROLE_NAMES
from wangge.territory.scope import Actor

PAGE_SIZE = 20
NO_MAP = (AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.STREET)


@dataclass(frozen=True)
class Card:
    """A grid (or a wider area) as the card shows it."""

    grid: GridCard
    n_open: int
    map: SafeString | None
    vacant: list[Text]


@phone_page("GET")
def grids(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A card for each of my areas."""
    cards = [card_of(actor, area) for area in own_areas(actor)]
    return page(request, "grids", {"tab": "grids", "cards": cards})


def card_of(actor: Actor, area: Area) -> Card:
    n_open = visible_to(actor).filter(path__startswith=area.path, state__in=OPEN_STATES).count()
    card = grid_card(area.pk, actor.now())
    drawn = grid_map(area) if area.level not in NO_MAP else None
    return Card(card, n_open, drawn, [ROLE_NAMES[role] for role in card.vacant])


@phone_page("GET")
def grid_cases(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """The open cases of one of my areas, the newest first."""
    area = next((one for one in own_areas(actor) if one.code == code), None)
    if area is None:
        raise NotFound()
    after = request.GET.get("after", "")
    found = case_list(actor, Filters(area=area.code, is_open=True), after, PAGE_SIZE)
    context = {
        "tab": "grids", "area": area, "lines": found.items, "newer_url": "?" if after else "",
        "older_url": f"?after={found.next_cursor}" if found.next_cursor else "",
    }  # fmt: skip
    return page(request, "grid_cases", context)
