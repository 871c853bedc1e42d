"""Codes: the national digits, sequences below them, and sentences for what is wrong. No database."""

from __future__ import annotations

import pytest

from wangge.territory.codes import (
    STATISTICAL_CODES,
    asset_code,
    asset_code_problem,
    in_numbering_order,
    significant,
)

LIXIA = {"county": "370102", "street": "370102013", "community": "370102013006"}


@pytest.mark.parametrize(
    ("code", "level", "above"),
    [
        ("370102013006008", "grid", LIXIA),  # a production system's real code: the eighth grid
        ("37010201300600801", "micro_grid", LIXIA | {"grid": "370102013006008"}),
        ("37010201300600802", "sub_grid", LIXIA | {"grid": "370102013006008"}),
        ("3701020130060080201", "cell", LIXIA | {"grid": "370102013006008"}),
        ("370102", "county", {}),
        ("370102000000", "county", {"city": "3701"}),
        ("370102013000", "street", {"county": "370102000000"}),
        ("370102013006", "community", {"street": "370102013000", "zone": "Z001"}),
        ("3701", "city", {}),
        ("370100", "city", {}),
        ("Z-01", "zone", LIXIA),
        ("J2.7", "police_grid", LIXIA),
    ],
)
def test_sound_codes(code, level, above):
    assert STATISTICAL_CODES.problem(code, level, above) is None


@pytest.mark.parametrize(
    ("code", "level", "zh"),
    [
        ("3701020130060", "grid", "13 位"),
        ("370102013006000", "grid", "顺序号"),
        ("370102014006001", "grid", "开头"),
        ("370102013006", "grid", "12 位"),
        ("37010201300A", "community", "数字"),
        ("370102014001", "community", "开头"),
        ("", "zone", "只能用"),
        ("x" * 31, "zone", "最长"),
        ("１２３", "grid", "只能用"),
    ],
)
def test_unsound_codes_get_a_sentence_in_both_languages(code, level, zh):
    problem = STATISTICAL_CODES.problem(code, level, LIXIA)
    assert problem is not None
    assert zh in problem.zh
    assert problem.en


def test_the_next_free_code():
    rule = STATISTICAL_CODES
    assert rule.next_code("370102013006", "grid", []) == "370102013006001"
    assert rule.next_code("370102013006", "grid", ["370102013006001", "370102013006008"]) == "370102013006009"
    assert rule.next_code("370102013006008", "micro_grid", []) == "37010201300600801"
    assert rule.next_code("370102", "street", ["370102001000", "370102013"]) == "370102014"
    assert rule.next_code("370102000000", "street", []) == "370102001"
    assert rule.next_code("370102013000", "zone", ["370102013Z01"]) == "370102013Z02"
    full = [f"370102013006{n:03d}" for n in range(1, 1000) if n != 500]
    assert rule.next_code("370102013006", "grid", full) == "370102013006500"
    with pytest.raises(ValueError, match="used"):
        rule.next_code("370102013006", "grid", [*full, "370102013006500"])


def test_padding_says_nothing():
    assert significant("370102000000") == "370102"
    assert significant("370102013000") == "370102013"
    assert significant("370100") == "3701"
    assert significant("370102013006") == "370102013006"


def test_grids_are_numbered_from_north_to_south_and_west_to_east():
    points = [(120.11, 35.90), (120.10, 35.92), (120.10, 35.90), (120.11, 35.92)]
    assert in_numbering_order(points) == [1, 3, 2, 0]
    assert in_numbering_order([]) == []
    assert in_numbering_order([(1, 1)]) == [0]


def test_city_assets_have_sixteen_digits():
    assert asset_code("320508", "0101", 1) == "3205080101000001"  # a production system's real code
    assert asset_code_problem("3205080101000001", ["0101"]) is None
    assert "16 位" in asset_code_problem("320508010100001").zh
    assert "顺序号" in asset_code_problem("3205080101000000").zh
    assert "不在字典" in asset_code_problem("3205089901000001", ["0101"]).zh
    with pytest.raises(ValueError, match="not an asset code"):
        asset_code("320508", "0101", 0)
