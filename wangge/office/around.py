"""What the forms of a case draw on: the five best categories, proposed units with reasons, colleagues."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from functools import cache

from wangge.cases.actions import ACTIONS
from wangge.cases.models import Case
from wangge.cases.queries import CaseView
from wangge.cases.routing import proposals
from wangge.cases.workflow import Verb
from wangge.catalog.keywords import classify
from wangge.catalog.models import Category
from wangge.catalog.queries import category, category_by_code
from wangge.kit.errors import DomainError
from wangge.kit.words import Text
from wangge.office import choices
from wangge.office.choices import Option, named
from wangge.office.forms.given import Around
from wangge.territory.queries import staff_in, staff_of
from wangge.territory.roles import ROLE_NAMES, Role
from wangge.territory.scope import Actor

N_GUESSES = 5
WORDS_TOLD = 4
PERSON_WIDGETS = {"user": "people", "users": "people", "colleague": "people"}
LISTS = {"category": "categories", "unit": "units", "units": "units", "area": "areas", **PERSON_WIDGETS}


def guesses(case: Case) -> list[Option]:
    """The five best categories for the words of a case; the present one first."""
    found: list[Option] = []
    present = case.category
    if present is not None:
        found.append(Option(present.code, named(present), Text("现在的类别", "the present category")))
    others = [one for one in from_words(case.text, case.title) if present is None or one.code != present.code]
    return [*found, *others][:N_GUESSES]


def from_words(text: str, title: str = "") -> list[Option]:
    """The categories that the words speak for, best first, with the words as reason."""
    found = []
    for guess in classify(text, title=title):
        zh, en = "、".join(guess.words[:WORDS_TOLD]), ", ".join(guess.words[:WORDS_TOLD])
        told = Text(f"文中提到:{zh}", f"the words say: {en}")
        found.append(Option(guess.code, named(category(guess.category_id)), told))
    return found


def proposed_units(case: Case, category_code: str = "") -> list[Option]:
    """Units for a case with the reason in words; as if it had another category when one is named."""
    chosen = category_named(category_code) if category_code else case.category
    if chosen is not None and chosen.pk != case.category_id:
        case = copy.copy(case)
        case.category = chosen
    by_code = {option.code: option.name for option in choices.units()}
    return [
        Option(one.code, by_code.get(one.code, Text(one.name, one.name)), one.reason)
        for one in proposals(case)
    ]


def assisting_units(case: Case, category_code: str = "") -> list[str]:
    """Codes of the units that the responsibility list names to assist the first proposal."""
    chosen = category_named(category_code) if category_code else case.category
    if chosen is not None and chosen.pk != case.category_id:
        case = copy.copy(case)
        case.category = chosen
    first = next(iter(proposals(case)), None)
    return list(first.assist_codes) if first else []


def category_named(code: str) -> Category | None:
    try:
        return category_by_code(code)
    except DomainError:
        return None


def around(actor: Actor, case: Case, view: CaseView, verbs: Iterable[Verb]) -> Around:
    """Everything that the forms of these verbs draw on, read once."""
    widgets = widgets_of(verbs)

    @cache
    def colleagues() -> Sequence[Option]:
        return people_near(case) if widgets & PERSON_WIDGETS.keys() else []

    return Around(
        actor, view, guesses(case) if "category" in widgets else (),
        proposed_units(case) if "unit" in widgets else (), colleagues, f"{case.title} {case.text}",
        case.category is not None and case.category.needs_photo_after,
    )  # fmt: skip


def widgets_of(verbs: Iterable[Verb]) -> set[str]:
    return {one.given.widget for verb in verbs for one in ACTIONS[verb].fields}


def datalists(given: Around, widgets: set[str]) -> dict[str, Sequence[Option]]:
    """The lists that inputs of these kinds search in."""
    makers = {
        "categories": choices.categories, "units": choices.units, "areas": lambda: choices.areas(given.actor),
        "people": given.colleagues,
    }  # fmt: skip
    wanted = sorted({LISTS[widget] for widget in widgets if widget in LISTS})
    return {name: makers[name]() for name in wanted}


def people_near(case: Case) -> list[Option]:
    """Who works over the case's area and in its lead unit."""
    posts = [
        *(staff_of(case.area, upward=True) if case.area else []),
        *(staff_in(case.lead_unit) if case.lead_unit else []),
    ]
    found: dict[str, Option] = {}
    for post in posts:
        role = ROLE_NAMES[Role(post.role)]
        where = post.unit or post.area
        place = named(where) if where else Text("", "")
        name = str(post.user)
        told = Text(f"{name}({place.zh}{role.zh})", f"{name} ({role.en}, {place.en})")
        found.setdefault(post.user.username, Option(post.user.username, told))
    return list(found.values())
