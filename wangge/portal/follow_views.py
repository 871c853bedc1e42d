"""Following a report by its code: the present state in a sentence, the way so far, and what may be done now."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from wangge.cases.actions import perform
from wangge.cases.models import Case, Reporter
from wangge.cases.queries import ResidentView, photo_of, reporter_by_code, resident_actor, resident_view
from wangge.cases.workflow import State, Verb
from wangge.files.views import serve_file
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import DomainError, NotFound
from wangge.kit.form_once import new_key
from wangge.kit.ids import normal_code
from wangge.kit.speech import said, spoken
from wangge.kit.tries import count_wrong, refuse_guessing
from wangge.portal import limits
from wangge.portal.deeds import DEEDS, WITH_FILES
from wangge.portal.draft import Draft, keep_draft
from wangge.portal.follow_forms import FORMS, CodeForm
from wangge.portal.once import once
from wangge.portal.pages import RETRY_AFTER, page, resident_page, visit
from wangge.portal.uploads import still_waiting, take

TRIES = "code"  # counted together with the API
ENDED = frozenset({State.CLOSED, State.ARCHIVED, State.VOID, State.DECLINED, State.TRANSFERRED})


# --- who shows a code ---------------------------------------------------------------------------------------


def reporter_of(request: HttpRequest, code: str) -> Reporter:
    """The reporter whose code this is. Wrong tries are counted; whatever is wrong, the answer is the same (404)."""
    network, at = limits.network(request), REAL_CLOCK.now()
    refuse_guessing(TRIES, network, at)
    try:
        return reporter_by_code(code)
    except NotFound:
        count_wrong(TRIES, network, at)
        raise


def written(code: str) -> str:
    """A code in its groups, however it was typed."""
    letters = normal_code(code)
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


@resident_page("GET", "POST")
def follow(request: HttpRequest) -> HttpResponse:
    """Asks for the code."""
    if request.method != "POST":
        return page(request, "follow", {"form": CodeForm()})
    form = CodeForm(request.POST)
    if not form.is_valid():
        return page(request, "follow", {"form": form}, 422)
    try:
        reporter_of(request, form.cleaned_data["code"])
    except DomainError as error:
        form.add_error("code", spoken(error.zh, error.en))
        request.META[RETRY_AFTER] = error.details.get("retry_after", 0)
        return page(request, "follow", {"form": form}, error.status)
    return redirect("portal:progress", code=written(form.cleaned_data["code"]))


def wrong_code(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page to type the code again, with the reason."""
    form = CodeForm({"code": ""})
    form.full_clean()
    form.errors["code"] = form.error_class([spoken(error.zh, error.en)])
    request.META[RETRY_AFTER] = error.details.get("retry_after", 0)
    return page(request, "follow", {"form": form}, error.status)


# --- progress ---------------------------------------------------------------------------------------------


@resident_page("GET")
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """The report as its reporter sees it."""
    try:
        person = reporter_of(request, code)
    except DomainError as error:
        return wrong_code(request, error)
    if code != written(code):
        return redirect("portal:progress", code=written(code))
    now = REAL_CLOCK.now()
    view = resident_view(person, now)
    return page(request, "progress", progress_context(request, code, person.case, view, now))


def progress_context(
    request: HttpRequest, code: str, case: Case, view: ResidentView, now: datetime
) -> dict[str, Any]:
    offered = {Verb(offer.verb.code) for offer in view.offers}
    link = follow_link(request, code)
    return {
        "code": code, "groups": code.split("-"), "qr": qr_code(link), "view": view, "is_sent": "sent" in request.GET,
        "may_rate": Verb.RATE in offered, "may_reopen": Verb.REOPEN in offered,
        "deeds": [(verb.value, deed) for verb, deed in DEEDS.items() if verb in offered and verb is not Verb.RATE],
        "may_report_anew": State(case.state) in ENDED and Verb.REOPEN not in offered,
        "own_photos": [photo for photo in view.photos if photo.role == "before"],
        "result_photos": [photo for photo in view.photos if photo.role != "before"],
        "read_at": now,
    }  # fmt: skip


