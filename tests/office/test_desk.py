"""The desk: what waits, in the right order, counted, narrowed; and only what a person may see."""

import pytest

from tests.cast import IN_OTHER_GRID, Town

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.office.urls")]


def test_the_clerk_finds_what_waits(town: Town, sit_down) -> None:
    mine = town.reported("门口道路破了一个大坑").case
    noise = town.case_at(IN_OTHER_GRID)

    page = sit_down("intake_clerk").get("/office/").content.decode()

    assert mine.number in page
    assert noise.number not in page
    assert "还剩 3 天" in page
    assert "待受理" in page


def test_a_case_opens(town: Town, sit_down) -> None:
    mine = town.reported("门口道路破了一个大坑").case
    clerk = sit_down("intake_clerk")

    page = clerk.get(f"/office/cases/{mine.number}/").content.decode()

    assert "门口道路破了一个大坑" in page
    assert "138****1234" in page
    assert "13812341234" not in page
    assert "<svg" in page
