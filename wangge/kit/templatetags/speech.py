"""``{% load speech %}{% t "中文" "English" %}`` in templates; ``{{ row|named }}`` for rows with name_zh, name_en."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from wangge.kit import speech
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.moments import day_of
from wangge.kit.speech import is_english, spoken
from wangge.kit.words import Text

register = template.Library()

TWO_LANGUAGES = re.compile(r"^(.*[\u3400-\u9fff）]) +([A-Za-z(].*)$")


@register.simple_tag
def t(zh: str, en: str, **values: Any) -> str:
    """The sentence in the reader's language, ``{names}`` filled in."""
    sentence = spoken(zh, en)
    return sentence.format(**values) if values else sentence


@register.filter
def named(row: Any) -> str:
    """Name of a catalogue row in the reader's language (Chinese where there is no English)."""
    if row is None:
        return ""
    english = str(getattr(row, "name_en", "")) if is_english() else ""
    return english or str(row.name_zh)


@register.filter
def said(text: Text) -> str:
    """A ``Text`` in the reader's language."""
    return speech.said(text)


@register.filter
def day_time(at: datetime | None) -> str:
    """11月21日 15:30, with the year when it is not this one; English: 21 Nov 15:30."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    this_year = local.year == timezone.localtime().year
    if is_english():
        return f"{local:%-d %b %H:%M}" if this_year else f"{local:%-d %b %Y %H:%M}"
    day = f"{local.month}月{local.day}日 {local:%H:%M}"
    return day if this_year else f"{local.year}年{day}"


@register.filter
def day(on: date | None) -> str:
    """11月21日, with the year when it is not this one; English: 21 Nov."""
    return "" if on is None else speech.said(day_of(on, REAL_CLOCK.now()))


@register.filter
def one_language(label: str) -> str:
    """The reader's half of a label that holds both languages: ``网格长 Grid head`` → ``网格长`` or ``Grid head``."""
    halves = TWO_LANGUAGES.match(str(label))
    return spoken(halves[1], halves[2]) if halves else str(label)
