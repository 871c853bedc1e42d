"""What programs are asked and answered: bodies through a schema, answers through a schema, the same request once."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Optional, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model
from pydantic_core import PydanticCustomError

from wangge.kit import idempotency
from wangge.kit.errors import DomainError, Invalid
from wangge.kit.idempotency import form_body
from wangge.kit.visits import COOKIE
from wangge.kit.words import Text

M = TypeVar("M", bound=BaseModel)
LONGEST_REFUSAL = 20  # fields that are named in one refusal
LEAST_KEY = 16  # of a key that no visit and no user owns

log = logging.getLogger("wangge.api")


class Problem(BaseModel):
    """Why a request was refused."""

    code: str = Field(description="供程序判断的固定代码 / a stable word for programs")
    zh: str = Field(description="一句话说明原因和办法 / the reason and what to do, in Chinese")
    en: str = Field(description="the same in English")
    status: int = Field(description="HTTP status")
    details: dict[str, Any] = Field(
        description="此刻的真实情况、有误的字段等 / what is true now, the fields in question"
    )


class Refused(BaseModel):
    """The one shape of every refusal."""

    error: Problem


class Said(BaseModel):
    """One sentence in both languages."""

    model_config = ConfigDict(from_attributes=True)

    zh: str
    en: str


def written_as_day(value: Any) -> Any:
    """Only 2026-11-24: pydantic would also take a number of seconds."""
    if isinstance(value, date) or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("date", "must be a date")


def written_as_moment(value: Any) -> Any:
    """Only text that begins with a day: pydantic would also take a number of seconds."""
    if isinstance(value, datetime) or (isinstance(value, str) and DAY.match(value)):
        return value
    raise PydanticCustomError("datetime", "must be a moment")


DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
Day = Annotated[date, BeforeValidator(written_as_day)]
Moment = Annotated[datetime, BeforeValidator(written_as_moment)]


def answer(schema: type[BaseModel], value: object, status: int = 200) -> HttpResponse:
    """``value`` (a dataclass, a row) through ``schema`` as JSON; what the OpenAPI document says is what is sent."""
    made = schema.model_validate(value, from_attributes=True)
    response = HttpResponse(
        made.model_dump_json(), status=status, content_type="application/json; charset=utf-8"
    )
    response["Cache-Control"] = "no-store"
    return response


def answer_as_it_is(schema: type[BaseModel], values: Mapping[str, Any]) -> HttpResponse:
    """The same for answers that are asked for all day: ``values`` hold what ``schema_of`` their dataclasses describes.

    Written without looking through the schema again, which costs a third of such a request; a test compares the two.
    """
    shown = {name: values[name] for name in schema.model_fields}
    content = orjson.dumps(shown, default=_said, option=orjson.OPT_UTC_Z)
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def written(value: Any) -> orjson.Fragment:
    """A part of such an answer that never changes, as JSON."""
    return orjson.Fragment(orjson.dumps(value, default=_said, option=orjson.OPT_UTC_Z))


def _said(value: Any) -> dict[str, str]:
    """A sentence as ``Said``."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    raise TypeError(f"{type(value).__name__} is not shown as JSON")


def body_of(request: HttpRequest, schema: type[M]) -> M:
    """The JSON body through ``schema``; an empty body is ``{}``. Invalid (422) names every field that is wrong."""
    try:
        raw = request.body
    except RequestDataTooBig as error:
        raise too_large() from error
    except RawPostDataException as error:
        raise not_json() from error
    if raw and request.content_type not in ("application/json", "text/json", ""):
        raise not_json()
    try:
        made = schema.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise wrong_fields(error.errors(include_url=False, include_input=False)) from error
    if b"\\u0000" in raw and has_null(made.model_dump()):
        raise null_character()
    return made


def has_null(value: Any) -> bool:
    """Whether a null character stands in any text; PostgreSQL stores none."""
    if isinstance(value, str):
        return "\0" in value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(has_null(part) for part in parts)


def wrong_fields(found: Iterable[Mapping[str, Any]]) -> DomainError:
    """422 for what pydantic found; ``details.fields`` has a sentence for each field in both languages."""
    fields = []
    for one in list(found)[:LONGEST_REFUSAL]:
        if one["type"] == "json_invalid":
            return DomainError(
                422,
                "malformed_json",
                "请求内容不是有效的 JSON。请检查后再提交。",
                "The body is not valid JSON. Check it, then send again.",
            )
        name = ".".join(str(part) for part in one["loc"] if part not in ("query", "path", "body"))
        said = what_is_wrong(one["type"], one.get("ctx") or {})
        fields.append({"field": name, "zh": said.zh, "en": said.en})
    zh = ";".join(f"{field['field']} {field['zh']}" for field in fields)
    en = "; ".join(f"{field['field']} {field['en']}" for field in fields)
    return DomainError(
        422, "invalid", f"提交的内容有误:{zh}。", f"Something is wrong in what was sent: {en}.", fields=fields
    )


