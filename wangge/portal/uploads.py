"""Photos and recordings of a form: stored one by one, what cannot be taken is said, the rest is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest

from wangge.files.actions import MOST_ATTACHED, attachable, store
from wangge.files.models import StoredFile
from wangge.files.names import shown_name
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError, Invalid, NotFound
from wangge.kit.speech import spoken
from wangge.portal import limits
from wangge.portal.camera import position_in
from wangge.portal.draft import Upload
from wangge.portal.pages import visit


class HasFiles(Protocol):
    files: list[Upload]


def owner(request: HttpRequest) -> str:
    return f"visit:{visit(request)}"


def new_uploads(request: HttpRequest) -> list[UploadedFile[bytes]]:
    """What came with the form, in all its fields; browsers send an empty part for a field left alone."""
    return [one for name in request.FILES for one in request.FILES.getlist(name) if one.name and one.size]


def take(
    request: HttpRequest, held: list[Upload]
) -> tuple[list[Upload], tuple[float, float] | None, list[str]]:
    """Store the new files beside those held: what is held now, where a photo was taken, what is wrong in words.

    Files whose box "remove" is ticked are let go; they are swept away within a day.
    """
    removed = set(request.POST.getlist("remove"))
    kept = [file for file in held if file.key not in removed]
    problems: list[str] = []
    place = None
    for upload in new_uploads(request):
        if len(kept) >= MOST_ATTACHED:
            problems.append(too_many())
            break
        try:
            limits.check(request, "upload")
            place = place or position_in(upload)
            row = store(upload, uploaded_by=owner(request), at=REAL_CLOCK.now(), name=upload.name or "")
        except DomainError as error:
            problems.append(f"{shown_name(upload.name)}{spoken(':', ': ')}{spoken(error.zh, error.en)}")
            continue
        kept.append(Upload(str(row.key), row.kind))
    return kept, place, problems


def too_many() -> str:
    return spoken(
        f"最多 {MOST_ATTACHED} 个文件,其余的没有上传。",
        f"{MOST_ATTACHED} files at most; the others were not taken.",
    )


def own_waiting(request: HttpRequest, key: str) -> StoredFile:
    """A file that this visit uploaded and has not sent yet; NotFound for any other."""
    try:
        with transaction.atomic():
            return attachable([key], owner(request))[0]
    except Invalid as error:
        raise NotFound() from error


def still_waiting(request: HttpRequest, keys: Iterable[str]) -> list[Upload]:
    """Those of the keys that this visit may still attach, in their order."""
    found = []
    for key in list(keys)[:MOST_ATTACHED]:
        try:
            row = own_waiting(request, key)
        except NotFound:
            continue
        found.append(Upload(str(row.key), row.kind))
    return found
