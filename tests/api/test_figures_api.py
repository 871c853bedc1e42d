"""Figures for programs: exact against plain SQL, within one's own areas, each with the list behind it."""

from __future__ import annotations

from collections import Counter

from tests.api.knocking import machine
from tests.cases.steps import docketed, handling
from tests.cast import IN_GRID_3, IN_OTHER_GRID, Town
from wangge.cases.models import OPEN_STATES, Case
from wangge.insight.fold import rebuild


def test_open_by_anything_is_exact_and_opens_its_list(town: Town) -> None:
    handling(town)
    docketed(town)
    town.case_at(IN_GRID_3)
    town.case_at(IN_OTHER_GRID)
    rebuild()
    county = machine(town, "county_dispatcher")
    for by, column in (("category", "category__code"), ("unit", "lead_unit__code"), ("state", "state")):
        told = county.get("figures/open", by=by).must(200)
        plain = Counter(
            value or "" for value in Case.objects.filter(state__in=OPEN_STATES).values_list(column, flat=True)
        )
        assert {row["code"]: row["open"] for row in told["items"]} == plain, by
        assert told["open"] == sum(plain.values()) == 4
        for row in told["items"]:
            if row["code"]:
                assert len(county.get(row["cases"].removeprefix("/api/")).must(200)["items"]) == row["open"]
    streets = county.get("figures/open", by="area").must(200)["items"]
    assert {row["name"]["zh"]: row["open"] for row in streets} == {"望海街道": 3, "青山街道": 1}
    assert county.get("figures/open", by="area", area="370999001").must(200)["open"] == 3

    clerk = machine(town, "intake_clerk")
    assert clerk.get("figures/open").must(200)["open"] == 3
    clerk.get("figures/open", area="370999002").must(404)
    clerk.get("figures/open", by="colour").must(422)


def test_indicators_of_a_period(town: Town) -> None:
    handling(town)
    town.case_at(IN_OTHER_GRID)
    rebuild()
    county = machine(town, "county_dispatcher")
    for by in ("all", "category", "area", "unit"):
        told = county.get("figures/period", period="2026-11", by=by).must(200)
        assert sum(row["counts"]["reported"] for row in told["items"]) == 2, by
    assert (told["first_on"], told["last_on"]) == ("2026-11-01", "2026-11-30")
    assert {one["code"] for one in told["indicators"]} >= {
        "handling_rate",
        "on_time_rate",
        "closure_rate",
        "rework_rate",
    }
    (whole,) = county.get("figures/period", period="2026-11").must(200)["items"]
    assert whole["indicators"]["handling_rate"] == {"n": 0, "whole": 2, "percent": None}
    county.get("figures/period", period="soon").must(422)