def follow_link(request: HttpRequest, code: str) -> str:
    """The address of the progress page as others reach it."""
    path = reverse("portal:progress", args=[code])
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def qr_code(link: str) -> SafeString:
    """The link as a QR code, drawn without inline styles."""
    drawn = segno.make(link, error="m", micro=False).svg_inline(
        omitsize=True, border=0, svgclass=None, lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308  drawn here, holds no text


@resident_page("GET")
def photo(request: HttpRequest, code: str, key: UUID) -> HttpResponseBase:
    """A photo or recording of one's own report, or of its result."""
    shown = photo_of(reporter_of(request, code), key)
    return serve_file(
        shown.file, thumbnail="small" in request.GET, range_header=request.headers.get("Range", "")
    )


# --- what may be done -------------------------------------------------------------------------------------


@resident_page("GET", "POST")
def deed(request: HttpRequest, code: str, verb_name: str) -> HttpResponse:
    """One verb of the resident: what it means, what is to be said, and doing it."""
    verb = Verb(verb_name)
    try:
        person = reporter_of(request, code)
    except DomainError as error:
        return wrong_code(request, error)
    if request.method == "POST":
        return done(request, code, person, verb)
    view = resident_view(person, REAL_CLOCK.now())
    if verb not in {Verb(offer.verb.code) for offer in view.offers}:
        return not_now(request, code, person, verb, view)
    form = FORMS[verb](initial={"result": request.GET.get("result", "")})
    return deed_page(request, code, verb, form)


def deed_page(
    request: HttpRequest, code: str, verb: Verb, form: forms.Form, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "code": code, "verb": verb.value, "deed": DEEDS[verb], "form": form, "with_files": verb in WITH_FILES,
        "key": new_key(), **more,
    }  # fmt: skip
    return page(request, "deed", context, status)


def not_now(
    request: HttpRequest, code: str, person: Reporter, verb: Verb, view: ResidentView
) -> HttpResponse:
    """Why it cannot be done now, and what can be done instead."""
    case = person.case
    is_late = verb is Verb.REOPEN and State(case.state) in (State.CLOSED, State.ARCHIVED)
    context = {
        "code": code, "deed_name": said(DEEDS[verb].button), "state_name": said(view.state.name), "is_late": is_late,
        "may_report_anew": State(case.state) in ENDED,
    }  # fmt: skip
    return page(request, "not_now", context, 409)


def done(request: HttpRequest, code: str, person: Reporter, verb: Verb) -> HttpResponse:
    """Do the verb once; what cannot be done is said on the form, with everything that was typed."""
    form = FORMS[verb](request.POST)
    given: dict[str, Any] = {}
    problems: list[str] = []
    status = 422
    held = still_waiting(request, request.POST.getlist("held"))
    try:
        limits.check(request, "act")
        if verb in WITH_FILES:
            held, _, problems = take(request, held)
            given["files"] = [file.key for file in held]
    except DomainError as error:
        problems, status = [spoken(error.zh, error.en)], error.status
    if problems or not form.is_valid():
        return deed_page(request, code, verb, form, status, problems=problems, held=held)
    given |= form.cleaned_data
    try:
        return once(request, lambda: acted(request, code, person, verb, given))
    except DomainError as error:
        if error.status == 409:
            view = resident_view(person, REAL_CLOCK.now())
            if verb not in {Verb(offer.verb.code) for offer in view.offers}:
                return not_now(request, code, person, verb, view)
        form.add_error(
            error.details.get("field") if error.details.get("field") in form.fields else None,
            spoken(error.zh, error.en),
        )
        return deed_page(request, code, verb, form, error.status, held=held)


def acted(
    request: HttpRequest, code: str, person: Reporter, verb: Verb, given: dict[str, Any]
) -> HttpResponse:
    actor = resident_actor(person, visit(request))
    perform(verb, person.case_id, actor=actor, **given)
    messages.success(request, said(DEEDS[verb].done))
    return redirect("portal:progress", code=code)


@resident_page("POST")
def again(request: HttpRequest, code: str) -> HttpResponse:
    """Report anew, linked with the earlier report; the place is taken over."""
    try:
        case = reporter_of(request, code).case
    except DomainError as error:
        return wrong_code(request, error)
    draft = Draft(follows=code, kind=case.kind, address=case.address)
    if case.lon is not None and case.lat is not None:
        draft.set_position(case.lon, case.lat, case.accuracy_m, case.position_source)
    keep_draft(request, draft)
    return redirect("portal:what")
