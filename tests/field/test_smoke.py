from __future__ import annotations

import pytest


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "report/", "grids/", "me/", "me/reports/", "me/about/"])
def test_pages_open(phone, address: str) -> None:
    answer = phone("grid_worker").get(f"/field/{address}")
    assert answer.status_code == 200, answer.content.decode()[:500]
