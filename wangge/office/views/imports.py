"""Orders from a file: look first, then bring in all usable rows, with the bad ones listed; outcomes for handing back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import get_language, override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wangge.cases.orders.bring_in import BroughtIn, bring_in, known_numbers, origin_of, outcomes
from wangge.cases.orders.columns import ALIASES, matched
from wangge.cases.orders.reading import Reading, read_content
from wangge.cases.workflow import STATE_NAMES, State
from wangge.catalog.queries import close_types
from wangge.kit.errors import DomainError, Forbidden, NotFound
from wangge.kit.export import Maker, csv_response, xlsx_response
from wangge.kit.speech import said, spoken
from wangge.kit.words import Text
from wangge.office.access import staff_only
from wangge.office.limits import check_export
from wangge.office.lists import numbers_from, origins
from wangge.office.models import DisclosureKind, disclosed
from wangge.office.pages import MAY_REGISTER, shared
from wangge.office.uploads import content_of, keep
from wangge.registry.masking import masked_phone, masked_text
from wangge.territory.scope import Actor

CHUNK = 50
SHOWN_ROWS, SHOWN_BAD = 5, 50
MARK = "<!--progress-->"
LONGEST_SYSTEM = 60
FIELDS: dict[str, Text] = {
    "number": Text("原编号", "Number"), "title": Text("标题", "Title"), "text": Text("内容", "Words"), "at": Text("时间", "Time"),
    "user": Text("诉求人编号", "Reporter's id"), "name": Text("姓名", "Name"), "phone": Text("电话", "Telephone"),
    "address": Text("地址", "Address"), "place": Text("街道·社区", "Place"), "lon": Text("经度", "Longitude"),
    "lat": Text("纬度", "Latitude"), "datum": Text("坐标系", "Datum"), "kind": Text("类型", "Kind"), "channel": Text("渠道", "Channel"),
    "due": Text("期限", "Due"),
}  # fmt: skip


def refuse_others(actor: Actor) -> None:
    if not actor.roles & MAY_REGISTER:
        raise Forbidden(
            "导入工单由受理、派遣和社区岗位办理。",
            "Importing orders belongs to intake, dispatch and the community.",
        )


def user_of(actor: Actor) -> int:
    return actor.user_id or 0


@require_http_methods(["GET", "POST"])
@staff_only
def start(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Choose a file; below, what was brought in before with its outcomes."""
    refuse_others(actor)
    refusal = ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise DomainError(
                    422, "invalid", "请选择一个 XLSX 或 CSV 文件。", "Choose an XLSX or CSV file."
                )
            sha256 = keep(upload, user_of(actor))
            system = request.POST.get("system", "").strip()[:LONGEST_SYSTEM]
            asked = urlencode({"system": system, "name": (upload.name or "")[:80]})
            return HttpResponseRedirect(f"{reverse('office_import_preview', args=[sha256])}?{asked}")
        except DomainError as error:
            refusal = said(Text(error.zh, error.en))
    context = shared(
        request,
        actor,
        "import",
        refusal=refusal,
        origins=origins(actor),
        system=request.POST.get("system", ""),
    )
    return render(request, "office/import.html", context, status=422 if refusal else 200)


def mapping_of(asked: Mapping[str, str]) -> dict[str, str]:
    """Columns that the person named: ``map-number=留言编号``."""
    return {name: asked[f"map-{name}"] for name in ALIASES if asked.get(f"map-{name}")}


@require_GET
@staff_only
def preview(request: HttpRequest, actor: Actor, sha256: str) -> HttpResponseBase:
    """What would be brought in: which column is what, the first rows, the bad rows with their reasons."""
    refuse_others(actor)
    system = request.GET.get("system", "")
    context: dict[str, Any] = {
        "sha256": sha256,
        "name": request.GET.get("name", ""),
        "system": system,
        "asked": request.GET.urlencode(),
    }
    try:
        reading = read_content(content_of(sha256, user_of(actor)), mapping_of(request.GET))
    except NotFound:
        raise
    except DomainError as error:
        header = header_of(error)
        context |= {
            "refusal": said(Text(error.zh, error.en)),
            "header": header,
            "asks": asks(request.GET, header, {}),
        }
        return render(
            request, "office/import_preview.html", shared(request, actor, "import", **context), status=422
        )
    known = known_numbers(origin_of(reading, system))
    n_known = sum(order.number in known for order in reading.orders)
    columns = matched(reading.header, mapping_of(request.GET))
    context |= {
        "reading": reading, "n_known": n_known, "n_new": len(reading.orders) - n_known, "n_bad": len(reading.bad),
        "asks": asks(request.GET, reading.header, columns), "header": reading.header,
        "first": [(o, masked_phone(o.phone), masked_text(o.text)) for o in reading.orders[:SHOWN_ROWS]],
        "bad": reading.bad[:SHOWN_BAD],
    }  # fmt: skip
    return render(request, "office/import_preview.html", shared(request, actor, "import", **context))


