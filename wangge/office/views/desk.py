"""The desk: what waits for me, and all cases I may see; soonest deadline first. Exports of the same list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_GET, require_POST

from wangge.accounts.models import User
from wangge.cases.queries import Line, case_id_seen
from wangge.kit.errors import Invalid, NotFound
from wangge.kit.export import Maker, Row, csv_response, xlsx_response
from wangge.kit.paging import LARGEST_SIZE
from wangge.kit.speech import said, spoken
from wangge.office import choices
from wangge.office.access import ON_FOOT, staff_only
from wangge.office.forms.filters import FilterForm
from wangge.office.limits import check_export
from wangge.office.lists import (
    COUNTED_TO,
    Wanted,
    counted,
    lines_of_ids,
    lines_page,
    may_ask_by_phone,
    ordered_ids,
    waits,
)
from wangge.office.models import DisclosureKind, disclosed
from wangge.office.pages import address, shared
from wangge.registry.masking import masked_phone, masked_text
from wangge.territory.scope import Actor, actor_for

MOST_EXPORTED = 5000
EXPORT_CHUNK = 500
LONGEST_PHONE = 30
NUMBER = re.compile(r"\d{9}-\d{8}-[0-9A-Z]{6}")
FIELD, ADMINISTRATION = "/field/", "/admin/"


@require_GET
def desk(request: HttpRequest) -> HttpResponseBase:
    """Where everybody on the staff arrives; administrators, who hold no posts, go on to the administration."""
    user = request.user
    if isinstance(user, User) and user.admin_role and not actor_for(user).grants:
        return HttpResponseRedirect(ADMINISTRATION)
    return own_desk(request)


@staff_only
def own_desk(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What waits for me. People on foot go on to the phone's page when they come without an aim."""
    if not request.GET and actor.roles <= ON_FOOT and exists(FIELD):
        return HttpResponseRedirect(FIELD)
    return list_page(request, actor, request.GET.get("wait", ""))


