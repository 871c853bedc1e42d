"""Reporting a case, and reading cases."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from wangge.cases.actions import Reported, report
from wangge.cases.actions.desk import one_desk
from wangge.cases.actions.reveal import reveal
from wangge.cases.api.public import REPORTS, caller_of, kept, limited
from wangge.cases.models import Case
from wangge.cases.move import CaseRef, Seen
from wangge.cases.queries import (
    Filters,
    case_id_of,
    case_id_seen,
    case_list,
    case_seen,
    case_view,
    lines_of,
    view_of,
    waiting_for,
    waiting_list,
)
from wangge.cases.queries.names import Coded, category_named, units_by_id
from wangge.cases.routing import proposals
from wangge.cases.schemas import (
    PUBLIC_FIELDS,
    CaseOut,
    FilterIn,
    LineOut,
    LinesOut,
    OneDeskBody,
    ProposalList,
    ReportBody,
    ReportedOut,
    RevealBody,
    RevealedOut,
    SuggestionList,
    WaitingList,
    whole_written,
)
from wangge.catalog.keywords import decide
from wangge.catalog.queries import category
from wangge.kit.answers import answer, answer_as_it_is, body_of, once
from wangge.kit.errors import Forbidden, Invalid
from wangge.territory.scope import Actor

router = Router(tags=["案件 Cases"])
desk = Router(tags=["案件 Cases"])
N_SUGGESTIONS = 5
WHOLE = "return=representation"
LINE_FIELDS = tuple(LineOut.model_fields)
ANYONE: dict[str, Any] = {"security": [{"MachineToken": []}, {"Session": []}, {}]}


def json_body(schema: Any) -> dict[str, Any]:
    """The request body for the OpenAPI document; it is read by ``body_of`` with this same schema."""
    shape = schema.model_json_schema(ref_template="#/components/schemas/{model}")
    return {
        "requestBody": {
            "content": {"application/json": {"schema": shape}},
            "required": bool(shape.get("required")),
        }
    }


def actor_of(request: HttpRequest) -> Actor:
    """Who was let in."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


# --- reporting ---------------------------------------------------------------------------------------------


@router.post(
    "", auth=None, response={201: ReportedOut}, operation_id="report_case", summary="上报 · Report",
    openapi_extra={**json_body(ReportBody), **ANYONE},
)  # fmt: skip
def report_case(request: HttpRequest) -> HttpResponse:
    """上报一件事。居民无需登录;职员和机器用令牌或会话。The way in for everybody; the code is shown only in this answer.

    Position (`lon`, `lat` in `datum`) or `address` must be given. Anonymous people are limited per visit (cookie) and
    per network.
    """
    actor = caller_of(request)
    if actor.user_id is None:
        limited(request, REPORTS)
    body = body_of(request, ReportBody)
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if actor.user_id is None:
        refuse_staff_fields(set(given))
    return once(request, actor.caller, lambda: kept(reported(report(actor=actor, **given)), actor))


def refuse_staff_fields(given: set[str]) -> None:
    """Anonymous people cannot choose the channel, claim an outside number or raise the urgency."""
    if too_much := sorted(given - PUBLIC_FIELDS):
        raise Forbidden(
            f"这些内容须由工作人员填写:{'、'.join(too_much)}。",
            f"Only staff may give: {', '.join(too_much)}.",
            code="staff_only_fields",
            fields=too_much,
        )


def reported(made: Reported) -> HttpResponse:
    case = made.case
    response = answer(
        ReportedOut,
        {
            "number": case.number, "code": made.code or None, "state": case.state, "due_at": case.due_at,
            "follow": f"/api/follow/{made.code}" if made.code else None, "area": case.area.code if case.area else None,
        },
        201,
    )  # fmt: skip
    response["Location"] = f"/api/cases/{case.number}"
    return response


# --- reading -----------------------------------------------------------------------------------------------


@router.get("", response=LinesOut, operation_id="list_cases", summary="案件列表 · List cases")
def list_cases(request: HttpRequest, given: Query[FilterIn]) -> HttpResponse:
    """您有权看到的案件,最新的在前;`mine=waiting` 时为等您办理的,期限最近的在前。

    Cases that you may see, newest first; with `mine=waiting` those that wait for you, soonest deadline first.
    """
    actor = actor_of(request)
    if given.mine or given.waiting:
        found = waiting_list(actor, given.waiting, given.after, given.size)
    else:
        filters = Filters(
            tuple(given.state), given.open, given.category, given.area, given.unit, given.light, given.channel, given.kind,
            given.q, given.origin_number, given.since, given.until,
        )  # fmt: skip
        found = case_list(actor, filters, given.after, given.size)
    items = [{name: getattr(line, name) for name in LINE_FIELDS} for line in found.items]
    return answer_as_it_is(LinesOut, {"items": items, "next": found.next_cursor})


