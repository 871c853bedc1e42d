"""Which template each copy is of, and when it plays: a town of two and a half years, most of it long archived. Pure.

The shares are ours and claim nothing about a real town; half of all matters are settled by the grid or the desk itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from bench.copies import Copy, first_numbers
from bench.originals import CASE, ENTRY
from bench.stamp import DAY, SECOND, Template
from wangge.cases.jobs import ARCHIVE_AFTER, ARCHIVED_FROM
from wangge.cases.workflow import OPEN, Verb

YEARS_DAYS = 912
OPEN_SHARE = 0.03
SETTLED_AT_ONCE = 0.5
OPEN_SINCE_DAYS = 6.0  # on average, when an open case was reported before its original
JITTER_SECONDS = 3 * 3600
WEEK = 7 * DAY
ARCHIVE_AFTER_US = ARCHIVE_AFTER // timedelta(microseconds=1)


@dataclass(frozen=True)
class Kinds:
    """Templates by how long ago they may have played: still open, ended of late, over for good (shortly, at length)."""

    open: Sequence[int]
    ended: Sequence[int]
    short: Sequence[int]
    long: Sequence[int]

    @classmethod
    def of(cls, templates: Sequence[Template]) -> Kinds:
        found: dict[str, list[int]] = {"open": [], "ended": [], "short": [], "long": []}
        for n, template in enumerate(templates):
            found[kind_of(template)].append(n)
        # a town without one of them has more of the others
        everything = list(range(len(templates)))
        return cls(*(found[kind] or everything for kind in ("open", "ended", "short", "long")))


def kind_of(template: Template) -> str:
    states = {str(case["state"]) for case in template.original.cases}
    if states & {state.value for state in OPEN}:
        return "open"
    if states & {state.value for state in ARCHIVED_FROM}:
        return "ended"
    verbs = {str(entry["verb"]) for entry in template.original.rows[ENTRY]}
    return "short" if verbs & {Verb.SELF_CLOSE.value, Verb.ANSWER.value} else "long"


def planned(templates: Sequence[Template], n_cases: int, now: int, seed: int) -> list[Copy]:
    """``n_cases`` cases in order of their report; ``now`` in microseconds."""
    random = Random(seed)
    kinds = Kinds.of(templates)
    single = [n for n in range(len(templates)) if templates[n].n_rows[CASE] == 1]
    drawn: list[tuple[int, int, int, int]] = []
    left = n_cases
    while left:
        one = draw(templates, kinds, now, random)
        if templates[one[1]].n_rows[CASE] > left:
            one = shift(single[0], -random.randrange(2 * JITTER_SECONDS), 0, templates)
        drawn.append(one)
        left -= templates[one[1]].n_rows[CASE]
    drawn.sort()
    taken = dict.fromkeys(templates[0].n_rows, 0)
    return [Copy(n, by, by_days, first_numbers(templates[n], taken)) for _, n, by, by_days in drawn]


def draw(templates: Sequence[Template], kinds: Kinds, now: int, random: Random) -> tuple[int, int, int, int]:
    """(when reported, template, shift, days): whole weeks earlier or later, so that each weekday stays what it was."""
    seconds = -random.randrange(JITTER_SECONDS)
    kind = random.random()
    if kind < OPEN_SHARE:
        n = random.choice(kinds.open)
        return shift(n, seconds, -int(random.expovariate(1 / OPEN_SINCE_DAYS)), templates)
    if kind < OPEN_SHARE + ARCHIVE_AFTER.days / YEARS_DAYS:
        n = random.choice(kinds.ended)
        room = (
            max(ARCHIVE_AFTER_US - (now - span(templates[n])[1]), 0) // WEEK
        )  # weeks until it would be archived
        return shift(n, seconds, -7 * random.randint(0, room), templates)
    n = random.choice(kinds.short if random.random() < SETTLED_AT_ONCE else kinds.long)
    began, ended = span(templates[n])
    wanted = now - (ended - began) - int(random.random() * YEARS_DAYS * DAY)
    return shift(n, seconds, 7 * ((wanted - began) // WEEK), templates)


def shift(n: int, seconds: int, days: int, templates: Sequence[Template]) -> tuple[int, int, int, int]:
    by = days * DAY + seconds * SECOND
    return span(templates[n])[0] + by, n, by, days


def span(template: Template) -> tuple[int, int]:
    """When it was reported and when the last thing happened."""
    entries = [int(row["occurred_at"] or 0) for row in template.original.rows[ENTRY]]
    return min(template.original.moments("reported_at")), max(entries)
