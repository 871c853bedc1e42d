"""Uploading for programs and for pages with JavaScript; what is uploaded is attached by its key within 24 hours."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from wangge.files.actions import store
from wangge.files.limits import check_upload
from wangge.files.models import StoredFile
from wangge.kit.answers import answer, once, schema_of
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import Invalid
from wangge.kit.network import network_address, network_of
from wangge.kit.ratelimit import check_visit_and_network
from wangge.kit.visits import keep_visit, new_visit, visit_of
from wangge.territory.callers import staff_of

router = Router(tags=["附件 Files"])
UPLOADS_OF_A_VISIT, UPLOADS_OF_A_NETWORK, HOUR_S = 60, 6_000, 3600


@dataclass(frozen=True)
class Uploaded:
    """A stored upload: give its key in ``files`` of a report or verb within 24 hours."""

    key: UUID
    kind: str
    mime: str
    n_bytes: int
    width: int | None
    height: int | None
    sha256: str


UploadedOut = schema_of(Uploaded)
FILE = {
    "type": "string",
    "format": "binary",
    "description": "照片、录音、视频或 PDF / photo, sound, film or PDF",
}
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": FILE}}
            }
        },
    },
    "security": [{"MachineToken": []}, {"Session": []}, {}],
}


@router.post(
    "",
    auth=None,
    response={201: UploadedOut},
    operation_id="upload_file",
    summary="上传附件 · Upload a file",
    openapi_extra=FORM,
)
def upload_file(request: HttpRequest) -> HttpResponse:
    """上传照片、录音、视频或 PDF;照片去除位置信息。24 小时内用返回的 key 附到上报或办理中。

    A photo loses where it was taken. Anonymous people: keep the visit's cookie, it owns the upload.
    """
    staff = staff_of(request)
    visit = "" if staff else visit_of(request)
    if staff is not None:
        check_upload(staff.caller, REAL_CLOCK.now())
    else:
        check_visit_and_network(
            "upload", visit=visit, network=network_of(network_address(request)), per_visit=UPLOADS_OF_A_VISIT,
            per_network=UPLOADS_OF_A_NETWORK, window_s=HOUR_S, at=REAL_CLOCK.now(),
        )  # fmt: skip
        visit = visit or new_visit()
    owner = staff.caller if staff else f"visit:{visit}"

    def act() -> HttpResponse:
        made = stored(request, owner)
        if staff is None:
            keep_visit(made, visit)
        return made

    return once(request, owner if staff or visit_of(request) else "visit:", act)


def stored(request: HttpRequest, owner: str) -> HttpResponse:
    upload = request.FILES.get("file")
    if upload is None or isinstance(upload, list):
        raise Invalid("file", "请选择一个文件(表单字段 file)。", "Choose a file (form field `file`).")
    file: StoredFile = store(upload, uploaded_by=owner, at=REAL_CLOCK.now(), name=upload.name or "")
    return answer(UploadedOut, file, 201)
