"""A stored file, for those who may see a case that has it, and for who uploaded it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from wangge.cases.api.public import caller_of
from wangge.cases.queries import evidence_of
from wangge.files.views import serve_file

router = Router(tags=["附件 Files"])
ANYONE: dict[str, Any] = {"security": [{"MachineToken": []}, {"Session": []}, {}]}


@router.get(
    "/{key}", auth=None, operation_id="get_file", summary="查看附件 · Get a file",
    openapi_extra={**ANYONE, "responses": {200: {"description": "The content", "content": {"*/*": {}}}}},
)  # fmt: skip
def get_file(
    request: HttpRequest, key: UUID, thumbnail: bool = False, download: bool = False
) -> HttpResponseBase:
    """案件范围内的附件,或本人(本次访问)刚上传的文件。

    A file of a case that you may see, or one that you (this visit) uploaded. `thumbnail`: the small picture of a photo.
    """
    file = evidence_of(caller_of(request), key)
    return serve_file(file, download, thumbnail=thumbnail, range_header=request.headers.get("Range", ""))
