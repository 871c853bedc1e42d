"""Which category a text speaks of, by the keyword rows of the catalogue: to propose, not to decide alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from wangge.catalog.automaton import Automaton
from wangge.catalog.models import KeywordRow
from wangge.territory.changes import Kept

TITLE_COUNTS = 2  # a word in the title says more than one in the body
LEAST_SCORE = 4.0  # below this the words are too weak to decide
CLEARLY_AHEAD = 1.2  # the first must have so many times the score of the second
LONGEST_TEXT = 20_000  # letters looked at; what comes after adds nothing
_LATIN = re.compile(r"[a-z0-9]")


@dataclass(frozen=True)
class Guess:
    """A category that words of the text speak for; ``score`` adds the weights of the different words found."""

    category_id: int
    code: str
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Guesses:
    """The best guesses, best first; ``decided`` is the first when it is clearly ahead, else None (undecided)."""

    best: tuple[Guess, ...]
    decided: Guess | None


class Matcher:
    """Keyword rows compiled into one automaton."""

    def __init__(self, rows: Iterable[tuple[str, int, str, float, str]]) -> None:
        """``rows``: word, category id, category code, weight, language."""
        self._speaks: dict[str, list[tuple[int, float, str]]] = defaultdict(list)
        self._codes: dict[int, str] = {}
        for word, category_id, code, weight, language in rows:
            self._speaks[word.lower()].append((category_id, weight, language))
            self._codes[category_id] = code
        self._latin = {word for word in self._speaks if _LATIN.search(word[:1] + word[-1:])}
        self._automaton = Automaton(self._speaks)

    def scores(self, title: str, text: str, language: str | None) -> list[Guess]:
        """Every category that some word speaks for, best first; the same words give the same order."""
        found = dict.fromkeys(self._words(title), TITLE_COUNTS)
        for word in self._words(text):
            found.setdefault(word, 1)
        score: dict[int, float] = defaultdict(float)
        words: dict[int, list[str]] = defaultdict(list)
        for word, times in found.items():
            for category_id, weight, of_language in self._speaks[word]:
                if language is None or of_language == language:
                    score[category_id] += weight * times
                    words[category_id].append(word)
        ranked = sorted(score, key=lambda pk: (-score[pk], self._codes[pk]))
        return [Guess(pk, self._codes[pk], score[pk], tuple(words[pk])) for pk in ranked]

    def _words(self, text: str) -> dict[str, None]:
        text = text[:LONGEST_TEXT].lower()
        found: dict[str, None] = {}
        for end, words in self._automaton.find(text):
            for word in words:
                if word not in found and (word not in self._latin or _is_whole(text, end - len(word), end)):
                    found[word] = None
        return found


def _is_whole(text: str, start: int, end: int) -> bool:
    """Latin words count only as whole words: "tree" is not in "street"."""
    before = start > 0 and _LATIN.match(text[start]) and _LATIN.match(text[start - 1])
    after = end < len(text) and _LATIN.match(text[end - 1]) and _LATIN.match(text[end])
    return not before and not after


def _read() -> Matcher:
    rows = KeywordRow.objects.filter(is_active=True, category__is_active=True)
    return Matcher(rows.values_list("word", "category_id", "category__code", "weight", "language"))


_matcher = Kept("keywords", read=_read)


def classify(text: str, language: str | None = None, n: int = 5, *, title: str = "") -> list[Guess]:
    """The ``n`` best categories for a text, best first; empty when no keyword stands in it.

    ``language`` limits the keywords (``zh``, ``en``); ``title`` is the subject line, whose words count double.
    """
    return _matcher.get().scores(title, text, language)[:n]


def decide(text: str, language: str | None = None, n: int = 5, *, title: str = "") -> Guesses:
    """The same, with the verdict: decided only when the first is strong enough and clearly ahead."""
    best = tuple(classify(text, language, max(n, 2), title=title))
    return Guesses(best[:n], clearly_first(best))


def clearly_first(guesses: Iterable[Guess]) -> Guess | None:
    """The first guess when it has at least 4 points and 1.2 times the second's; None means undecided."""
    ranked = list(guesses)
    if not ranked or ranked[0].score < LEAST_SCORE:
        return None
    if len(ranked) > 1 and ranked[0].score < CLEARLY_AHEAD * ranked[1].score:
        return None
    return ranked[0]
