"""One sentence in two languages, side by side. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """A sentence in Chinese and in English; ``wangge.kit.speech.said`` picks the reader's language."""

    zh: str
    en: str

    def filled(self, **values: object) -> Text:
        """The same sentence with its ``{names}`` filled in, in both languages."""
        return Text(self.zh.format(**values), self.en.format(**values))