@require_GET
@staff_only
def all_cases(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """All cases that this person may see; a whole number in the search box opens its case."""
    typed = request.GET.get("q", "").strip().upper()
    if NUMBER.fullmatch(typed) and len(request.GET) == 1:
        with suppress(NotFound):
            case_id_seen(actor, typed)
            return HttpResponseRedirect(reverse("office_case", args=[typed]))
    return list_page(request, actor, None)


def list_page(request: HttpRequest, actor: Actor, waiting: str | None) -> HttpResponseBase:
    """A list with its filters and counts."""
    form = FilterForm(actor, request.GET)
    return shown(request, actor, form, form.wanted(actor, waiting, request.GET))


@require_POST
@staff_only
def by_phone(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The cases of one telephone number. Sent as a form, so that the number stands in no address; written down, found or not."""
    phone = "".join(
        letter
        for letter in request.POST.get("phone", "")[:LONGEST_PHONE]
        if letter.isdigit() or letter == "+"
    )
    form = FilterForm(actor, request.GET)
    form.is_valid()
    if not phone:
        return HttpResponseRedirect(reverse("office_cases"))
    wanted = Wanted(phone=phone)
    answer = shown(request, actor, form, wanted, size=LARGEST_SIZE)
    disclosed(DisclosureKind.PHONE_SEARCH, actor, asked=masked_phone(phone), n_rows=counted(actor, wanted))
    return answer


def shown(
    request: HttpRequest, actor: Actor, form: FilterForm, wanted: Wanted, size: int | None = None
) -> HttpResponseBase:
    """The page of a list."""
    waiting = wanted.waiting
    found = lines_page(actor, wanted, request.GET.get("after", ""), size)
    waiting_now = waits(actor)
    n_rows = known_count(wanted, waiting_now, request) or counted(actor, wanted)
    context: dict[str, Any] = {
        "form": form, "lines": found.items, "waits": waiting_now, "n_waiting": n_of(waiting_now, ""), "waiting": waiting,
        "n_rows": n_rows, "is_more": n_rows > COUNTED_TO, "most_counted": COUNTED_TO,
        "newer_url": address(request, after=None) if request.GET.get("after") else "",
        "older_url": address(request, after=found.next_cursor) if found.next_cursor else "",
        "export_query": address(request, after=None), "is_narrowed": is_narrowed(request),
        "title": title_of(wanted, waiting_now), "asked": wanted.text,
        "by_phone": bool(wanted.phone), "may_ask_by_phone": may_ask_by_phone(actor),
        "datalists": {
            "categories": choices.categories(), "units": choices.units(), "areas": choices.areas(actor, with_deepest=False)
        },
    }  # fmt: skip
    return render(
        request,
        "office/desk.html",
        shared(request, actor, "desk" if waiting is not None else "cases", **context),
    )


def known_count(wanted: Wanted, waiting_now: list[Any], request: HttpRequest) -> int:
    """The count of a list that is not narrowed further stands beside its name already."""
    if wanted.waiting and not is_narrowed(request):
        return n_of(waiting_now, wanted.waiting)
    return 0


def n_of(waiting_now: list[Any], key: str) -> int:
    return sum(wait.n for wait in waiting_now if not key or wait.key == key)


def is_narrowed(request: HttpRequest) -> bool:
    """Whether any filter is set (the order and the page are none)."""
    return any(value for name, value in request.GET.items() if name not in ("wait", "after", "sort"))


def title_of(wanted: Wanted, waiting_now: list[Any]) -> str:
    if wanted.phone:
        return spoken(f"电话 {masked_phone(wanted.phone)} 的案件", f"Cases of {masked_phone(wanted.phone)}")
    if wanted.waiting is None:
        return spoken("案件", "Cases")
    named = [said(wait.name) for wait in waiting_now if wait.key == wanted.waiting]
    return named[0] if named else spoken("我的待办", "Waiting for me")


def exists(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


# --- news and exports --------------------------------------------------------------------------------------


@require_GET
@staff_only
def news(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """How many wait now: asked by the page now and then, which says so and waits to be told."""
    return JsonResponse({"waiting": {wait.key: wait.n for wait in waits(actor)}})


COLUMNS = (
    ("案件编号", "Number"), ("标题", "Title"), ("状态", "State"), ("类别", "Category"), ("区域", "Area"), ("地址", "Address"),
    ("主办单位", "Lead unit"), ("来源", "Channel"), ("原编号", "Original number"), ("上报时间", "Reported"),
    ("时限", "Due"), ("剩余", "Left"), ("返工次数", "Reworks"),
)  # fmt: skip


@require_GET
@staff_only
def export(request: HttpRequest, actor: Actor, kind: str) -> HttpResponseBase:
    """The present list as a file with who made it and when; without restricted cases and without any reporter."""
    check_export(actor)
    waiting = request.GET.get("wait") if "wait" in request.GET else None
    wanted = FilterForm(actor, request.GET).wanted(actor, waiting, request.GET)
    maker = Maker(actor.name, actor.now(), spoken("案件清单", "list of cases"))
    columns = [spoken(zh, en) for zh, en in COLUMNS]
    rows = [row_of(line) for line in exported(actor, wanted)]
    is_xlsx = kind == "xlsx"
    disclosed(
        DisclosureKind.EXPORT_XLSX if is_xlsx else DisclosureKind.EXPORT_CSV, actor, asked=masked_text(unquote(request.GET.urlencode())),
        n_rows=len(rows),
    )  # fmt: skip
    name = f"{spoken('案件清单', 'cases')}-{actor.now():%Y%m%d}"
    return (xlsx_response if is_xlsx else csv_response)(columns, rows, maker, name=name)


def exported(actor: Actor, wanted: Wanted) -> Iterator[Line]:
    """The lines of the whole list in its order, at most 5,000; restricted cases are left out."""
    ids = ordered_ids(actor, wanted, MOST_EXPORTED + 1)
    if len(ids) > MOST_EXPORTED:
        raise Invalid(
            "rows",
            f"超过 {MOST_EXPORTED} 条,不能一次导出。请先用条件缩小范围。",
            f"More than {MOST_EXPORTED} rows cannot be exported at once. Narrow the list first.",
        )
    for first in range(0, len(ids), EXPORT_CHUNK):
        yield from lines_of_ids(actor, ids[first : first + EXPORT_CHUNK])


def row_of(line: Line) -> Row:
    """One case as a row; the address may hold a house number, never a person."""
    deadline = line.deadline
    return (
        line.number, line.title, said(line.state.name), said(line.category.name) if line.category else "",
        said(line.area.way) if line.area else "", masked_text(line.address), said(line.unit.name) if line.unit else "",
        said(line.channel.name), line.origin_number, line.reported_at, deadline.due_at if deadline else None,
        said(deadline.left) if deadline else "", line.n_rework,
    )  # fmt: skip
