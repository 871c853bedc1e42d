"""Figures of today, seven or thirty days."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from wangge.cases.queries.figures import sees_all_counted
from wangge.kit.errors import Invalid
from wangge.office.access import staff_only
from wangge.office.around import category_named
from wangge.office.figures import LEVELS, before, by_area, by_category, cells, levels_of, totals
from wangge.office.pages import address, shared
from wangge.office.periods import FIGURES, SPANS, period_of
from wangge.territory.models import AreaLevel
from wangge.territory.scope import Actor


@require_GET
@staff_only
def figures(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Totals beside those of the period before, then by area and by category."""
    period = period_of(request.GET.get("period", "7"), actor.now())
    levels = levels_of(actor)
    preferred = AreaLevel.COMMUNITY if AreaLevel.COMMUNITY in levels else levels[0] if levels else ""
    level = request.GET.get("by", preferred)
    if level and level not in levels:
        raise Invalid("by", "请从页面上的层级中选择。", "Choose one of the levels on the page.")
    under = request.GET.get("under", "")
    now, earlier = totals(actor, period), totals(actor, before(period))
    context = shared(
        request, actor, "figures", period=period, previous=before(period),
        spans=[(key, name, key == period.key) for key, (name, _) in SPANS.items()],
        levels=[(key, LEVELS[key], key == level) for key in levels], level=LEVELS.get(level),
        totals=[(cell, FIGURES[cell.figure], earlier[cell.figure]) for cell in cells(now)],
        heads=[FIGURES[cell.figure] for cell in cells(now)],
        areas=by_area(actor, period, level) if level else [], categories=by_category(actor, period, under),
        under=category_named(under),
        opens=sees_all_counted(actor), query=urlencode({"period": period.key}), here=address(request),
    )  # fmt: skip
    return render(request, "office/figures.html", context)
