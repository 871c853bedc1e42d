"""Figures for programs: open cases now, counts and indicators of a period, each with the list behind it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from ninja import Query, Router

from wangge.insight.indicators import INDICATORS, Counts
from wangge.insight.periods import period_of
from wangge.insight.queries import PERIOD_MEASURES, totals
from wangge.insight.rows import FigureRow, next_level, open_rows, rows_by_area, rows_by_category, rows_by_unit
from wangge.insight.schemas import OpenIn, OpenOut, PeriodIn, PeriodOut
from wangge.insight.scope import part
from wangge.kit.answers import answer
from wangge.kit.words import Text
from wangge.territory.scope import Actor

router = Router(tags=["统计 Figures"])


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


@router.get("/open", response=OpenOut, operation_id="figures_open", summary="在办统计 · Open cases, counted")
def figures_open(request: HttpRequest, given: Query[OpenIn]) -> HttpResponse:
    """您的区域内在办和超时的案件数,十几秒内随办理更新;限定案件不计入。

    Open and overdue cases of your areas, seconds behind the work; restricted cases are in no figure. `cases` lists them.
    """
    actor = actor_of(request)
    whole = part(actor, given.area)
    rows = sorted(open_rows(whole, actor.now(), given.by), key=lambda row: -row.counts["open"])
    sums = {name: sum(row.counts[name] for row in rows) for name in ("open", "overdue")}
    return answer(OpenOut, {**sums, "items": [open_row(row, given) for row in rows]})


def open_row(row: FigureRow, given: OpenIn) -> dict[str, object]:
    asked = {"open": "true", "area": given.area, given.by: row.code}
    return {
        "code": row.code, "name": row.name, "open": row.counts["open"], "overdue": row.counts["overdue"],
        "cases": "/api/cases?" + urlencode({name: value for name, value in asked.items() if value}),
    }  # fmt: skip


@router.get(
    "/period", response=PeriodOut, operation_id="figures_period", summary="时段统计 · Figures of a period"
)
def figures_period(request: HttpRequest, given: Query[PeriodIn]) -> HttpResponse:
    """一个时段的收到、处置、结案数和各项指标,可按区域、类别、单位分;不足 5 件不算百分比。

    Counts and indicators of a period, divided by area, category or leading unit; no percentage of fewer than five.
    """
    actor = actor_of(request)
    whole, period = part(actor, given.area), period_of(given.period, actor.now())
    if given.by == "category":
        rows = rows_by_category(whole, period)
    elif given.by == "unit":
        rows = rows_by_unit(whole, period)
    elif given.by == "area":
        rows = rows_by_area(whole, period, next_level(whole))
    else:
        rows = [FigureRow(given.area, Text("合计", "Total"), totals(whole, period))]
    told = {
        "first_on": period.first_on.isoformat(), "last_on": period.last_on.isoformat(),
        "items": [period_row(row) for row in rows], "indicators": list(INDICATORS.values()),
    }  # fmt: skip
    return answer(PeriodOut, told)


def period_row(row: FigureRow) -> dict[str, object]:
    shown: Counts = {name: row.counts[name] for name in PERIOD_MEASURES}
    shares = {code: one.of(row.counts) for code, one in INDICATORS.items()}
    return {"code": row.code, "name": row.name, "counts": shown, "indicators": shares}
