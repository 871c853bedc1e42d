"""随手拍: a report in three steps. Each step is a page that keeps what was said and goes on, back, or stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language

from wangge.cases.actions import report
from wangge.cases.danger import advice_on
from wangge.cases.queries import reporter_by_code
from wangge.files.views import serve_file
from wangge.kit.errors import DomainError, NotFound
from wangge.kit.speech import said as said_text
from wangge.kit.speech import spoken
from wangge.kit.words import Text
from wangge.portal import limits, places, town_map
from wangge.portal.draft import Draft, drop_draft, keep_draft, read_draft
from wangge.portal.once import once
from wangge.portal.pages import OWN_BROWSER, page, resident_page, visit
from wangge.portal.report_forms import WhatForm, WhereForm, YouForm, kind_choices
from wangge.portal.uploads import own_waiting, take
from wangge.territory.scope import Actor

STEP_PAGES = ("what", "where", "you")
NO_PLACE = Text(
    "请告诉我们在哪里:定位、在地图上点一下、选社区或写地址。",
    "Tell us where: your position, a tap on the map, a community or an address.",
)
SENT_BEFORE = Text(
    "这份反映之前已经提交,没有重复登记。后来改动的,请用“补充情况”告诉我们。",
    "This report was sent before and is not doubled. What you have changed since, add with “Add words or photos”.",
)
NOT_ON_MAP = Text(
    "没有点到地图上。用键盘或读屏时,请选社区或写地址。",
    "That was not on the map. With a keyboard or screen reader, choose a community or write the address.",
)


def step_page(
    request: HttpRequest, draft: Draft, form: Any, number: int, status: int = 200, **more: Any
) -> HttpResponse:
    """One of the three steps, with what was said so far."""
    steps = (spoken("什么事", "What"), spoken("在哪里", "Where"), spoken("怎么联系您", "You"))
    context = {"draft": draft, "form": form, "number": number, "steps": steps, **more}
    return page(request, f"report_{STEP_PAGES[number - 1]}", context, status)


def said_sentence(error: DomainError) -> str:
    return spoken(error.zh, error.en)


# --- 1: what ----------------------------------------------------------------------------------------------


@resident_page("GET", "POST", cache=OWN_BROWSER)
def what(request: HttpRequest) -> HttpResponse:
    """Words, photos, a recording, the kind."""
    draft = read_draft(request) or Draft()
    if request.method != "POST":
        return step_page(request, draft, WhatForm(initial={"text": draft.text, "kind": draft.kind}), 1)
    form = WhatForm(request.POST)
    try:
        limits.check(request, "step")
        draft.files, place, problems = take(request, draft.files)
    except DomainError as error:
        return step_page(request, draft, form, 1, error.status, problems=[said_sentence(error)])
    draft.camera = list(place) if place else draft.camera if draft.files else None
    draft.text = request.POST.get("text", "").replace("\x00", "")
    is_sound = form.is_valid()
    draft.kind = form.cleaned_data.get("kind") or draft.kind
    if advice_on(draft.text) is None:
        draft.has_seen_advice = False
    keep_draft(request, draft)
    if is_sound and not problems and not draft.has_said_what and request.POST.get("go") == "next":
        form.add_error("text", spoken("请写几个字,或拍一张照片。", "Write a few words, or take a photo."))
    if problems or not form.is_valid():
        return step_page(request, draft, form, 1, 422, problems=problems)
    if request.POST.get("go") == "stay":
        return redirect(reverse("portal:what") + "#files")
    return redirect(
        "portal:danger" if advice_on(draft.text) and not draft.has_seen_advice else "portal:where"
    )


@resident_page("GET", "POST", cache=OWN_BROWSER)
def danger(request: HttpRequest) -> HttpResponse:
    """Somebody may be in danger: the emergency number first, then the report goes on."""
    draft = read_draft(request)
    advice = advice_on(draft.text) if draft else None
    if draft is None or advice is None:
        return redirect("portal:where" if draft else "portal:what")
    if request.method == "POST":
        draft.has_seen_advice = True
        keep_draft(request, draft)
        return redirect("portal:where")
    return page(request, "danger", {"advice": advice})


@resident_page("GET", cache=OWN_BROWSER)
def waiting_file(request: HttpRequest, key: str) -> HttpResponseBase:
    """A file of one's own that is not sent yet."""
    row = own_waiting(request, key)
    return serve_file(row, thumbnail="small" in request.GET, range_header=request.headers.get("Range", ""))


