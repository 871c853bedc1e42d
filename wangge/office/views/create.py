"""A new report by the desk: somebody stands at the counter, is on the telephone, or wrote elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from wangge.cases.actions import Reported, report
from wangge.kit.errors import DomainError, Forbidden, NotFound
from wangge.kit.geo import Bbox, geometry_of
from wangge.kit.ids import uuid7
from wangge.kit.map_view import View
from wangge.kit.mapsheet import Border, Mark
from wangge.kit.speech import spoken
from wangge.kit.words import Text
from wangge.office import choices
from wangge.office.access import staff_only
from wangge.office.around import from_words
from wangge.office.choices import named
from wangge.office.forms.desk import NewCaseForm
from wangge.office.maps import boundary, drawn
from wangge.office.pages import MAY_REGISTER, shared
from wangge.office.views.acts import once, same_form
from wangge.territory.models import AreaKind, AreaLevel
from wangge.territory.scope import Actor

MAP_SIZE = (560, 400)
CLOSER = 0.4  # after a click the map shows so much of what it showed before
LEAST_DEG = 0.0015
MOST_NAMED = 12


@require_http_methods(["GET", "POST"])
@staff_only
def new_case(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The form; a click on the map or "classify" shows it again with what was typed."""
    if not actor.roles & MAY_REGISTER:
        raise Forbidden(
            "代居民上报由受理、派遣和社区岗位办理。您可以在手机页面上报。",
            "Registering for residents belongs to intake, dispatch and the community. You can report on the phone's page.",
        )
    if request.method == "GET":
        return form_page(request, actor, NewCaseForm(actor, ()))
    asked = request.POST
    if "classify" in asked or any(name.startswith("spot.") for name in asked):
        return form_page(
            request, actor, NewCaseForm(actor, from_words(asked.get("text", "")), with_spot(request))
        )
    body = same_form(request)
    form = NewCaseForm(actor, from_words(asked.get("text", "")), asked, request.FILES)
    if not form.is_valid():
        return form_page(request, actor, form, status=422)
    try:
        given = form.arguments(actor)
        return once(
            request, actor, body, lambda: registered(request, report(actor=actor, **sorted_out(given)))
        )
    except DomainError as error:
        form.refuse(error)
        return form_page(request, actor, form, status=error.status)


def sorted_out(given: dict[str, Any]) -> dict[str, Any]:
    """What ``report`` is given: behind every such report stands a resident; a clicked point was set by the desk."""
    found = {**given, "for_resident": True}
    if found.get("lon") is not None:
        found["position_source"] = "dispatcher"
    else:
        found.pop("datum", None)
    return found


def registered(request: HttpRequest, made: Reported) -> str:
    """Say the code that the resident takes along; it is shown this once."""
    if made.code:
        messages.success(
            request,
            spoken(
                f"已登记。请把查询码告诉诉求人:{made.code}(只显示这一次)",
                f"Registered. Tell the reporter this code: {made.code} (shown this once)",
            ),
        )
    return reverse("office_case", args=[made.case.number])


# --- the map: an image button, so that a click arrives without JavaScript ------------------------------------


def extent_in(text: str) -> Bbox | None:
    """West, south, east, north as they stand in the form."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    is_sound = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return Bbox(west, south, east, north) if is_sound else None


def first_extent(actor: Actor) -> Bbox | None:
    """Around the grids on land under the actor's posts."""
    found: Bbox | None = None
    for row in choices.areas_of(actor):
        outline = boundary(row.area_id) if row.level == AreaLevel.GRID and row.kind != AreaKind.SEA else None
        if outline is not None:
            box = Bbox(*geometry_of(outline).bounds)
            found = found.joined(box) if found else box
    return found.grown(60) if found else None


def with_spot(request: HttpRequest) -> QueryDict:
    """What was typed, with the clicked point as position and the map closer around it."""
    asked = request.POST.copy()
    x, y, extent = asked.get("spot.x", ""), asked.get("spot.y", ""), extent_in(asked.get("extent", ""))
    if not (x.isdigit() and y.isdigit()) or extent is None:
        return asked
    view = View(extent, *MAP_SIZE)
    lon = view.west + int(x) / (view.px_per_deg * view.squeeze)
    lat = view.north - int(y) / view.px_per_deg
    half_w = max((extent.east - extent.west) * CLOSER / 2, LEAST_DEG)
    half_h = max((extent.north - extent.south) * CLOSER / 2, LEAST_DEG)
    asked["lon"], asked["lat"], asked["datum"] = f"{lon:.6f}", f"{lat:.6f}", "wgs84"
    asked["extent"] = f"{lon - half_w:.6f},{lat - half_h:.6f},{lon + half_w:.6f},{lat + half_h:.6f}"
    return asked


@require_GET
@staff_only
def map_image(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The map of an extent with the grids' borders and the chosen point, as an image."""
    extent = extent_in(request.GET.get("extent", "")) or first_extent(actor)
    if extent is None:
        raise NotFound(
            "还没有区域界线,不能显示地图。", "No area has a boundary yet; there is no map to show."
        )
    marks = []
    with suppress(KeyError, ValueError):
        marks = [Mark(float(request.GET["lon"]), float(request.GET["lat"]), colour="#c62828", shape="pin")]
    title = Text("选点地图", "Map for choosing a point")
    svg = drawn(extent, MAP_SIZE, grids_within(actor, extent), marks, title, "spot")
    return HttpResponse(svg, content_type="image/svg+xml")


def grids_within(actor: Actor, extent: Bbox) -> list[Border]:
    """Borders of the grids that the extent meets, with their names when there are few."""
    found = []
    for row in choices.areas_of(actor):
        outline = boundary(row.area_id) if row.level == AreaLevel.GRID else None
        if outline is not None and Bbox(*geometry_of(outline).bounds).meets(extent):
            found.append((row, outline))
    return [
        Border(outline, "grid", named(row).zh if len(found) <= MOST_NAMED else "") for row, outline in found
    ]


def form_page(request: HttpRequest, actor: Actor, form: NewCaseForm, *, status: int = 200) -> HttpResponse:
    """The form with its map; the key stays the same until it is sent."""
    asked = form.data
    extent = extent_in(asked.get("extent", "")) or first_extent(actor)
    shown = ",".join(f"{edge:.6f}" for edge in extent) if extent else ""
    position = {"extent": shown, "lon": asked.get("lon", ""), "lat": asked.get("lat", "")}
    context = shared(
        request, actor, "new", form=form, key=str(uuid7()), extent=shown, map_query=urlencode(position),
        map_size=MAP_SIZE,
        datalists={"categories": choices.categories(), "areas": choices.areas(actor)},
    )  # fmt: skip
    return render(request, "office/new.html", context, status=status)
