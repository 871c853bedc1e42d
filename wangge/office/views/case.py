"""One case: what, where, who, the way so far, the deadlines, and what this person may do now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from wangge.cases.actions.reveal import Revealed
from wangge.cases.models import Case
from wangge.cases.queries import CaseView, EntryLine, case_seen, evidence_of, resident_view, view_of
from wangge.cases.queries.view import EvidenceItem
from wangge.cases.workflow import ENDED, RULES, State, Verb
from wangge.catalog.models import Tier
from wangge.files.views import serve_file
from wangge.kit.ids import uuid7
from wangge.kit.speech import said, spoken
from wangge.kit.words import Text
from wangge.office.access import staff_only
from wangge.office.around import around, assisting_units, datalists, guesses, proposed_units, widgets_of
from wangge.office.forms.desk import OneDeskForm
from wangge.office.forms.given import Around, VerbForm, verb_form
from wangge.office.lists import earlier_here
from wangge.office.maps import case_map
from wangge.office.pages import shared
from wangge.office.steps import NEEDS_CONFIRMING, Steps, steps_of, waits_for
from wangge.registry.masking import masked_text
from wangge.territory.roles import Role
from wangge.territory.scope import Actor

POSITION_SOURCES = {
    "gps": Text("卫星定位", "satellite"), "map": Text("地图选点", "chosen on the map"), "address": Text("按地址匹配", "from the address"),
    "camera": Text("摄像机", "camera"), "sensor": Text("传感器", "sensor"), "upstream": Text("上级平台", "platform above"),
    "dispatcher": Text("派遣员标注", "set by the dispatcher"), "import": Text("导入", "import"),
}  # fmt: skip
DATUM_NAMES = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09", "cgcs2000": "CGCS2000"}
LINKS = {
    "merged": (Text("并入", "joined"), Text("并来", "joined by")), "split": (Text("拆分自", "part of"), Text("拆分出", "part")),
    "followed": (Text("接续", "follows"), Text("后续", "followed by")),
}  # fmt: skip


@dataclass(frozen=True)
class Act:
    """A verb with its form, as the page shows it."""

    verb: str
    name: str
    form: VerbForm
    needs_confirming: bool
    is_open: bool = False


@dataclass
class Typed:
    """What comes back to the page after a refusal: forms as they were typed, a number that was revealed."""

    forms: dict[Verb, VerbForm] = field(default_factory=dict)
    one_desk: OneDeskForm | None = None
    refusal: str = ""
    revealed: Revealed | None = None
    status: int = 200


@require_GET
@staff_only
def case_page(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The case of this number; 404 outside the person's scope."""
    return page_of(request, actor, number, Typed())


def page_of(request: HttpRequest, actor: Actor, number: str, typed: Typed) -> HttpResponse:
    """The page as it is true now, with what was typed where something was refused."""
    case = case_seen(actor, number)
    view = view_of(actor, case)
    steps = steps_of(view)
    verbs = [*steps.first, *steps.folded]
    given = around(actor, case, view, verbs)
    widgets = widgets_of(verbs) | ({"category", "unit"} if steps.has_one_desk else set())
    context = shared(
        request, actor, "cases",
        case=view, line=view.line, steps=steps, typed=typed, state_name=said(view.line.state.name),
        is_ended=State(view.line.state.code) in ENDED, waits_for=said(waits_for(view)), standard=standard_of(case, steps),
        first=acts(steps.first, given, typed), folded=acts(steps.folded, given, typed),
        one_desk=one_desk_form(case, view, typed) if steps.has_one_desk else None,
        left_over=[act_of(verb, form) for verb, form in typed.forms.items() if verb not in verbs],
        datalists=datalists(given, widgets), key=str(uuid7()), revealed=typed.revealed,
        **parts(actor, case, view),
    )  # fmt: skip
    return render(request, "office/case.html", context, status=typed.status)


def parts(actor: Actor, case: Case, view: CaseView) -> dict[str, Any]:
    """Place, evidence, questions and neighbours of a case."""
    before, after, others = sorted_evidence(view)
    return {
        "map": case_map(view.line, case.path, case.accuracy_m), "where": place_of(case), "before": before, "after": after,
        "others": others, "open_asks": [ask for ask in view.asks if not ask.decision],
        "related": [(link_name(one.link, is_parent=one.is_parent), one) for one in view.related],
        "earlier": earlier_here(actor, case), "timeline": with_files(view),
    }  # fmt: skip


def standard_of(case: Case, steps: Steps) -> str:
    """When a case of this category counts as done; told to whoever reports or checks the result."""
    is_told = {Verb.REPORT_RESULT, Verb.CHECK_PASSED, Verb.SELF_CLOSE} & set(steps.first)
    if not is_told or case.category is None:
        return ""
    return spoken(
        case.category.closing_standard_zh,
        case.category.closing_standard_en or case.category.closing_standard_zh,
    )


