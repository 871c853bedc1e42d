"""The pages by which administrators set up a place; mounted inside the administration."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from wangge.accounts.admin_site import site
from wangge.accounts.models import ADMIN_ROLE_NAMES, AdminRole, User
from wangge.catalog.imports import keep_file, kept_file, try_file
from wangge.catalog.kinds import EXCHANGES
from wangge.catalog.missing import what_is_missing
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError, Forbidden
from wangge.kit.export import XLSX_MIME
from wangge.kit.speech import said, spoken, spoken_later
from wangge.territory.exchange.columns import Exchange
from wangge.territory.exchange.reading import MOST_BYTES
from wangge.territory.exchange.writing import exported, exported_csv, template

Given = ParamSpec("Given")
Page = Callable[Concatenate[HttpRequest, Given], HttpResponse]


def owner_of(kind: str) -> AdminRole:
    """Whose table it is: who may act is the security administrator's, everything else the system administrator's."""
    return AdminRole.SECURITY if kind == "staff" else AdminRole.SYSTEM


def only_its_owner(page: Page[Given]) -> Page[Given]:
    """The administrator whose kind of table it is (either of the two where there is none); others get 403."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
        kind = str(kwargs.get("kind", ""))
        wanted = [owner_of(kind)] if kind else [AdminRole.SYSTEM, AdminRole.SECURITY]
        if not isinstance(request.user, User) or request.user.admin_role not in wanted:
            names = [ADMIN_ROLE_NAMES[role] for role in wanted]
            raise Forbidden(
                f"此页只供{'、'.join(name.zh for name in names)}使用。请用该账号登录。",
                f"This page is for the {' or '.join(name.en for name in names)}. Sign in as that.",
            )
        return page(request, *args, **kwargs)

    return guarded


class SendForm(forms.Form):
    file = forms.FileField(label=spoken_later("表格(XLSX 或 CSV)", "Table (XLSX or CSV)"))
    map_file = forms.FileField(
        label=spoken_later("边界文件(GeoJSON)", "Boundaries (GeoJSON)"), required=False
    )

    def __init__(self, *args: Any, has_map: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_map:
            del self.fields["map_file"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in self.fields:
            if values.get(name) and values[name].size > MOST_BYTES:
                text = spoken(
                    f"超过 {MOST_BYTES >> 20} MB。请分成几个文件。", f"Over {MOST_BYTES >> 20} MB. Divide it."
                )
                self.add_error(name, text)
        return values


@require_GET
@only_its_owner
def overview(request: HttpRequest) -> HttpResponse:
    """What is still missing, and one row for each kind of table that is this administrator's."""
    role = administrator(request).admin_role
    mine = [name for name in EXCHANGES if owner_of(name) == role]
    kinds = [{"name": name, "title": said(exchange_of(name).title)} for name in mine]
    return page(
        request,
        "overview",
        title=spoken("建立城镇", "Set up"),
        missing=what_is_missing(REAL_CLOCK.now()),
        kinds=kinds,
        mine=mine,
    )


@require_GET
@only_its_owner
def template_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty table of a kind."""
    exchange = exchange_of(kind)
    return download(template(exchange), f"{exchange.title.zh}-模板 {kind}-template.xlsx")


@require_GET
@only_its_owner
def export_file(request: HttpRequest, kind: str) -> HttpResponse:
    """Everything of a kind, to be edited and imported again."""
    exchange = exchange_of(kind)
    if request.GET.get("as") == "csv":
        return download(exported_csv(exchange), f"{kind}.csv", "text/csv; charset=utf-8")
    return download(exported(exchange), f"{kind}.xlsx")


@require_GET
@only_its_owner
def boundaries_file(request: HttpRequest) -> HttpResponse:
    """All boundaries as GeoJSON."""
    shapes = exchange_of("areas").export_map() or {"type": "FeatureCollection", "features": []}
    return download(json.dumps(shapes, ensure_ascii=False).encode(), "areas.geojson", "application/geo+json")


@require_http_methods(["GET", "POST"])
@only_its_owner
def send(request: HttpRequest, kind: str) -> HttpResponse:
    """Send a table; it is kept and previewed, nothing is written yet."""
    exchange = exchange_of(kind)
    form = SendForm(request.POST or None, request.FILES or None, has_map=kind == "areas")
    if request.method == "POST" and form.is_valid():
        sent, shapes = form.cleaned_data["file"], form.cleaned_data.get("map_file")
        kept = keep_file(
            kind,
            sent.name,
            sent.read(),
            user=administrator(request),
            at=REAL_CLOCK.now(),
            map_content=shapes.read() if shapes else None,
        )
        return redirect("setup:preview", kind, kept.pk)
    title = spoken(f"导入{exchange.title.zh}", f"Import {exchange.title.en.lower()}")
    return page(request, "send", title=title, form=form, kind=kind, exchange=exchange)


@require_http_methods(["GET", "POST"])
@only_its_owner
def preview(request: HttpRequest, kind: str, file_id: int) -> HttpResponse:
    """What would come of it, with every problem; the button does it."""
    exchange = exchange_of(kind)
    file = kept_file(kind, file_id, administrator(request))
    try:
        report = try_file(file, at=REAL_CLOCK.now(), is_dry_run=request.method != "POST")
    except DomainError as error:
        messages.error(request, spoken(error.zh, error.en))
        return redirect("setup:import", kind)
    if report.is_done:
        text = spoken(
            f"{exchange.title.zh}已导入:新增 {report.n_new},修改 {report.n_changed},不变 {report.n_same}。",
            f"{exchange.title.en} imported: {report.n_new} new, {report.n_changed} changed, {report.n_same} the same.",
        )
        messages.success(request, text)
        return redirect("setup:overview")
    title = spoken(f"预览:{exchange.title.zh}", f"Preview: {exchange.title.en.lower()}")
    headings = {column.name: spoken(column.zh, column.en) for column in exchange.columns}
    problems = [(problem, headings.get(problem.column, problem.column)) for problem in report.problems]
    return page(request, "preview", title=title, report=report, problems=problems, kind=kind, file=file)


def exchange_of(kind: str) -> Exchange:
    if kind not in EXCHANGES:
        raise Http404(kind)
    return EXCHANGES[kind]()


def administrator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def page(request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    answer = TemplateResponse(request, f"catalog/{name}.html", site.each_context(request) | context)
    answer["Cache-Control"] = "no-store"
    return answer


def download(content: bytes, name: str, kind: str = XLSX_MIME) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Cache-Control"] = "no-store"
    return answer
