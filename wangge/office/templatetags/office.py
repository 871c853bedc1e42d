"""``{% load office %}``: small things that only office pages say."""

from __future__ import annotations

from django import template

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
def first_step(way: str) -> str:
    """The highest place of a way: the street."""
    return way.split(STEP)[0] if STEP in way else way.split(", ")[-1]
