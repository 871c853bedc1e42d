"""The kinds of tables that a place brings in and takes out, in the order in which a new place needs them."""

from __future__ import annotations

from collections.abc import Callable

from wangge.catalog.exchange import (
    CategoriesExchange,
    ResponsibilityExchange,
    category_choices,
    unit_kind_choices,
)
from wangge.territory.exchange.areas import AreasExchange
from wangge.territory.exchange.buildings import BuildingsExchange
from wangge.territory.exchange.columns import Exchange
from wangge.territory.exchange.staff import StaffExchange
from wangge.territory.exchange.units import UnitsExchange

# Each use makes a new one: an exchange remembers what it judged.
EXCHANGES: dict[str, Callable[[], Exchange]] = {
    "areas": AreasExchange,
    "units": lambda: UnitsExchange(unit_kind_choices),
    "staff": lambda: StaffExchange(category_choices),
    "buildings": BuildingsExchange,
    "categories": CategoriesExchange,
    "responsibility": ResponsibilityExchange,
}
