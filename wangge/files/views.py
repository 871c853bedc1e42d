"""How a stored file is answered: never executed by a browser, never kept by a proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse

from wangge.files.actions import open_file, thumbnail_path
from wangge.files.models import FileKind, StoredFile
from wangge.kit.errors import DomainError, NotFound

ENDINGS = {
    "image/jpeg": "jpg", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/ogg": "ogg", "audio/wav": "wav",
    "audio/amr": "amr", "audio/webm": "webm", "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm",
    "application/pdf": "pdf",
}  # fmt: skip
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
CHUNK = 64 << 10
CACHE_SECONDS = 600


def serve_file(
    file: StoredFile, download: bool = False, *, thumbnail: bool = False, range_header: str = ""
) -> HttpResponseBase:
    """The content of a file as an answer. The caller has checked that this person may see it.

    Photos, sound and films show in the page, documents are always a download. ``thumbnail``: the small picture (404
    for anything but a photo). ``range_header`` is the request's ``Range``, which players of sound and film send.
    """
    path = thumbnail_path(file) if thumbnail else open_file(file)
    if path is None:
        raise NotFound()
    if not path.is_file():
        raise DomainError(
            500,
            "file_missing",
            "文件不在存储目录里。请让管理员运行 wangge doctor。",
            "The file is missing from the files folder. Ask the administrator to run `wangge doctor`.",
        )
    response = ranged(path, range_header)
    response["Content-Type"] = file.mime
    as_attachment = download or file.kind == FileKind.DOCUMENT
    name = f"{file.kind}-{str(file.key)[-8:]}.{ENDINGS.get(file.mime, 'bin')}"
    response["Content-Disposition"] = f'{"attachment" if as_attachment else "inline"}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    response["Accept-Ranges"] = "bytes"
    return response


def ranged(path: Path, range_header: str) -> HttpResponseBase:
    """The whole file, or the one part that is asked for (RFC 9110, 14.2)."""
    size = path.stat().st_size
    asked = RANGE.fullmatch(range_header.strip())
    if asked is None or not (asked[1] or asked[2]):
        return FileResponse(open(path, "rb"))
    start = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
    end = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(part(path, start, end), status=206)
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Content-Length"] = str(end - start + 1)
    return response


def part(path: Path, start: int, end: int) -> Iterator[bytes]:
    with open(path, "rb") as file:
        file.seek(start)
        n_left = end - start + 1
        while n_left > 0 and (chunk := file.read(min(CHUNK, n_left))):
            n_left -= len(chunk)
            yield chunk
