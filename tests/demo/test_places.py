"""Where replayed messages play: another town's positions come into this one, coarse and empty ones go to the desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import IN_GRID_1, Town, build_town
from wangge.cases.orders.reading import Order
from wangge.demo.replay.places import Places
from wangge.kit.errors import Invalid
from wangge.territory.locator import locate

FAR = (-76.6, 39.3)


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


def order(n: int, lon: float | None = None, lat: float | None = None, text: str = "pothole") -> Order:
    return Order(row=n, number=f"N{n}", title="", text=text, at=None, lon=lon, lat=lat)


def far_orders() -> list[Order]:
    """Two hundred positions over a town ten times as wide as ours."""
    return [order(n, FAR[0] + (n % 20 - 9.6) / 97, FAR[1] + (n // 20 - 4.6) / 97) for n in range(200)]


def test_positions_of_another_town_come_into_this_one(town: Town) -> None:
    orders = far_orders()
    places = Places(orders, None, 2026)
    spots = [places.spot(one) for one in orders]
    by_position = [spot for spot in spots if spot.by == "position"]
    assert len(by_position) > 150
    assert all(spot.position and locate(*spot.position).grid_id for spot in by_position)
    east_of = [spots[n].position for n in (0, 19) if spots[n].position]
    assert east_of == sorted(east_of), "what lay east still lies east"


def test_coarse_and_empty_positions_go_to_the_desk(town: Town) -> None:
    orders = [*far_orders(), order(900, -77.0, 39.0), order(901)]
    places = Places(orders, None, 2026)
    for one in orders[-2:]:
        assert places.spot(one).by == "dispatcher"
        assert places.spot(one) == places.spot(one)


def test_positions_of_this_town_stay(town: Town) -> None:
    orders = [order(n, IN_GRID_1[0] + n / 99_999, IN_GRID_1[1]) for n in range(9)]
    spot = Places(orders, None, 2026).spot(orders[4])
    assert spot.position == (orders[4].lon, orders[4].lat)


def test_words_name_the_area(town: Town, tmp_path: Path) -> None:
    mapping = tmp_path / "places.csv"
    mapping.write_text("词,编码\nA3区,370999001002001\n", encoding="utf-8")
    one = order(1, text="A3区的路灯不亮")
    assert (Places([one], mapping, 1).spot(one).by, Places([one], mapping, 1).spot(one).area) == (
        "words", "370999001002001",
    )  # fmt: skip
    mapping.write_text("A3区,370999001002001\nB区,999\n", encoding="utf-8")
    with pytest.raises(Invalid, match="999"):
        Places([one], mapping, 1)
