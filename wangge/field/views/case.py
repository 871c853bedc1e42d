"""One case on the phone: what, where, photos, what may be done now; each verb asked one question a view."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from wangge.cases.actions import perform
from wangge.cases.actions.reveal import reveal
from wangge.cases.models import Case
from wangge.cases.move import Seen
from wangge.cases.queries import CaseView, case_seen, evidence_of, view_of
from wangge.field.access import page, phone_page
from wangge.field.deeds import Deed, deeds_of, given, not_now_of
from wangge.field.maps import case_map
from wangge.field.uploads import still_mine, take
from wangge.files.views import serve_file
from wangge.kit.errors import DomainError, NotFound
from wangge.kit.form_once import OTHER_BODY, new_key, once
from wangge.kit.idempotency import FORM_FIELD
from wangge.kit.speech import said, spoken
from wangge.territory.scope import Actor

SHORT = 4  # entries of the timeline that are shown at once
GIVEN_PREFIX = "given_"


@dataclass
class Typed:
    """What was typed and uploaded on a verb's view so far."""

    said: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    key: str = ""
    problems: list[str] = field(default_factory=list)


@phone_page("GET")
def case_page(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    """The case of this number, if it is mine to see."""
    return answer_case(request, actor, case_seen(actor, number))


def answer_case(
    request: HttpRequest,
    actor: Actor,
    case: Case,
    revealed: object = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    view = view_of(actor, case)
    photos = [one for one in view.evidence if one.kind == "photo"]
    context = {
        "tab": "today", "view": view, "line": view.line, "says_more": len(view.text) > len(view.line.title) + 1,
        "deeds": deeds_of(view), "not_now": not_now_of(view),
        "before": [one for one in photos if one.role.code != "after"], "after": [one for one in photos if one.role.code == "after"],
        "others": [one for one in view.evidence if one.kind != "photo"],
        "map": case_map(view.line, case.path, case.accuracy_m), "newest": view.timeline[:SHORT], "older": view.timeline[SHORT:],
        "revealed": revealed, "problem": problem, "new_key": new_key(), "key_name": FORM_FIELD,
    }  # fmt: skip
    return page(request, "case", context, status)


@phone_page("POST")
def show_reporter(request: HttpRequest, actor: Actor, number: str, reporter_id: int) -> HttpResponse:
    """The reporter's name and number, once, for a stated purpose; who looked is noted."""
    case = case_seen(actor, number)
    try:
        found = reveal(case.pk, actor=actor, purpose=request.POST.get("purpose", ""), reporter_id=reporter_id)
    except DomainError as error:
        if isinstance(error, NotFound):
            raise
        return answer_case(request, actor, case, problem=spoken(error.zh, error.en), status=error.status)
    return answer_case(request, actor, case, revealed=found)


@phone_page("GET", "POST")
def verb_page(request: HttpRequest, actor: Actor, number: str, verb: str) -> HttpResponse:
    """One verb: its choice on a view of its own, then photo and words, then done."""
    case = case_seen(actor, number)
    view = view_of(actor, case)
    deed = next((one for one in deeds_of(view) if one.verb.value == verb), None)
    if request.method == "POST":
        return deed_done(request, actor, case, view, deed, verb)
    if deed is None:
        return not_any_more(request, view, verb)
    typed = Typed(key=new_key())
    if (first := deed.first_choice) and (chosen := request.GET.get(first.name)):
        typed.said[first.name] = chosen
    return answer_verb(request, view, deed, typed)


def answer_verb(
    request: HttpRequest, view: CaseView, deed: Deed, typed: Typed, status: int = 200
) -> HttpResponse:
    first = deed.first_choice
    chosen = next((c for c in first.choices if c.code == typed.said.get(first.name)), None) if first else None
    context = {
        "tab": "today", "line": view.line, "deed": deed, "first": first, "chosen": chosen,
        "asks_first": first is not None and chosen is None, "typed": typed, "key_name": FORM_FIELD,
        "fields": [(one, typed.said.get(one.name, "")) for one in deed.words_fields],
        "category": typed.said.get("category", ""),
    }  # fmt: skip
    return page(request, "verb", context, status)


def deed_done(
    request: HttpRequest, actor: Actor, case: Case, view: CaseView, deed: Deed | None, verb: str
) -> HttpResponse:
    """Do the verb once; a refusal is said on the same view with everything still there."""
    fields = deed.fields if deed else ()
    typed = Typed(
        {one.name: request.POST.get(one.name, "") for one in fields if one.widget != "files" and one.name in request.POST},
        key=request.POST.get(FORM_FIELD, "") or new_key(),
    )  # fmt: skip
    if deed is not None and deed.files_field is not None:
        typed.files, typed.problems = take(
            request, actor, still_mine(actor, request.POST.getlist("kept")), "camera", "photos"
        )
        if typed.problems or request.POST.get("stay"):
            return answer_verb(request, view, deed, typed, 422 if typed.problems else 200)

    def act() -> HttpResponse:
        if deed is None:
            raise DomainError(
                409,
                "not_now",
                "这一步现在不能办,请看最新情况。",
                "This cannot be done now; look at what is true now.",
            )
        seen = Seen(case.pk, seen_entries(request, view))
        perform(deed.verb, seen, actor=actor, **given(deed, typed.said, typed.files))
        return redirect("field_case", number=case.number)

    try:
        answer = once(request, actor.caller, act)
    except DomainError as error:
        return refused(request, view, deed, typed, error, verb)
    if deed is not None:
        messages.success(request, spoken(f"已办:{deed.name.zh}", f"Done: {deed.name.en}"))
    return answer


def seen_entries(request: HttpRequest, view: CaseView) -> int:
    given_number = request.POST.get("n_entries", "")
    return int(given_number) if given_number.isdigit() else view.line.n_entries


def refused(
    request: HttpRequest, view: CaseView, deed: Deed | None, typed: Typed, error: DomainError, verb: str
) -> HttpResponse:
    if error.code == OTHER_BODY:
        messages.info(request, spoken("刚才已经办好,没有重复。", "It was done already, not twice."))
        return redirect("field_case", number=view.line.number)
    if deed is None:
        return not_any_more(request, view, verb)
    typed.problems.append(spoken(error.zh, error.en))
    return answer_verb(request, view, deed, typed, error.status)


def not_any_more(request: HttpRequest, view: CaseView, verb: str) -> HttpResponse:
    """The verb is not offered: back to the case with the reason."""
    reason = next((one.reason for one in view.not_now if one.verb.code == verb), None)
    if reason is None:
        raise NotFound()
    messages.warning(request, said(reason))
    return redirect("field_case", number=view.line.number)


@phone_page("GET")
def file(request: HttpRequest, actor: Actor, key: UUID) -> HttpResponseBase:
    """A file of a case that I see, or one that I have just uploaded; ``?small=1`` the small picture."""
    found = evidence_of(actor, key)
    return serve_file(
        found, thumbnail=request.GET.get("small") == "1", range_header=request.headers.get("Range", "")
    )
