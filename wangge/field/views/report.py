"""上报: camera, place, category; three taps. Without a script each tap is one form."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from wangge.cases.actions import report as report_case
from wangge.cases.actions.intake import self_close
from wangge.field import categories, places
from wangge.field.access import page, phone_page
from wangge.field.drafts import Draft, Sent, drop_draft, keep_draft, keep_sent, read_draft, read_sent
from wangge.field.forms import ResidentForm, WhatForm
from wangge.field.uploads import still_mine, take
from wangge.kit.errors import DomainError
from wangge.kit.form_once import OTHER_BODY, once
from wangge.kit.idempotency import FORM_FIELD
from wangge.kit.speech import said, spoken
from wangge.territory.scope import Actor

WHAT, WHERE, WHICH, RESULT = (
    "field_report",
    "field_report_where",
    "field_report_category",
    "field_report_result",
)
FARTHEST_DECIMALS = 7
ALREADY_SENT = "already_sent"


@phone_page("GET", "POST")
def what(request: HttpRequest, actor: Actor) -> HttpResponse:
    """First tap: the photo; or words. On behalf of a resident when wished."""
    draft = read_draft(request)
    form, resident = WhatForm(initial={"text": draft.text}), ResidentForm(initial=resident_of(draft))
    problems: list[str] = []
    if request.method == "POST":
        form, resident = WhatForm(request.POST), ResidentForm(request.POST)
        draft.files, problems = take(request, actor, still_mine(actor, draft.files), "camera", "photos")
        draft.text = request.POST.get("text", "")[: form.fields["text"].max_length]  # type: ignore[attr-defined]
        keep_resident(draft, request)
        is_sound = form.is_valid() and (resident.is_valid() or not draft.for_resident)
        if is_sound and not draft.has_said_what and not problems:
            problems.append(spoken("请拍一张照片,或写几个字。", "Take a photo or write a few words."))
        keep_draft(request, draft)
        if request.POST.get("stay") or not is_sound or problems:
            return answer_what(request, draft, form, resident, problems)
        return redirect(
            WHICH if draft.has_said_where and "category" in request.POST.get("back", "") else WHERE
        )
    draft.files = still_mine(actor, draft.files)
    return answer_what(request, draft, form, resident, problems)


def answer_what(
    request: HttpRequest, draft: Draft, form: WhatForm, resident: ResidentForm, problems: list[str]
) -> HttpResponse:
    context = {
        "tab": "report", "draft": draft, "form": form, "resident": resident, "problems": problems, "step": 1,
        "back": request.GET.get("back", request.POST.get("back", "")),
    }  # fmt: skip
    return page(request, "report_what", context, 422 if problems or form.errors or resident.errors else 200)


def resident_of(draft: Draft) -> dict[str, Any]:
    return {
        "for_resident": draft.for_resident,
        "name": draft.name,
        "phone": draft.phone,
        "may_show": draft.may_show,
    }


def keep_resident(draft: Draft, request: HttpRequest) -> None:
    """The resident behind the report as typed, right or wrong: nothing typed is lost."""
    draft.for_resident = "for_resident" in request.POST
    draft.name, draft.phone = request.POST.get("name", "")[:60], request.POST.get("phone", "")[:40]
    draft.may_show = "may_show" in request.POST


@phone_page("GET", "POST")
def where(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Second tap: the place by GPS; or a building of the own grids; or written down."""
    draft = read_draft(request)
    if not draft.has_said_what:
        return redirect(WHAT)
    words, problem = request.GET.get("q", ""), ""
    if request.method == "POST":
        words = request.POST.get("q", "")
        problem = place_said(request, actor, draft)
        keep_draft(request, draft)
        if not problem and not words:
            return redirect(WHICH)
    context = {
        "tab": "report", "draft": draft, "step": 2, "problem": problem, "q": words, "houses": places.houses(actor, words),
        "areas": [(area, places.named(area)) for area in places.own_areas(actor)],
        "spot": places.spot_of(draft, actor) if draft.has_said_where else None,
    }  # fmt: skip
    return page(request, "report_where", context, 422 if problem else 200)