WRONG: dict[str, Text] = {
    "missing": Text("必须填写", "is required"),
    "extra_forbidden": Text("不是此处可填的字段", "is not a field here"),
    "string": Text("应为文字", "must be text"),
    "string_too_long": Text("不能超过 {max_length} 个字", "may have {max_length} characters at most"),
    "string_too_short": Text("至少 {min_length} 个字", "needs {min_length} characters at least"),
    "string_pattern_mismatch": Text("格式不对", "has the wrong form"),
    "too_long": Text("不能超过 {max_length} 项", "may have {max_length} items at most"),
    "too_short": Text("至少 {min_length} 项", "needs {min_length} items at least"),
    "int": Text("应为整数", "must be a whole number"),
    "float": Text("应为数字", "must be a number"),
    "finite_number": Text("应为有限的数字", "must be a finite number"),
    "bool": Text("应为 true 或 false", "must be true or false"),
    "list": Text("应为列表", "must be a list"),
    "literal_error": Text("应为 {expected} 之一", "must be one of {expected}"),
    "enum": Text("应为 {expected} 之一", "must be one of {expected}"),
    "date": Text("应为日期,如 2026-11-24", "must be a date such as 2026-11-24"),
    "datetime": Text(
        "应为时间,如 2026-11-24T15:30:00+08:00", "must be a moment such as 2026-11-24T15:30:00+08:00"
    ),
    "uuid": Text("应为文件编号(UUID)", "must be a key (UUID)"),
    "less_than_equal": Text("不能大于 {le}", "may be {le} at most"),
    "greater_than_equal": Text("不能小于 {ge}", "must be {ge} at least"),
}


def what_is_wrong(kind: str, context: Mapping[str, Any]) -> Text:
    """A sentence for a kind of pydantic error, the exact kind first, then its family (``int_parsing`` → ``int``)."""
    said = WRONG.get(kind) or WRONG.get(kind.split("_", maxsplit=1)[0])
    return said.filled(**context) if said else Text("有误", "is wrong")


def null_character() -> DomainError:
    return DomainError(
        422,
        "null_character",
        "内容含有不可见的空字符,请删去后再提交。",
        "A null character stands in what was sent; remove it.",
    )


def too_large() -> DomainError:
    return DomainError(
        413,
        "too_large",
        "提交的内容太大。照片和录音请用上传接口单独上传。",
        "Too large. Upload photos and recordings by themselves.",
    )


def not_json() -> DomainError:
    return DomainError(
        415,
        "not_json",
        "请以 JSON 提交(Content-Type: application/json)。",
        "Send JSON (Content-Type: application/json).",
    )


def incident(request: HttpRequest, error: Exception) -> DomainError:
    """The unexpected: logged whole under a number that the caller is told, and nothing else."""
    number = secrets.token_hex(6)
    route = (
        request.resolver_match.route if request.resolver_match else "?"
    )  # the address itself may hold a secret code
    log.error("incident %s: %s %s", number, request.method, route, exc_info=error)
    return DomainError(
        500, "unexpected", f"服务器出错了,已记录,编号 {number}。请稍后再试,仍不行请把编号告诉管理员。",
        f"The server failed; it is logged as {number}. Try again later, or tell the administrator this number.",
        incident=number,
    )  # fmt: skip


# --- the same request once ---------------------------------------------------------------------------------


def once(request: HttpRequest, caller: str, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Do ``act``, and with an Idempotency-Key only once for each key of this caller (48 hours), in one transaction.

    ``caller``: ``user:12`` or ``visit:…``. Refusals are not kept: the key is free again.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return act()
    if caller == "visit:":
        refuse_guessable(key)
    with transaction.atomic():
        kept = idempotency.begin(caller, key, f"{request.method} {request.path}\n".encode() + sent(request))
        if kept is not None:
            response = kept.as_response()
            response["Cache-Control"] = "no-store"
            return response
        made = act()
        headers = {"Content-Type": made["Content-Type"]}
        if COOKIE in made.cookies:  # whose answer was lost must own the same visit as the first time
            headers["Set-Cookie"] = made.cookies[COOKIE].OutputString()
        idempotency.finish(caller, key, made.status_code, made.content, headers)
        return made


def sent(request: HttpRequest) -> bytes:
    """What makes it the same request: the body, or a form's fields with the digests of its files."""
    if request.content_type == "multipart/form-data":
        return form_body(request.POST, request.FILES)
    try:
        return request.body
    except RequestDataTooBig as error:
        raise too_large() from error


def refuse_guessable(key: str) -> None:
    """Without a visit the key alone separates callers, so it must not be one that another might choose too."""
    if len(key) < LEAST_KEY:
        raise Invalid(
            "Idempotency-Key",
            f"没有携带访问标记(Cookie)时,Idempotency-Key 至少 {LEAST_KEY} 位随机字符。",
            f"Without the visit cookie an Idempotency-Key needs {LEAST_KEY} random characters at least.",
        )
    return


# --- schemas from dataclasses ------------------------------------------------------------------------------


@cache
def schema_of(kind: type, name: str = "", without: tuple[str, ...] = ()) -> type[BaseModel]:
    """The schema of a dataclass that a query returns: the same fields, sentences as zh and en, its docstring."""
    hints = get_type_hints(kind)
    shown: dict[str, Any] = {
        field.name: (as_shown(hints[field.name]), ...) for field in fields(kind) if field.name not in without
    }
    config = ConfigDict(from_attributes=True)
    made: type[BaseModel] = create_model(
        name or kind.__name__, __config__=config, __doc__=kind.__doc__, **shown
    )
    return made


def as_shown(hint: Any) -> Any:
    """A type as programs see it: sentences and dataclasses become schemas, tuples lists."""
    if hint is Text:
        return Said
    if isinstance(hint, type) and is_dataclass(hint):
        return schema_of(hint)
    inside = [as_shown(part) for part in get_args(hint) if part not in (NoneType, Ellipsis)]
    if get_origin(hint) in (list, tuple):
        return list[inside[0]]  # type: ignore[valid-type]
    if get_origin(hint) in (Union, UnionType):
        return Optional[inside[0]]  # noqa: UP045
    return hint
