"""Words propose categories, say which words spoke, and admit when they cannot decide."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from tests.cast import fill_catalogue
from wangge.catalog.actions import add_row, retire_row
from wangge.catalog.automaton import Automaton
from wangge.catalog.keywords import classify, decide
from wangge.catalog.models import Category, KeywordRow

AT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


@pytest.fixture
def catalogue(db):
    fill_catalogue(AT)


def test_the_automaton_finds_what_searching_finds():
    words = ["垃圾", "垃圾桶", "桶", "路灯不亮", "灯不", "street", "tree", "a", "aa"]
    text = "垃圾桶旁路灯不亮, the street tree aaa"
    found = {word for _, ends in Automaton(words).find(text) for word in ends}
    assert found == {word for word in words if word in text}
    assert Automaton([]).find(text) == []


def test_a_clear_text_is_decided_with_its_words(catalogue):
    verdict = decide("小区门口垃圾堆积没人清理,臭气熏天", title="暴露垃圾")
    assert verdict.decided is not None
    assert verdict.decided.code == "0102"
    assert "暴露垃圾" in verdict.decided.words
    assert len(verdict.best) <= 5
    assert list(verdict.best) == sorted(verdict.best, key=lambda guess: -guess.score)


def test_nothing_known_is_undecided(catalogue):
    assert classify("啦啦啦") == []
    assert decide("").decided is None


def test_words_for_two_matters_are_undecided(catalogue):
    for word, code in (("甲词", "0102"), ("乙词", "0110")):
        row = {"word": word, "category": Category.objects.get(code=code), "weight": 6}
        add_row(KeywordRow, row, by="admin", at=AT)
    verdict = decide("甲词和乙词")
    assert {guess.code for guess in verdict.best} == {"0102", "0110"}
    assert verdict.decided is None
    assert decide("和乙词", title="甲词").decided.code == "0102", "the title counts double"


def test_english_words_count_whole(catalogue):
    row = {"word": "zork", "category": Category.objects.get(code="0110"), "weight": 9, "language": "en"}
    add_row(KeywordRow, row, by="admin", at=AT)
    assert classify("a Zork, here")[0].code == "0110"
    assert classify("zorks or azork") == []
    assert classify("a zork", language="zh") == []
    assert classify("路上有zork洞")[0].words == ("zork",)


def test_a_retired_word_is_silent_at_once(catalogue):
    assert classify("违建")
    for row in KeywordRow.objects.filter(word="违建"):
        retire_row(row, by="admin", at=AT)
    assert "违建" not in {word for guess in classify("违建") for word in guess.words}


def test_a_thousand_letters_take_no_more_than_two_milliseconds(catalogue):
    text = ("小区垃圾堆积没有人清理,路灯不亮,楼上噪音扰民,物业不管。the street light is broken. " * 40)[:1000]
    classify(text)
    quickest = min(_seconds(text) for _ in range(20))
    assert quickest < 0.002


def _seconds(text: str) -> float:
    start = time.perf_counter()
    classify(text)
    return time.perf_counter() - start
