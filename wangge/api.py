"""The API: every feature's operations under /api/, one shape of refusal, the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security.base import AuthBase

from wangge.accounts.middleware import stranger
from wangge.accounts.signin import user_of_request
from wangge.cases import api as cases_api
from wangge.cases.queries.watching import loop_figures
from wangge.catalog import api as catalog_api
from wangge.files import api as files_api
from wangge.insight import api as insight_api
from wangge.kit.answers import Refused, incident, null_character, too_large, wrong_fields
from wangge.kit.errors import DomainError, NotFound
from wangge.kit.health import outbox_figures
from wangge.kit.idempotency import check_key
from wangge.kit.network import is_loopback
from wangge.kit.outages import outage
from wangge.kit.refusals import refusal
from wangge.notify.figures import message_figures
from wangge.territory import api as territory_api
from wangge.territory.callers import staff_of
from wangge.territory.scope import Actor

VERSION = "1.0.0"
ABOUT = """\
网格 Wangge:基层网格化治理平台的开放接口。上报、受理、立案、派遣、处置、核查、回访、结案,每个动作一个接口。

Wangge, the open platform for grid-based local governance. One operation for each verb of a case's life.

- 认证 / authentication:机器令牌 `Authorization: Bearer wg_…`,或浏览器会话(须带 `X-CSRFToken`)。
  A machine token, or a browser session with its CSRF token. Residents need none for reporting, uploading, following.
- 拒绝 / refusals:`{"error": {"code", "zh", "en", "status", "details"}}`,`code` 固定供程序判断。
- 幂等 / the same request once:任何 POST 可带 `Idempotency-Key`,48 小时内重复提交返回同一结果(`Idempotency-Replayed: true`);
  内容不同则 422。Any POST may carry an `Idempotency-Key`; another body with the same key is refused with 422.
- 并发 / two people at once:带上您看到的 `n_entries`(`If-Match` 或字段),此后别人办过则 409 并说明现状。
- 翻页 / pages:把 `next` 作为 `after`。时间为 ISO 8601。Give `next` as `after`. Moments are ISO 8601.
"""
IDEMPOTENCY_KEY = {
    "in": "header", "name": "Idempotency-Key", "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "同一请求只办一次 / the same request acts once",
}  # fmt: skip
IF_MATCH = {
    "in": "header", "name": "If-Match", "required": False, "schema": {"type": "string"},
    "description": "您看到的 n_entries / n_entries as you saw the case",
}  # fmt: skip
PREFER = {
    "in": "header", "name": "Prefer", "required": False, "schema": {"type": "string"},
    "description": "return=representation:答复案件全貌,不只一行 / answer with the whole case (CaseOut), not its line only",
}  # fmt: skip


class MachineToken(AuthBase):
    """``Authorization: Bearer wg_…``"""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Actor | None:
        return staff_of(request) if "Authorization" in request.headers else None


class Session(AuthBase):
    """A signed-in browser; changing requests need the CSRF token."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Actor | None:
        return None if "Authorization" in request.headers else staff_of(request)


class Api(NinjaAPI):
    """Adds to the OpenAPI document what all operations share."""

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**given)
        refused = {
            "description": "拒绝及原因 / refused, with the reason",
            "content": {"application/json": {"schema": REFUSED}},
        }
        document["components"]["schemas"].update(REFUSED_PARTS)
        for address, methods in document["paths"].items():
            for method, operation in methods.items():
                operation["responses"]["default"] = refused
                if method == "post":
                    operation["parameters"].append(IDEMPOTENCY_KEY)
                    if "{number}" in address or "{code}" in address:
                        operation["parameters"].append(IF_MATCH)
                    if "{number}" in address:
                        operation["parameters"].append(PREFER)
        return document


shape = Refused.model_json_schema(ref_template="#/components/schemas/{model}")
REFUSED_PARTS: dict[str, Any] = {**shape.pop("$defs"), "Refused": shape}
REFUSED = {"$ref": "#/components/schemas/Refused"}

