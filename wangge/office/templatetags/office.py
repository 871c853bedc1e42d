"""``{% load office %}``: small things that only office pages say."""

from __future__ import annotations

from django import template

register = template.Library()

TOLD = 2


@register.filter
def last_steps(way: str) -> str:
    """The last two places of a way: 长江路第一网格·第3微网格; in English the first two, which stand there in reverse."""
    if "·" in way:
        return "·".join(way.split("·")[-TOLD:])
    return ", ".join(way.split(", ")[:TOLD])