def acts(verbs: tuple[Verb, ...], given: Around, typed: Typed) -> list[Act]:
    """The verbs with their forms: as typed where there was a refusal, else fresh."""
    return [
        act_of(verb, typed.forms.get(verb) or verb_form(verb, given), is_open=verb in typed.forms)
        for verb in verbs
    ]


def act_of(verb: Verb, form: VerbForm, *, is_open: bool = False) -> Act:
    return Act(verb.value, said(RULES[verb].name), form, verb in NEEDS_CONFIRMING, is_open)


def one_desk_form(case: Case, view: CaseView, typed: Typed) -> OneDeskForm:
    """The one submission, filled with the best category and the first unit on the list."""
    if typed.one_desk is not None:
        return typed.one_desk
    best = guesses(case)
    category = best[0].code if best else ""
    units = proposed_units(case, category)
    only_group = set(view.roles) & {Role.COMMUNITY_MANAGER, Role.ZONE_MANAGER} == {Role.COMMUNITY_MANAGER}
    initial = {
        "category": category, "lead": units[0].code if units else "", "assisting": assisting_units(case, category),
        "tier": Tier.IN_GROUP if only_group else Tier.REPORT_UP if case.tier == Tier.IN_GRID else case.tier,
    }  # fmt: skip
    return OneDeskForm(None, guesses=best, proposals=units, initial=initial)


def place_of(case: Case) -> dict[str, str]:
    """The position in words: as used, as given, how exact, how found."""
    if case.lon is None or case.lat is None:
        return {}
    told = {"used": f"{case.lon:.5f}, {case.lat:.5f} (WGS-84)"}
    if case.datum not in ("", "wgs84") and case.raw_lon is not None and case.raw_lat is not None:
        told["given"] = f"{case.raw_lon:.5f}, {case.raw_lat:.5f} ({DATUM_NAMES.get(case.datum, case.datum)})"
    if case.accuracy_m is not None:
        told["accuracy"] = spoken(f"约 {case.accuracy_m:.0f} 米", f"about {case.accuracy_m:.0f} m")
    source = POSITION_SOURCES.get(case.position_source)
    if source is not None:
        told["source"] = said(source)
    return told


def sorted_evidence(view: CaseView) -> tuple[list[EvidenceItem], list[EvidenceItem], list[EvidenceItem]]:
    """Before, after, and everything else."""
    by: dict[str, list[EvidenceItem]] = {"before": [], "after": []}
    others: list[EvidenceItem] = []
    for item in view.evidence:
        by.get(item.role.code, others).append(item)
    return by["before"], by["after"], others


def with_files(view: CaseView) -> list[tuple[EntryLine, list[EvidenceItem]]]:
    """The timeline with the files that each entry brought."""
    by_key: Mapping[str, EvidenceItem] = {str(item.key): item for item in view.evidence}
    return [(entry, [by_key[key] for key in entry.files if key in by_key]) for entry in view.timeline]


def link_name(link: str, *, is_parent: bool) -> str:
    names = LINKS.get(link)
    return said(names[0] if is_parent else names[1]) if names else ""


# --- beside the page ---------------------------------------------------------------------------------------


@require_GET
@staff_only
def sheet(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The case as an official sheet for printing; the reporter masked."""
    case = case_seen(actor, number)
    view = view_of(actor, case)
    unit = view.line.unit.name if view.line.unit else None
    context = shared(
        request,
        actor,
        "cases",
        case=view,
        line=view.line,
        unit=unit,
        timeline=view.timeline[::-1],
        printed_at=actor.now(),
    )
    return render(request, "office/sheet.html", context)


@require_GET
@staff_only
def residents_page(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """What the reporter reads of this case now."""
    case = case_seen(actor, number)
    view = view_of(actor, case)
    person = (
        case.reporters.filter(erased_at=None)
        .select_related("case__lead_unit", "case__parent__lead_unit")
        .order_by("id")
        .first()
    )
    seen = resident_view(person, actor.now()) if person else None
    text = masked_text(seen.text) if seen and view.text_is_masked else seen.text if seen else ""
    return render(
        request,
        "office/resident.html",
        shared(request, actor, "cases", seen=seen, text=text, number=number, line=view.line),
    )


@require_GET
@staff_only
def file(request: HttpRequest, actor: Actor, key: UUID) -> HttpResponseBase:
    """A photo, recording or paper of a case in the person's scope."""
    stored = evidence_of(actor, key)
    return serve_file(
        stored,
        "download" in request.GET,
        thumbnail="small" in request.GET,
        range_header=request.headers.get("Range", ""),
    )
