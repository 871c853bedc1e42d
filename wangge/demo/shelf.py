"""Drawn pictures as uploads: each drawing is stored once, every further use is a row for the same content."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from wangge.cases.models import Case
from wangge.demo.pictures import VARIANTS, draw, theme_of
from wangge.files.actions import store
from wangge.files.models import StoredFile
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.ids import uuid7
from wangge.territory.scope import Actor


@lru_cache(maxsize=512)
def first_copy(theme: str, phase: str, variant: int) -> StoredFile:
    """The stored drawing of a theme."""
    return store(
        draw(theme, "after" if phase == "after" else "before", variant), name="drawing.jpg", uploaded_by="demo",
        at=REAL_CLOCK.now(),
    )  # fmt: skip


def variant_of(case_number: str) -> int:
    """Which of the drawn places belongs to a case: always the same."""
    return int(sha256(case_number.encode()).hexdigest(), 16) % VARIANTS


def uploaded(case_number: str, code: str, phase: str, caller: str) -> str:
    """The key of an upload by ``caller`` that shows a drawing; before and after show the same place."""
    first = first_copy(theme_of(code), phase, variant_of(case_number))
    copy = StoredFile.objects.create(
        key=uuid7(), sha256=first.sha256, kind=first.kind, mime=first.mime, n_bytes=first.n_bytes, width=first.width,
        height=first.height, uploaded_by=caller, uploaded_at=REAL_CLOCK.now(),
    )  # fmt: skip
    return str(copy.key)


def pictures(case: Case, phase: str, actor: Actor) -> list[str]:
    """One drawing where the category wants a photo afterwards, none elsewhere."""
    if case.category is None or not case.category.needs_photo_after:
        return []
    return [uploaded(case.number, case.category.code, phase, actor.caller)]
