"""Figures of a period and of now, by area, category and unit; as a page and as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from wangge.cases.queries.figures import sees_all_counted
from wangge.insight.indicators import COUNTED, NOW
from wangge.insight.periods import before, period_of
from wangge.insight.rows import levels_inside
from wangge.insight.scope import Whole, part
from wangge.kit.errors import Invalid
from wangge.kit.export import Maker, csv_response, xlsx_response
from wangge.kit.speech import spoken
from wangge.office.access import staff_only
from wangge.office.around import category_named
from wangge.office.choices import named
from wangge.office.figures import LEVELS, SHOWN, UNIT_SHOWN, columns, page, preferred_level, spans, table
from wangge.office.pages import address, shared
from wangge.territory.scope import Actor


@require_GET
@staff_only
def figures(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Totals beside those of the period before, indicators, what is open now; then by area, category and unit."""
    now = actor.now()
    period = period_of(request.GET.get("period", "7"), now)
    whole = part(actor, request.GET.get("area", ""))
    level, under = level_asked(request, whole), request.GET.get("under", "")
    area = whole.areas[0] if len(whole.areas) == 1 else None
    scope = {"area": area.code} if area is not None and whole.actor is None else {}
    query = {"period": period.key, **({"area": request.GET["area"]} if request.GET.get("area") else {})}
    context = shared(
        request, actor, "figures", period=period, previous=before(period), spans=spans(now, period),
        levels=[(key, LEVELS[key], key == level) for key in levels_inside(whole)], level=LEVELS.get(level), level_key=level,
        figures=page(whole, period, now, level=level, under=under), heads=[COUNTED[name] for name in SHOWN],
        unit_heads=[COUNTED[name] for name in UNIT_SHOWN], open_heads=list(NOW.values()),
        under=category_named(under), under_code=under, opens=sees_all_counted(actor), area=named(area) if area else None,
        is_part=bool(request.GET.get("area")), query=urlencode(query), spread=urlencode(scope),
        area_query=urlencode({"area": request.GET.get("area", "")}), here=address(request),
    )  # fmt: skip
    return render(request, "office/figures.html", context)


def level_asked(request: HttpRequest, whole: Whole) -> str:
    level = request.GET.get("by") or preferred_level(whole)
    if level and level not in levels_inside(whole):
        raise Invalid("by", "请从页面上的层级中选择。", "Choose one of the levels on the page.")
    return level


@require_GET
@staff_only
def export(request: HttpRequest, actor: Actor, kind: str) -> HttpResponseBase:
    """One division of the figures as a file with who made it and when; numbers only."""
    by = request.GET.get("of", "area")
    if by not in ("area", "category", "unit") or kind not in ("xlsx", "csv"):
        raise Invalid("of", "请导出按区域、类别或单位的统计。", "Export figures by area, category or unit.")
    period = period_of(request.GET.get("period", "7"), actor.now())
    whole = part(actor, request.GET.get("area", ""))
    rows = list(table(whole, period, by, level_asked(request, whole)))
    days = f"{period.first_on} – {period.last_on}"
    maker = Maker(actor.name, actor.now(), spoken(f"统计 {days}", f"figures {days}"))
    respond = xlsx_response if kind == "xlsx" else csv_response
    return respond(
        columns(), rows, maker, name=f"{spoken('统计', 'figures')}-{period.first_on}-{period.last_on}"
    )