# --- 2: where ---------------------------------------------------------------------------------------------


def where_form(draft: Draft, data: Any = None) -> WhereForm:
    town = places.home()
    whole = (town.code, spoken(f"不涉及具体地点({town.name_zh})", "No particular place")) if town else None
    return WhereForm(
        data, groups=places.area_groups(), whole=whole, initial={"address": draft.address, "area": draft.area}
    )


def where_page(
    request: HttpRequest, draft: Draft, form: WhereForm, status: int = 200, problem: str = ""
) -> HttpResponse:
    spot = places.spot_name(draft.lon, draft.lat) if draft.lon is not None and draft.lat is not None else ""
    camera = places.spot_name(*draft.camera) if draft.camera else ""
    return step_page(
        request, draft, form, 2, status, problem=problem, spot=spot, camera=camera, has_map=town_map.whole_town() is not None,
        map_size=town_map.SIZE, map_number=map_number(draft), level=town_map.level_of(draft), deepest=len(town_map.WIDTHS_M),
        accuracy=round(draft.accuracy_m) if draft.accuracy_m else None,
    )  # fmt: skip


def map_number(draft: Draft) -> str:
    """Changes whenever the picture does, so that a browser asks for it anew; says nothing about the place."""
    return f"{abs(hash((tuple(draft.view or ()), draft.lon, draft.lat))):x}"


@resident_page("GET", "POST", cache=OWN_BROWSER)
def where(request: HttpRequest) -> HttpResponse:
    """The place: position of the telephone, a tap on the map, the photo's place, a community, an address."""
    draft = read_draft(request)
    if draft is None or not draft.has_said_what:
        return redirect("portal:what")
    if request.method != "POST":
        return where_page(request, draft, where_form(draft))
    form = where_form(draft, request.POST)
    try:
        limits.check(request, "step")
    except DomainError as error:
        return where_page(request, draft, form, error.status, said_sentence(error))
    draft.address = request.POST.get("address", "").replace("\x00", "")[:1000]
    is_sound = form.is_valid()
    draft.area = form.cleaned_data.get("area") or ""
    problem, moved = change_map(request, draft)
    keep_draft(request, draft)
    if moved:
        return (
            where_page(request, draft, where_form(draft), 422, problem)
            if problem
            else redirect(reverse("portal:where") + "#map")
        )
    if request.POST.get("go") == "back":
        return redirect("portal:what")
    problem = problem or places.disagreement(draft)
    if is_sound and not problem and not draft.has_said_where:
        form.add_error("address", said_text(NO_PLACE))
    if problem or not form.is_valid():
        return where_page(request, draft, form, 422, problem)
    return redirect("portal:you")


def change_map(request: HttpRequest, draft: Draft) -> tuple[str, bool]:
    """What was done to the map: a sentence when it did not work, and whether anything was done at all."""
    post = request.POST
    done: dict[str, Callable[[], object]] = {
        "closer": lambda: town_map.zoom(draft, 1),
        "farther": lambda: town_map.zoom(draft, -1),
        "clear": draft.forget_position,
        "camera": lambda: take_camera(draft),
    }
    if post.get("go") in done:
        done[post["go"]]()
        return "", True
    if "spot.x" in post or "spot.y" in post:
        if town_map.tap(draft, number(post.get("spot.x")), number(post.get("spot.y"))):
            return "", True
        return said_text(NOT_ON_MAP), True
    if post.get("go") == "gps":
        return take_gps(draft, post), True
    return "", False


def take_gps(draft: Draft, post: Any) -> str:
    """The telephone's position; a sentence when it is none."""
    lon, lat, accuracy = (number(post.get(name)) for name in ("lon", "lat", "accuracy"))
    if not (-180 <= lon <= 180 and -90 <= lat <= 90) or (lon, lat) == (0.0, 0.0):
        return spoken(
            "没有取得定位。请在地图上点一下,或写地址。",
            "No position came. Tap the map, or write the address.",
        )
    draft.set_position(round(lon, 6), round(lat, 6), max(accuracy, 1.0), "gps")
    if places.spot_name(lon, lat):
        town_map.look_at(draft, lon, lat, len(town_map.WIDTHS_M) - 1)
    return ""