api = Api(
    title="网格 Wangge API", version=VERSION, description=ABOUT, urls_namespace="api", auth=[MachineToken(), Session()],
    docs_url=None, openapi_url=None,
)  # fmt: skip
api.add_router("/cases", cases_api.cases_router)
api.add_router("/files", files_api.router)
api.add_router("/files", cases_api.files_router)
api.add_router("/follow", cases_api.follow_router)
api.add_router("", cases_api.desk_router)
api.add_router("/figures", insight_api.router)
api.add_router("", territory_api.router)
api.add_router("", catalog_api.router)


# --- errors ------------------------------------------------------------------------------------------------


@api.exception_handler(DomainError)
def on_refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    return refusal(request, error)


@api.exception_handler(AuthenticationError)
def on_stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return refusal(request, stranger())


@api.exception_handler(ValidationError)
def on_wrong_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return refusal(request, wrong_fields(error.errors))


@api.exception_handler(Http404)
def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return refusal(request, NotFound())


@api.exception_handler(RequestDataTooBig)
def on_too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return refusal(request, too_large())


@api.exception_handler(MultiPartParserError)
def on_broken_form(request: HttpRequest, error: MultiPartParserError) -> HttpResponse:
    return refusal(request, broken_form())


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return refusal(
        request,
        DomainError(
            error.status_code, "refused", "请求有误,请检查后再试。", "The request is wrong; check it."
        ),
    )


@api.exception_handler(Exception)
def on_incident(request: HttpRequest, error: Exception) -> HttpResponse:
    return refusal(request, outage(error) or incident(request, error))


def broken_form() -> DomainError:
    return DomainError(
        422, "broken_form", "上传的表单不完整,请重新上传。", "The form arrived incomplete; upload it again."
    )


# --- figures -----------------------------------------------------------------------------------------------

FIGURES = (outbox_figures, message_figures, loop_figures)


def may_see_figures(request: HttpRequest) -> bool:
    """Prometheus on this machine, or a machine token."""
    if is_loopback(request):
        return True
    user = user_of_request(request) if "Authorization" in request.headers else None
    return user is not None and user.is_machine


# --- addresses ---------------------------------------------------------------------------------------------


def speaking(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """An operation opens itself to Django, because it lets people in by its own rule; a wrong method is told in JSON."""

    @wraps(view)
    def door(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return refusal(request, null_character())
        try:
            check_key(request.headers.get("Idempotency-Key", "-"))
        except DomainError as error:
            return refusal(request, error)
        response = view(request, *given, **named)
        response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the address, and a code stands in it
        if response.status_code != 405:
            return response
        allowed = response.headers.get("Allow", "")
        told = refusal(
            request,
            DomainError(
                405,
                "method_not_allowed",
                f"此地址只接受 {allowed}。",
                f"This address takes {allowed} only.",
                allow=allowed,
            ),
        )
        told["Allow"] = allowed
        told._has_been_logged = True  # type: ignore[attr-defined]
        return told

    door.login_required = False  # type: ignore[attr-defined]
    door.csrf_exempt = True  # type: ignore[attr-defined]  # sessions are checked where they are let in
    return door


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, for everybody: it describes the doors, it does not open them."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@csrf_exempt
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address under /api/ that does not exist."""
    return refusal(
        request,
        NotFound(
            "没有这个接口。接口清单见 /api/openapi.json。",
            "There is no such operation; /api/openapi.json lists them.",
        ),
    )


def document() -> dict[str, Any]:
    """The OpenAPI document, made once a process."""
    if not MADE:
        MADE.update(api.get_openapi_schema(path_prefix="api/"))
    return MADE


MADE: dict[str, Any] = {}


def addresses() -> list[URLPattern | URLResolver]:
    """Every address under /api/."""
    patterns, app_name, namespace = api.urls
    operations = [one for one in patterns if isinstance(one, URLPattern) and one.name != "api-root"]
    for operation in operations:
        operation.callback = speaking(operation.callback)
    return [
        path("openapi.json", speaking(openapi), name="openapi"),
        path("", (operations, app_name, namespace)),
        path("", nowhere),
        path("<path:rest>", nowhere),
    ]
