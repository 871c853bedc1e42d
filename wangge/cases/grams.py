"""Words of a case as pairs of neighbouring characters, by which any part of a Chinese sentence is found. Pure.

路灯不亮 becomes 路灯, 灯不, 不亮. What is looked for needs no dictionary and no words cut right. A number of up to four
digits is one unit (12号楼: 12, 12号, 号楼), so whoever asks for 2号 does not get 12号. Longer numbers are left out, and
so are numbers that look like somebody's: no telephone or identity number can be found or put together from the pairs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import add

from wangge.registry.masking import ID_NUMBER

MOST_GRAMS = 2000  # of one case: some 2,500 characters that all differ
# stands where a case has no words to be found by, so that it is not looked at again
NO_GRAMS = ["-"]
# seven digits or more with little between them: telephones in every way of writing them, dates, account numbers
PERSONAL = re.compile(r"\+?\d(?:[\s\-‐-―_.·・,,、*()/]{0,3}\d){6,}")
HOUSE_NUMBER = re.compile(r"\d{1,3}-\d{1,2}-\d{3,4}")  # building, unit, room
RUN = re.compile(r"[^\W_]+")
UNIT = re.compile(r"\d+|\D")
DIGIT = re.compile(r"\d")
LONG_NUMBER = re.compile(r"\d{5,}")
BREAK = "\n"


@dataclass(frozen=True)
class Term:
    """A run of characters that is looked for as it stands; ``grams`` are its pairs."""

    text: str
    units: tuple[str, ...]

    @property
    def grams(self) -> list[str]:
        if len(self.units) == 1:
            return [self.units[0]]
        return sorted({a + b for a, b in pairwise(self.units)})

    @property
    def needs_look(self) -> bool:
        """Whether having all grams is not yet having the term: more than one pair."""
        return len(self.units) > 2


def grams_of(title: str, text: str, address: str) -> list[str]:
    """The distinct grams of a case's words, at most ``MOST_GRAMS``, as they come; ``NO_GRAMS`` when there are none."""
    found: dict[str, None] = {}
    for units in runs(plain(BREAK.join((title, address, text)))):
        found.update(dict.fromkeys(map(add, units, units[1:])))
        if not isinstance(units, str):
            found.update(dict.fromkeys(unit for unit in units if unit.isdigit()))
        if len(found) >= MOST_GRAMS:
            break
    return list(found)[:MOST_GRAMS] or list(NO_GRAMS)


def terms_of(asked: str) -> list[Term]:
    """What is asked, cut at spaces, signs and personal numbers; single letters and characters find nothing and are left out."""
    found = (Term("".join(units), tuple(units)) for units in runs(plain(asked)))
    return [term for term in found if len(term.units) > 1 or term.text.isdigit()]


def plain(words: str) -> str:
    """Full width becomes half width, capitals small, numbers that are long or personal a break."""
    words = unicodedata.normalize("NFKC", words).lower()
    if not DIGIT.search(words):
        return words
    words = ID_NUMBER.sub(BREAK, words)
    words = PERSONAL.sub(lambda found: found[0] if HOUSE_NUMBER.fullmatch(found[0]) else BREAK, words)
    return LONG_NUMBER.sub(BREAK, words)


def runs(words: str) -> Iterator[str | list[str]]:
    """Runs of units with nothing between them: a letter or character each, a short number as a whole."""
    for run in RUN.findall(words):
        yield UNIT.findall(run) if DIGIT.search(run) else run
