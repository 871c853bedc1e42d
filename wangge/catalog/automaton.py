"""Finding thousands of words in a text in one pass (Aho and Corasick, CACM 18(6), 1975). Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class Automaton:
    """Knows a set of words; :meth:`find` reports those that stand in a text, overlapping ones too."""

    def __init__(self, words: Iterable[str]) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._ends: list[tuple[str, ...]] = [()]
        for word in sorted(set(words) - {""}):
            self._add(word)
        self._fail = self._link()

    def find(self, text: str) -> list[tuple[int, tuple[str, ...]]]:
        """``(end, words)``: which words end before letter ``end``, the longest first. Letter case counts."""
        found: list[tuple[int, tuple[str, ...]]] = []
        step, fail, ends = self._next, self._fail, self._ends
        state = 0
        for index, letter in enumerate(text, 1):
            while True:
                child = step[state].get(letter)
                if child is not None:
                    state = child
                    break
                if not state:
                    break
                state = fail[state]
            if ends[state]:
                found.append((index, ends[state]))
        return found

    def _add(self, word: str) -> None:
        state = 0
        for letter in word:
            if letter not in self._next[state]:
                self._next[state][letter] = len(self._next)
                self._next.append({})
                self._ends.append(())
            state = self._next[state][letter]
        self._ends[state] = (word,)

    def _link(self) -> list[int]:
        """Where to go on when a word breaks off: the longest suffix that some word begins with."""
        fail = [0] * len(self._next)
        waiting = deque(self._next[0].values())
        while waiting:
            state = waiting.popleft()
            for letter, child in self._next[state].items():
                waiting.append(child)
                back = fail[state]
                while back and letter not in self._next[back]:
                    back = fail[back]
                fail[child] = self._next[back].get(letter, 0)
                self._ends[child] += self._ends[fail[child]]
        return fail
