"""Finding cases by words: any two characters, exact, inside one's own area; nobody by a telephone number."""

from contextlib import suppress

import pytest
from django.db import connection

from tests.cast import IN_GRID_3, IN_OTHER_GRID, Town
from wangge.cases import search
from wangge.cases.actions import desk, intake, notes
from wangge.cases.grams import MOST_GRAMS, NO_GRAMS, grams_of, terms_of
from wangge.cases.models import Case
from wangge.cases.queries import Filters, case_list
from wangge.kit.errors import Invalid

LONG = "".join(chr(0x4E00 + n) for n in range(3000))


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("路灯不亮", {"路灯", "灯不", "不亮"}),
        ("A12栋,LED灯", {"a12", "12", "12栋", "le", "ed", "d灯"}),
        ("12-3-1201", {"12", "3", "1201"}),
        ("灯。亮!", set()),
    ],
)
def test_pairs_of_neighbours(text: str, grams: set[str]) -> None:
    assert set(grams_of("", text, "")) - set(NO_GRAMS) == grams
    assert max(map(len, grams_of("", text, ""))) <= 6


@pytest.mark.parametrize(
    "said",
    [
        "13812341234", "138 1234 1234", "138-1234-1234", "138　1234　1234", "0532-8880000", "+86 138.1234.1234",
        "888-0000", "138、1234、1234", "1 3 8 1 2 3 4 1 2 3 4", "370202199001011234", "37020219900101123X", "37020219900101 1234",
    ],
)  # fmt: skip
def test_no_number_of_a_person_is_in_the_grams(said: str) -> None:
    digits = {
        gram
        for gram in grams_of("", f"我是张三,电话{said},身份证{said}。", "")
        if any(map(str.isdigit, gram))
    }
    assert digits == set()
    assert not [term for term in terms_of(said) if any(map(str.isdigit, term.text))]


def test_a_long_text_has_a_bounded_number() -> None:
    assert len(grams_of("", LONG, "")) == MOST_GRAMS
    assert grams_of("", "!", "") == NO_GRAMS


@pytest.fixture
def worded(town: Town) -> Town:
    town.reported("长江路12号楼前的路灯不亮,我的电话13812341234")
    town.reported("小区LED路灯坏了,灯杆也歪", address="银沙滩路2号", at=IN_GRID_3)
    town.reported("垃圾没人收,路边的灯都亮着")
    town.reported("别街的路灯不亮", at=IN_OTHER_GRID)
    return town


def found(town: Town, asked: str, by: str = "intake_clerk") -> set[str]:
    return {line.title[:4] for line in case_list(town.actor(by), Filters(q=asked)).items}


def test_exactly_what_is_asked_is_found(worded: Town) -> None:
    assert found(worded, "路灯") == {"长江路1", "小区LE"}
    assert found(worded, "路灯不亮") == {"长江路1"}
    assert found(worded, "路灯 灯杆") == {"小区LE"}
    assert found(worded, "led") == found(worded, "LED路") == {"小区LE"}
    assert found(worded, "12号楼") == found(worded, "12") == {"长江路1"}
    assert found(worded, "2号") == found(worded, "银沙滩路2") == {"小区LE"}
    assert found(worded, "灯亮") == set()
    assert found(worded, "路灯", by="other_clerk") == {"别街的路"}
    assert found(worded, "路灯%") == {"长江路1", "小区LE"}


@pytest.mark.parametrize("asked", ["13812341234", "1381234", "138 1234", "1234", "12341234", "电话1381"])
def test_nobody_is_found_by_a_telephone(worded: Town, asked: str) -> None:
    with suppress(Invalid):
        assert found(worded, asked) == set()


@pytest.mark.parametrize("asked", ["灯", "1", "a", "灯 亮", "、、"])
def test_one_character_is_too_little(worded: Town, asked: str) -> None:
    with pytest.raises(Invalid, match="两个字"):
        found(worded, asked)


def test_words_follow_their_case(town: Town) -> None:
    case = town.reported("路灯不亮", address="").case
    clerk = town.actor("intake_clerk")
    intake.accept(case.pk, actor=clerk)
    desk.triage(case.pk, actor=clerk, address="珠江路9号")
    assert found(town, "珠江路") == {"路灯不亮"}
    notes.undo(case.pk, actor=clerk)
    assert found(town, "珠江路") == set()
    assert found(town, "路灯") == {"路灯不亮"}

    Case.objects.filter(pk=case.pk).update(title="", text="", address="")  # as erasing does
    search.index_words(Case.objects.get(pk=case.pk))
    assert Case.objects.get(pk=case.pk).grams == NO_GRAMS


def test_restricted_words_are_found_by_those_named(town: Town) -> None:
    case = town.reported("路灯下有人打孩子").case
    Case.objects.filter(pk=case.pk).update(
        sensitivity="restricted", named_user_ids=[town.people["shift_leader"].pk]
    )
    assert found(town, "路灯") == set()
    assert found(town, "路灯", by="shift_leader") == {"路灯下有"}


def test_what_an_upgrade_left_is_made_up_for_in_steps(worded: Town) -> None:
    Case.objects.update(grams=[])
    assert found(worded, "路灯") == set()
    assert search.findings()[0].code == "words_missing"

    assert [search.index_some(most=3), search.index_some(most=3), search.index_some(most=3)] == [3, 1, 0]
    assert search.findings()[0].code == "words"
    assert found(worded, "路灯不亮") == {"长江路1"}


def test_the_unindexed_are_found_by_an_index_of_their_own(worded: Town) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        rows = Case.objects.filter(grams=[]).order_by("pk").explain()
    assert "case_unworded" in rows