def place_said(request: HttpRequest, actor: Actor, draft: Draft) -> str:
    """Write the place that was chosen into the draft; what is wrong in words, empty when it is good."""
    said_how = request.POST.get("how", "")
    if said_how == "gps":
        return gps_said(request, draft)
    if building := request.POST.get("building"):
        house = places.house(actor, building)
        if house is None:
            return spoken("没有找到这栋楼,请重新选择。", "That building was not found; choose again.")
        draft.set_place(lon=house.lon, lat=house.lat, source="address", address=house.name or house.address)
        return ""
    if request.POST.get("q"):
        return ""
    address = request.POST.get("address", "").strip()[:200]
    codes = [area.code for area in places.own_areas(actor)]
    area = request.POST.get("area", "")
    draft.set_place(address=address, area=area if area in codes else (codes[0] if codes else ""))
    return "" if address else spoken("请写明地点,或选一栋楼。", "Write where it is, or choose a building.")


def gps_said(request: HttpRequest, draft: Draft) -> str:
    try:
        lon, lat = float(request.POST["lon"]), float(request.POST["lat"])
    except (KeyError, ValueError):
        return spoken(
            "手机没有给出位置,请写地址或选一栋楼。",
            "The phone gave no position; write the address or choose a building.",
        )
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return spoken(
            "这个位置不对,请写地址或选一栋楼。", "That is no place on earth; write the address instead."
        )
    accuracy = request.POST.get("accuracy_m", "")
    metres = float(accuracy) if accuracy.replace(".", "", 1).isdigit() else None
    draft.set_place(
        lon=round(lon, FARTHEST_DECIMALS), lat=round(lat, FARTHEST_DECIMALS), accuracy_m=metres, source="gps",
        address=request.POST.get("address", "").strip()[:200],
    )  # fmt: skip
    return ""


