"""What a verb must be given, read from its function's signature. Pure.

An action's keyword arguments are ``Annotated[type, Given(...)]``; doors (API, forms, documentation) read them here,
so that a field is said once. Types are ``str int float bool date datetime list[str]`` and unions of one with None.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from wangge.kit.words import Text

Choices = tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Given:
    """Label and kind of one field.

    ``widget``: line, words (several lines), number, yes_no, day, moment, choice, unit, units, category, area, user,
    ground (of ``source``), close_type, knowledge, files, case. Codes are given, not ids; files by key.
    ``is_private``: may name people; sealed, and only its digest enters the ledger.
    """

    zh: str
    en: str
    widget: str = "line"
    choices: Choices = ()
    source: str = ""
    max_length: int = 200
    is_private: bool = False
    help: Text | None = None

    @property
    def label(self) -> Text:
        return Text(self.zh, self.en)


@dataclass(frozen=True)
class GivenField:
    """One argument of an action as the doors see it; ``kind`` is the plain type, optional or not."""

    name: str
    given: Given
    annotation: Any
    kind: type
    is_list: bool
    is_required: bool
    default: Any


def fields_of(function: Callable[..., Any]) -> tuple[GivenField, ...]:
    """The fields of an action: its keyword-only arguments that carry a ``Given``."""
    hints = get_type_hints(function, include_extras=True)
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        hint = hints.get(name)
        mark = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Given)), None)
        if parameter.kind is not parameter.KEYWORD_ONLY or mark is None:
            continue
        plain = get_args(hint)[0]
        is_required = parameter.default is parameter.empty
        default = None if is_required else parameter.default
        kind, is_list = plain_type(plain)
        found.append(GivenField(name, mark, plain, kind, is_list, is_required, default))
    return tuple(found)


def plain_type(annotation: Any) -> tuple[type, bool]:
    """``int`` of ``int | None``; ``str, True`` of ``list[str]`` or ``tuple[str, ...]``."""
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    if get_origin(annotation) in (list, tuple):
        return get_args(annotation)[0], True
    return annotation, False
