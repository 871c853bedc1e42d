"""Doing a verb from a page: what was seen, once only, nothing typed is lost, the second person is told what is true."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from wangge.cases.actions import ACTIONS, perform
from wangge.cases.actions.desk import one_desk
from wangge.cases.actions.reveal import reveal
from wangge.cases.models import Case
from wangge.cases.move import CaseRef, Seen
from wangge.cases.queries import case_id_seen, case_seen, view_of
from wangge.cases.scope import visible_to
from wangge.cases.workflow import RULES, STATE_NAMES, State, Verb
from wangge.kit import idempotency
from wangge.kit.errors import DomainError
from wangge.kit.speech import said, spoken
from wangge.kit.words import Text
from wangge.office.access import staff_only
from wangge.office.around import around, guesses, proposed_units
from wangge.office.forms.desk import OneDeskForm
from wangge.office.forms.given import verb_form
from wangge.office.views.case import Typed, page_of
from wangge.territory.scope import Actor

DONE = "done"


@require_POST
@staff_only
def act(request: HttpRequest, actor: Actor, number: str, verb: str) -> HttpResponseBase:
    """Do one verb on a case; a refusal shows the page again with everything that was typed."""
    known = verb_named(verb)
    case = case_seen(actor, number)
    body = same_form(request)
    form = verb_form(known, around(actor, case, view_of(actor, case), [known]), request.POST, request.FILES)
    if not form.is_valid():
        return page_of(request, actor, number, Typed({known: form}, status=422))
    try:
        given = form.arguments(actor)
        return once(
            request,
            actor,
            body,
            lambda: moved(request, actor, known, perform(known, ref_of(request, case), actor=actor, **given)),
        )
    except DomainError as error:
        form.refuse(error)
        return page_of(
            request, actor, number, Typed({known: form}, refusal=sentence(error), status=error.status)
        )


def verb_named(verb: str) -> Verb:
    if verb not in set(Verb) or Verb(verb) not in ACTIONS:
        raise Http404(verb)
    return Verb(verb)


def ref_of(request: HttpRequest, case: Case) -> CaseRef:
    """The case as this person saw it when the page was made."""
    seen = request.POST.get("n_entries", "")
    return Seen(case.pk, int(seen)) if seen.isdigit() else case.pk


def sentence(error: DomainError) -> str:
    return said(Text(error.zh, error.en))


def same_form(request: HttpRequest) -> bytes:
    """What makes a second submission the same one; read before the uploads are taken."""
    return f"{request.method} {request.path}\n".encode() + idempotency.form_body(request.POST, request.FILES)


def once(request: HttpRequest, actor: Actor, body: bytes, do: Callable[[], str]) -> HttpResponse:
    """Do it in one transaction and go to the address that it gives; the same form sent twice acts once."""
    key = request.POST.get(idempotency.FORM_FIELD, "")
    with transaction.atomic():
        if key:
            kept = idempotency.begin(actor.caller, key, body)
            if kept is not None:
                return HttpResponseRedirect(kept.headers["Location"])
        answer = HttpResponseRedirect(do())
        if key:
            idempotency.finish(actor.caller, key, answer.status_code, b"", {"Location": answer["Location"]})
    return answer


def moved(request: HttpRequest, actor: Actor, verb: Verb, case: Case) -> str:
    """Say what was done; the address to go on to: the case, or the desk when it has left the person's scope."""
    done, now = RULES[verb].name, STATE_NAMES[State(case.state)]
    messages.success(
        request,
        spoken(f"已办“{done.zh}”,此案现在是“{now.zh}”。", f"Done: {done.en}. The case is now “{now.en}”."),
    )
    if visible_to(actor).filter(pk=case.pk).exists():
        return reverse("office_case", args=[case.number])
    messages.info(
        request, spoken(f"{case.number} 已不在您的范围内。", f"{case.number} is no longer in your area.")
    )
    return reverse("office_desk")


@require_POST
@staff_only
def act_one_desk(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Accept, docket and dispatch in one submission; ``refresh`` only proposes units for the chosen category."""
    case = case_seen(actor, number)
    body = same_form(request)
    form = one_desk_typed(request, case)
    if "refresh" in request.POST:
        return page_of(request, actor, number, Typed(one_desk=form))
    if not form.is_valid():
        return page_of(request, actor, number, Typed(one_desk=form, status=422))
    given = form.arguments(actor)
    try:
        return once(
            request, actor, body,
            lambda: moved(request, actor, Verb.DISPATCH, one_desk(ref_of(request, case), actor=actor, **given)),
        )  # fmt: skip
    except DomainError as error:
        form.refuse(error)
        return page_of(
            request, actor, number, Typed(one_desk=form, refusal=sentence(error), status=error.status)
        )


def one_desk_typed(request: HttpRequest, case: Case) -> OneDeskForm:
    """The form as typed, with units proposed for the category that is chosen in it."""
    best = guesses(case)
    first = OneDeskForm(request.POST, guesses=best, proposals=(), initial={})
    first.is_valid()
    units = proposed_units(case, first.cleaned_data.get("category", ""))
    return OneDeskForm(request.POST, guesses=best, proposals=units, initial={})


@require_POST
@staff_only
def show_reporter(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Name and number of a reporter, for a stated purpose; each look leaves a row."""
    case_id = case_id_seen(actor, number)
    person = request.POST.get("reporter", "")
    try:
        shown = reveal(
            case_id,
            actor=actor,
            purpose=request.POST.get("purpose", ""),
            reporter_id=int(person) if person.isdigit() else None,
        )
    except DomainError as error:
        return page_of(request, actor, number, Typed(refusal=sentence(error), status=error.status))
    return page_of(request, actor, number, Typed(revealed=shown))
