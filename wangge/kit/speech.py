"""Two languages side by side: Chinese first, English second.

Every sentence stands once, in both languages, where it is used (``Text(zh, en)``, ``{% t "中文" "English" %}``).
No catalogue files, nothing to compile, and none can be forgotten.
"""

from __future__ import annotations

from django.utils.functional import lazy
from django.utils.translation import get_language

from wangge.kit.words import Text


def is_english() -> bool:
    """Whether the present request is answered in English."""
    return (get_language() or "zh").startswith("en")


def spoken(zh: str, en: str) -> str:
    """The one of two sentences that the present request reads."""
    return en if is_english() else zh


spoken_later = lazy(spoken, str)
"""``spoken`` for what is written once, when the program starts, and read in each reader's language."""


def said(text: Text) -> str:
    """The text in the reader's language."""
    return text.en if is_english() else text.zh
