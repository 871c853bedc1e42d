"""Photos of a form: stored one by one; what cannot be taken is said, the rest is kept."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest

from wangge.files.actions import MOST_ATTACHED, attachable, store
from wangge.files.limits import check_upload
from wangge.files.names import shown_name
from wangge.kit.errors import DomainError, Invalid
from wangge.kit.speech import spoken
from wangge.territory.scope import Actor

REMOVE = "remove"


def take(request: HttpRequest, actor: Actor, held: Sequence[str], *names: str) -> tuple[list[str], list[str]]:
    """Store the new files of these inputs beside those held: the keys held now, and what is wrong in words.

    Files whose box "remove" is ticked are let go; they are swept away within a day.
    """
    removed = set(request.POST.getlist(REMOVE))
    kept = [key for key in held if key not in removed]
    problems: list[str] = []
    for upload in new_uploads(request, names):
        if len(kept) >= MOST_ATTACHED:
            problems.append(
                spoken(
                    f"最多 {MOST_ATTACHED} 个文件,其余的没有上传。",
                    f"{MOST_ATTACHED} files at most; the others were not taken.",
                )
            )
            break
        try:
            check_upload(actor.caller, actor.now())
            row = store(upload, uploaded_by=actor.caller, at=actor.now(), name=upload.name or "")
        except DomainError as error:
            problems.append(f"{shown_name(upload.name)}:{spoken(error.zh, error.en)}")
            continue
        kept.append(str(row.key))
    return kept, problems


def new_uploads(request: HttpRequest, names: Sequence[str]) -> list[UploadedFile[bytes]]:
    """What came with the form; browsers send an empty part for an input left alone."""
    return [one for name in names for one in request.FILES.getlist(name) if one.name and one.size]


def still_mine(actor: Actor, keys: Sequence[str]) -> list[str]:
    """Those of the keys that this person may still attach, in their order."""
    found = []
    for key in list(dict.fromkeys(keys))[:MOST_ATTACHED]:
        try:
            with transaction.atomic():
                attachable([key], actor.caller)
        except Invalid:
            continue
        found.append(key)
    return found