@desk.get(
    "/waiting", response=WaitingList, operation_id="list_waiting", summary="待办统计 · What waits for me"
)
def waiting(request: HttpRequest) -> HttpResponse:
    """等您办理的案件数,按事项分。How many cases wait for you, by what they wait for."""
    rows = waiting_for(actor_of(request))
    return answer(WaitingList, {"items": rows, "n": sum(row.n for row in rows)})


@router.get("/{number}", response=CaseOut, operation_id="get_case", summary="案件详情 · One case")
def get_case(request: HttpRequest, number: str) -> HttpResponse:
    """案件全貌:诉求人脱敏、经过、附件、时限、现在能办的和不能办的原因。

    Everything a page needs: masked reporter, timeline, evidence, deadlines, what may be done now and why not the rest.
    """
    return answer_as_it_is(CaseOut, whole_written(case_view(actor_of(request), number)))


@router.get(
    "/{number}/proposals",
    response=ProposalList,
    operation_id="propose_units",
    summary="派遣建议 · Proposed units",
)
def propose_units(request: HttpRequest, number: str) -> HttpResponse:
    """按责任清单、专属网格、专业网格员和所在地建议承办单位,并说明理由。Units that routing proposes, with the reason."""
    found = proposals(case_seen(actor_of(request), number))
    units = units_by_id(one.unit_id for one in found)
    items = [
        {"unit": units[one.unit_id], "reason": one.reason, "assist_codes": list(one.assist_codes)}
        for one in found
    ]
    return answer(ProposalList, {"items": items})


@router.get(
    "/{number}/suggestions",
    response=SuggestionList,
    operation_id="suggest_categories",
    summary="类别建议 · Suggested categories",
)
def suggest_categories(request: HttpRequest, number: str) -> HttpResponse:
    """按文字中的关键词建议五个最可能的类别。The five categories that the words speak for, best first."""
    case = case_seen(actor_of(request), number)
    found = decide(case.text, n=N_SUGGESTIONS, title=case.title)
    items = [
        {
            "category": category_named(category(guess.category_id)) or Coded(guess.code, None), "score": guess.score,  # type: ignore[arg-type]
            "words": list(guess.words), "is_decided": guess == found.decided,
        }
        for guess in found.best
    ]  # fmt: skip
    return answer(SuggestionList, {"items": items})


# --- not a verb of the table, but done on a case -----------------------------------------------------------


@router.post(
    "/{number}/one_desk", response=LineOut, operation_id="one_desk", summary="一次办理 · One desk",
    openapi_extra=json_body(OneDeskBody),
)  # fmt: skip
def do_one_desk(request: HttpRequest, number: str) -> HttpResponse:
    """受理、立案、派遣一次提交,记三笔。Accept, docket and dispatch in one submission; three entries in the ledger."""
    actor, body = actor_of(request), body_of(request, OneDeskBody)
    ref = ref_of(request, case_id_of(number), body.n_entries)
    given = body.model_dump(exclude={"n_entries"})
    return once(request, actor.caller, lambda: case_after(request, one_desk(ref, actor=actor, **given)))


def case_after(request: HttpRequest, case: Case) -> HttpResponse:
    """The case after a verb, also when the verb took it out of the actor's sight: the line of it that a list shows.

    ``Prefer: return=representation`` asks for the whole case (RFC 7240).
    """
    actor = actor_of(request)
    if WHOLE not in request.headers.get("Prefer", ""):
        return answer_as_it_is(LineOut, vars(lines_of([case], actor.now())[0]))
    response = answer_as_it_is(CaseOut, whole_written(view_of(actor, case)))
    response["Preference-Applied"] = WHOLE
    return response


@router.post(
    "/{number}/reveal", response=RevealedOut, operation_id="reveal_reporter", summary="查看诉求人 · Reveal the reporter",
    openapi_extra=json_body(RevealBody),
)  # fmt: skip
def reveal_reporter(request: HttpRequest, number: str) -> HttpResponse:
    """查看诉求人姓名和电话;须写明用途并留下记录。The reporter's name and number; the look is recorded with its purpose."""
    actor, body = actor_of(request), body_of(request, RevealBody)
    case_id = case_id_seen(actor, number)
    return answer(RevealedOut, reveal(case_id, actor=actor, purpose=body.purpose, reporter_id=body.reporter))


def ref_of(request: HttpRequest, case_id: int, n_entries: int | None) -> CaseRef:
    """The case as the caller saw it: the header ``If-Match: "12"`` or ``n_entries`` in the body; else as it is now."""
    seen = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if seen and seen != "*":
        if not seen.isascii() or not seen.isdigit():
            raise Invalid(
                "If-Match",
                "If-Match 应为您看到的 n_entries。",
                "If-Match must be the n_entries that you saw.",
            )
        return Seen(case_id, int(seen))
    return Seen(case_id, n_entries) if n_entries is not None else case_id