def take_camera(draft: Draft) -> None:
    """With the sender's consent the place where the photo was taken."""
    if draft.camera is not None:
        draft.set_position(draft.camera[0], draft.camera[1], None, "camera")
        town_map.look_at(draft, draft.camera[0], draft.camera[1], len(town_map.WIDTHS_M) - 1)


def number(given: str | None) -> float:
    """A number out of a form; something impossible when it is none."""
    try:
        value = float(given or "")
    except ValueError:
        return -1e9
    return value if value == value and abs(value) < 1e9 else -1e9


@resident_page("GET", cache=OWN_BROWSER)
def map_picture(request: HttpRequest) -> HttpResponse:
    """The map of one's own draft."""
    draft = read_draft(request)
    svg = town_map.drawn(draft, is_dark="dark" in request.GET) if draft else None
    if svg is None:
        raise NotFound()
    return HttpResponse(svg, content_type="image/svg+xml")


# --- 3: you -----------------------------------------------------------------------------------------------


def you_page(
    request: HttpRequest, draft: Draft, form: YouForm, status: int = 200, problem: str = ""
) -> HttpResponse:
    spot = places.spot_name(draft.lon, draft.lat) if draft.lon is not None and draft.lat is not None else ""
    area = dict(pair for group in places.area_groups() for pair in group.areas).get(draft.area, "")
    kind = dict(kind_choices()).get(draft.kind, "")
    return step_page(request, draft, form, 3, status, problem=problem, spot=spot, area=area, kind=kind)


@resident_page("GET", "POST", cache=OWN_BROWSER)
def you(request: HttpRequest) -> HttpResponse:
    """How to reach the reporter, what will be sent, and sending it."""
    draft = read_draft(request)
    if request.method != "POST":
        if draft is None or not draft.has_said_what:
            return redirect("portal:what")
        initial = {"who": draft.who, "name": draft.name, "phone": draft.phone, "may_show": draft.may_show}
        return you_page(request, draft, YouForm(initial=initial))
    form = YouForm(request.POST)
    is_sound = form.is_valid()
    if draft is not None:
        keep_you(draft, form)
        keep_draft(request, draft)
        if request.POST.get("go") == "back" or not draft.has_said_where:
            return redirect("portal:where")
    try:
        if draft is not None and not is_sound:
            return you_page(request, draft, form, 422)
        limits.check(request, "report")
        answer = once(request, lambda: send(request, draft), again=SENT_BEFORE)
    except DomainError as error:
        if draft is None:
            return page(request, "report_gone", {"problem": said_sentence(error)}, error.status)
        form.add_error(
            error.details.get("field") if error.details.get("field") in form.fields else None,
            said_sentence(error),
        )
        return you_page(request, draft, form, error.status)
    drop_draft(request)
    return answer


def keep_you(draft: Draft, form: YouForm) -> None:
    said = form.cleaned_data
    draft.who = said.get("who") or "contact"
    draft.name, draft.phone = said.get("name", draft.name), said.get("phone", draft.phone)
    draft.may_show = bool(said.get("may_show"))


def send(request: HttpRequest, draft: Draft | None) -> HttpResponse:
    """Report it; the answer leads to the page of the new code."""
    if draft is None:
        raise DomainError(
            410, "draft_gone",
            "这份反映已经提交,或放得太久已清除。请用查询码查进度,或重新填写。",
            "This report has been sent already, or was left too long and is gone. Follow it by its code, or begin anew.",
        )  # fmt: skip
    is_anonymous = draft.who == "anonymous"
    made = report(
        actor=Actor(visit=visit(request)), text=draft.text, kind=draft.kind, channel="public_report",
        address=draft.address, area=places.area_to_send(draft), lon=draft.lon, lat=draft.lat, accuracy_m=draft.accuracy_m,
        position_source=draft.source if draft.has_position else "", name=draft.name, phone=draft.phone,
        is_anonymous=is_anonymous, may_show_to_grid=draft.may_show and not is_anonymous, files=draft.file_keys,
        language=get_language() or "zh-hans", follows=reporter_by_code(draft.follows).case if draft.follows else None,
    )  # fmt: skip
    return redirect(reverse("portal:progress", args=[made.code]) + "?sent=1")