def asks(
    asked: Mapping[str, str], header: list[str], columns: Mapping[str, int]
) -> list[tuple[str, str, str]]:
    """Each of our fields: name, label, the column that is taken for it."""
    return [
        (name, said(label), asked.get(f"map-{name}") or (header[columns[name]] if name in columns else ""))
        for name, label in FIELDS.items()
    ]


def header_of(error: DomainError) -> list[str]:
    """The file's columns, which the refusal names when number or words were not found."""
    told = error.zh.rsplit("文件的列:", 1)
    return told[1].split("、") if len(told) == 2 else []


# --- bringing in -------------------------------------------------------------------------------------------


@require_POST
@staff_only
def run(request: HttpRequest, actor: Actor, sha256: str) -> HttpResponseBase:
    """Bring in all usable rows. The page says how far it is while it works; stopped and begun again it doubles nothing."""
    refuse_others(actor)
    reading = read_content(content_of(sha256, user_of(actor)), mapping_of(request.POST))
    system = request.POST.get("system", "").strip()[:LONGEST_SYSTEM]
    page = render_to_string(
        "office/import_run.html",
        shared(request, actor, "import", n_orders=len(reading.orders), name=request.POST.get("name", "")), request,
    )  # fmt: skip
    before, _, after = page.partition(MARK)
    answer = StreamingHttpResponse(in_language(told(reading, actor, system, before, after)))
    answer["X-Accel-Buffering"] = "no"
    return answer


def in_language(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces are written after the view has returned; the reader's language stays."""
    with override(get_language()):
        yield from pieces


def told(reading: Reading, actor: Actor, system: str, before: str, after: str) -> Iterator[str]:
    """The page in pieces: how far it is after every 50 orders, then what became of all of them."""
    yield before
    total = BroughtIn(read=reading.n_read, bad=list(reading.bad))
    n_orders = len(reading.orders)
    for first in range(0, n_orders, CHUNK):
        part = bring_in(
            replace(reading, orders=reading.orders[first : first + CHUNK], bad=[]), actor=actor, system=system
        )
        total.new, total.known = total.new + part.new, total.known + part.known
        total.bad += part.bad
        n_done = min(first + CHUNK, n_orders)
        words = spoken(f"已处理 {n_done} / {n_orders} 条", f"{n_done} of {n_orders} done")
        yield format_html(
            '<p class="step"><progress max="{}" value="{}"></progress> {}</p>\n', n_orders, n_done, words
        )
    total.bad.sort(key=lambda row: row.row)
    context = {"total": total, "bad": total.bad[:SHOWN_BAD], "n_bad": len(total.bad)}
    yield render_to_string("office/import_done.html", context)
    yield after


@require_GET
@staff_only
def bad_rows(request: HttpRequest, actor: Actor, sha256: str) -> HttpResponseBase:
    """The unusable rows with their reasons, to be mended and imported again."""
    refuse_others(actor)
    reading = read_content(content_of(sha256, user_of(actor)), mapping_of(request.GET))
    columns = [spoken("行", "Row"), spoken("编号", "Number"), spoken("原因", "Reason"), "Reason"]
    rows = [(row.row, row.number, row.reason.zh, row.reason.en) for row in reading.bad]
    return csv_response(columns, rows, Maker(actor.name, actor.now()), name=spoken("不可用的行", "bad-rows"))


OUTCOME_COLUMNS = (
    ("original_number", "原编号", "Original number"), ("case_number", "案件编号", "Case"), ("state", "状态", "State"),
    ("category", "类别", "Category"), ("unit", "主办单位", "Unit"), ("area", "区域", "Area"), ("reported_at", "上报时间", "Reported"),
    ("closed_at", "办结时间", "Closed"), ("close_type", "结案类型", "Closed as"), ("reply", "答复", "Reply"),
    ("n_rework", "返工次数", "Reworks"),
)  # fmt: skip


@require_GET
@staff_only
def outcomes_file(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """How the orders of one origin ended, as XLSX keyed by the original number; only cases in the person's scope."""
    refuse_others(actor)
    check_export(actor)
    origin = request.GET.get("origin", "")
    numbers = numbers_from(actor, origin)
    if not numbers:
        raise NotFound("您的范围内没有这一批工单。", "No orders of this origin in your area.")
    rows = [[cell(row, name) for name, _, _ in OUTCOME_COLUMNS] for row in outcomes(origin, numbers)]
    disclosed(DisclosureKind.OUTCOMES, actor, asked=origin, n_rows=len(rows))
    columns = [spoken(zh, en) for _, zh, en in OUTCOME_COLUMNS]
    return xlsx_response(columns, rows, Maker(actor.name, actor.now()), name=spoken("办理结果", "outcomes"))


def cell(row: Mapping[str, Any], name: str) -> Any:
    """A value of an outcome as people read it; telephone numbers in replies are hidden."""
    value = row[name]
    if name == "state":
        return said(STATE_NAMES[State(value)])
    if name == "close_type" and value:
        return next(
            (spoken(one.name_zh, one.name_en or one.name_zh) for one in close_types() if one.code == value),
            value,
        )
    return masked_text(value) if name == "reply" else value