@phone_page("GET", "POST")
def which(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Third tap: the category, and with it the report is sent (or first the result, when it is solved already)."""
    draft = read_draft(request)
    if request.method == "POST" and request.POST.get("category"):
        if request.POST.get("solved") == "yes" and draft.key == request.POST.get(FORM_FIELD):
            draft.is_solved, draft.category = True, request.POST["category"][:40]
            keep_draft(request, draft)
            chosen = categories.named(draft.category)
            if chosen is not None and not chosen.may_self_close:
                return answer_which(request, actor, draft, problem=not_closable(said(chosen.name)))
            return redirect(RESULT)
        return sent(request, actor, WHICH)
    if not draft.has_said_what or not draft.has_said_where:
        return redirect(WHERE if draft.has_said_what else WHAT)
    words = request.POST.get("q", "") if request.method == "POST" else ""
    if request.method == "POST":
        draft.is_solved = request.POST.get("solved") == "yes"
        keep_draft(request, draft)
    return answer_which(request, actor, draft, words)


def not_closable(name: str) -> str:
    return spoken(
        f"“{name}”不能自办自结。请选别的类别,或选“还没解决”后上报。",
        f"“{name}” cannot be closed in the grid. Choose another category, or “Not yet” and report it.",
    )


def answer_which(
    request: HttpRequest, actor: Actor, draft: Draft, words: str = "", problem: str = "", status: int = 422
) -> HttpResponse:
    context = {
        "tab": "report", "draft": draft, "step": 3, "q": words, "found": categories.found(words), "problem": problem,
        "offered": categories.offered(actor, draft.text), "roots": categories.everything(),
        "spot": places.spot_of(draft, actor), "key_name": FORM_FIELD,
    }  # fmt: skip
    return page(request, "report_category", context, status if problem else 200)


@phone_page("GET", "POST")
def result(request: HttpRequest, actor: Actor) -> HttpResponse:
    """已当场解决: what was done, and a photo afterwards where the category asks for one."""
    draft = read_draft(request)
    problems: list[str] = []
    if request.method == "POST" and request.POST.get(FORM_FIELD) == draft.key:
        draft.after, problems = take(request, actor, still_mine(actor, draft.after), "camera", "photos")
        draft.result = request.POST.get("result", "")[:2000]
        keep_draft(request, draft)
    if request.method == "POST" and not problems and not request.POST.get("stay"):
        return sent(request, actor, RESULT)
    if not (draft.has_said_what and draft.has_said_where and draft.category):
        return redirect(WHAT)
    return answer_result(request, draft, problems)


def answer_result(request: HttpRequest, draft: Draft, problems: list[str], status: int = 422) -> HttpResponse:
    context = {
        "tab": "report", "draft": draft, "step": 4, "category": categories.named(draft.category), "problems": problems,
        "needs_photo": categories.needs_photo_after(draft.category), "key_name": FORM_FIELD,
    }  # fmt: skip
    return page(request, "report_result", context, status if problems else 200)


def sent(request: HttpRequest, actor: Actor, step: str) -> HttpResponse:
    """Send the draft once; a refusal is said on the step's page, and everything is still there."""
    draft = read_draft(request)
    try:
        return once(request, actor.caller, lambda: send(request, actor, draft))
    except DomainError as error:
        if error.code in (OTHER_BODY, ALREADY_SENT):
            messages.info(
                request,
                spoken("刚才的上报已经提交,没有重复。", "Your report was sent already; it was not doubled."),
            )
            done = read_sent(request)
            return redirect(reverse("field_report_done") if done else reverse("field_today"))
        problem = spoken(error.zh, error.en)
        if step == RESULT:
            return answer_result(request, draft, [problem], error.status)
        return answer_which(request, actor, draft, problem=problem, status=error.status)


def send(request: HttpRequest, actor: Actor, draft: Draft) -> HttpResponse:
    """Report (and close at once when it is solved) in one transaction."""
    if draft.key != request.POST.get(FORM_FIELD):
        raise DomainError(409, ALREADY_SENT, "这份上报已经提交过。", "This report was sent already.")
    is_solved = (
        draft.is_solved and request.resolver_match is not None and request.resolver_match.url_name == RESULT
    )
    category = draft.category if is_solved else request.POST.get("category", "")[:40]
    made = report_case(
        actor=actor, text=draft.text, channel="grid_visit" if draft.for_resident else "grid_patrol", category=category,
        title=title_of(draft, category), address=draft.address, area=draft.area, lon=draft.lon, lat=draft.lat,
        accuracy_m=draft.accuracy_m, position_source=draft.source, files=draft.files, for_resident=draft.for_resident,
        name=draft.name if draft.for_resident else "", phone=draft.phone if draft.for_resident else "",
        may_show_to_grid=draft.for_resident and draft.may_show, language=get_language() or "zh-hans",
    )  # fmt: skip
    if is_solved:
        self_close(made.case.pk, actor=actor, result=draft.result, photos_after=draft.after)
    keep_sent(request, Sent(made.case.number, made.code))
    drop_draft(request)
    return redirect("field_report_done")


def title_of(draft: Draft, category: str) -> str:
    """A photo without words is named after its category."""
    if draft.text.strip():
        return ""
    found = categories.named(category)
    return said(found.name) if found else ""


@phone_page("GET")
def done(request: HttpRequest, actor: Actor) -> HttpResponse:
    """It was sent: the number, and the code for the resident behind it."""
    found = read_sent(request)
    if found is None:
        return redirect("field_today")
    return page(request, "report_done", {"tab": "report", "sent": found, "qr": qr_of(request, found.code)})


def qr_of(request: HttpRequest, code: str) -> SafeString | None:
    """The resident's page as a QR code, to be scanned from the worker's phone."""
    if not code:
        return None
    path = reverse("portal:progress", args=[code])
    link = settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)
    drawn = segno.make(link, error="m", micro=False).svg_inline(
        omitsize=True, border=0, svgclass=None, lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308  drawn here, holds no text


@phone_page("POST")
def start_again(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Throw the draft away."""
    drop_draft(request)
    return redirect(WHAT)
