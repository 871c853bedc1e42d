"""Acting as somebody, and the guided case: start, next person, do it for me, finish."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from wangge.accounts.demo_rules import act_as
from wangge.cases.queries import view_of
from wangge.demo.bar import turns
from wangge.demo.bar.gate import demo_page
from wangge.demo.bar.guide import (
    TURNS,
    WAY,
    Guide,
    Standing,
    drop_guide,
    keep_guide,
    page_of,
    read_guide,
    standing,
)
from wangge.demo.bar.people import in_part, people, user_of
from wangge.demo.bar.scene import CATEGORY, fill_in, new_guide, scene
from wangge.demo.pictures import VARIANTS, draw
from wangge.demo.progress import read_progress
from wangge.demo.shelf import variant_of
from wangge.kit.errors import DomainError
from wangge.kit.speech import spoken
from wangge.kit.visits import keep_visit, new_visit, visit_of
from wangge.territory.roles import Role
from wangge.territory.scope import actor_for


@demo_page("GET")
def overview(request: HttpRequest) -> HttpResponse:
    """What can be tried: the people, the guided case, how far the history is."""
    done, total = read_progress()
    found = read_guide(request)
    context = {
        "people": people(), "done": done, "total": total, "place": standing(found) if found else None,
        "turns": [TURNS[key] for key in WAY],
    }  # fmt: skip
    return render(request, "demo/overview.html", context)


@demo_page("POST")
def change_person(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the people (``username`` empty: a resident, nobody) and open the first page of theirs."""
    username = request.POST.get("username", "")
    become(request, username)
    if not username:
        return redirect("portal:front")
    is_on_foot = any(person.username == username and person.is_on_foot for person in people())
    return redirect("field_today" if is_on_foot else "office_desk")


def become(request: HttpRequest, username: str) -> None:
    """Be this demo person, or nobody; the guided case goes along."""
    found = read_guide(request)
    if username:
        act_as(request, user_of(username))
    else:
        logout(request)
    if found is not None:
        keep_guide(request, found)


@demo_page("POST")
def start(request: HttpRequest) -> HttpResponse:
    """A new guided case: the resident's report lies ready, only to be looked through and sent."""
    become(request, "")
    visit = visit_of(request) or new_visit()
    found = new_guide(visit)
    keep_guide(request, found)
    fill_in(request, found, scene())
    answer = redirect("portal:what")
    keep_visit(answer, visit)
    return answer


@demo_page("POST")
def go_on(request: HttpRequest) -> HttpResponse:
    """Become the person whose turn it is and open the right page of that very case."""
    found = read_guide(request)
    if found is None:
        return redirect("demo_overview")
    place = standing(found)
    return to_page(request, place)


def to_page(request: HttpRequest, place: Standing) -> HttpResponse:
    if place.turn is not None and place.case is not None:
        become(request, place.person.username if place.person else "")
    if place.turn is not None and place.case is None and request.user.is_authenticated:
        become(request, "")
    return (
        redirect(page_of(place)) if place.turn is not None or place.is_closed else redirect("demo_overview")
    )


@demo_page("POST")
def do_it(request: HttpRequest) -> HttpResponse:
    """Do the present turn through the ordinary verbs; then look at the case as the person who did it."""
    found = read_guide(request)
    if found is None:
        return redirect("demo_overview")
    place = standing(found)
    try:
        if place.turn is not None and place.case is None:
            become(request, "")
            found = turns.report(found, scene(), visit_of(request))
            keep_guide(request, found)
        else:
            turns.act(place)
            become(request, place.person.username if place.person else "")
    except DomainError as error:
        messages.error(request, spoken(error.zh, error.en))
        return to_page(request, place)
    if place.turn is not None:
        messages.success(
            request, spoken(f"已替您办好:{place.turn.title.zh}", f"Done for you: {place.turn.title.en}")
        )
    after = standing(found)
    if after.is_closed:
        return redirect("demo_finish")
    return redirect(page_of(replace(after, person=place.person)))


@demo_page("POST")
def end(request: HttpRequest) -> HttpResponse:
    """Leave the guided case."""
    drop_guide(request)
    return redirect("demo_overview")


@demo_page("GET")
def finish(request: HttpRequest) -> HttpResponse:
    """The whole way of the case, as its ledger tells it."""
    found = read_guide(request)
    place = standing(found) if found else None
    if place is None or place.case is None:
        return redirect("demo_overview")
    actor = actor_for(user_of(in_part(Role.SHIFT_LEADER).username))
    view = view_of(actor, place.case)
    return render(
        request,
        "demo/finish.html",
        {"place": place, "view": view, "entries": view.timeline[::-1], "guide": found},
    )


@demo_page("GET")
def after_picture(request: HttpRequest) -> HttpResponse:
    """The drawing of the mended road, to be attached by hand."""
    found: Guide | None = read_guide(request)
    seed = variant_of(found.drawing) if found else 0
    answer = HttpResponse(draw(CATEGORY, "after", seed % VARIANTS), content_type="image/jpeg")
    answer["Content-Disposition"] = 'attachment; filename="after.jpg"'
    return answer
