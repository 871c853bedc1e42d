"""``{% load office %}``: small things that only office pages say."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from wangge.cases.grams import terms_of

register = template.Library()

TOLD = 2
STEP = "·"


@register.filter
def last_steps(way: str) -> str:
    """The last two places of a way: 长江路第一网格·第3微网格; in English the first two, which stand there in reverse."""
    if STEP in way:
        return STEP.join(way.split(STEP)[-TOLD:])
    return ", ".join(way.split(", ")[:TOLD])


@register.filter
def with_hits(words: str, asked: str) -> str | SafeString:
    """The words with what was looked for marked in them."""
    terms = "|".join(re.escape(term.text) for term in terms_of(asked))
    if not terms:
        return words
    parts = re.split(f"({terms})", words, flags=re.IGNORECASE)
    marked = (f"<mark>{escape(part)}</mark>" if n % 2 else escape(part) for n, part in enumerate(parts))
    return mark_safe("".join(marked))  # noqa: S308  each part is escaped


@register.filter
def first_step(way: str) -> str:
    """The highest place of a way: the street."""
    return way.split(STEP)[0] if STEP in way else way.split(", ")[-1]
