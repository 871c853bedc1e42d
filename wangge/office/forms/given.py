"""Forms made from what a verb must be given: each field is said once, at the verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from django import forms

from wangge.cases.actions import ACTIONS
from wangge.cases.given import GivenField
from wangge.cases.queries import CaseView
from wangge.cases.workflow import Verb
from wangge.catalog.queries import channels, close_types, grounds, knowledge_for
from wangge.kit.errors import DomainError
from wangge.kit.speech import said, spoken
from wangge.kit.words import Text
from wangge.office import choices
from wangge.office.choices import Option
from wangge.office.forms.fields import CodeField, CodesField, LinesField, UploadsField
from wangge.office.forms.widgets import Lookup, Proposed
from wangge.territory.scope import Actor

FEW = 6  # so many choices stand as radio buttons
# what programs give and people do not
NOT_ASKED = {"position_source"}
DATUMS = (
    ("wgs84", Text("WGS-84(手机卫星定位)", "WGS-84 (satellite)")),
    ("gcj02", Text("GCJ-02(高德、腾讯地图)", "GCJ-02 (Amap, Tencent)")),
    ("bd09", Text("BD-09(百度地图)", "BD-09 (Baidu)")),
    ("cgcs2000", Text("CGCS2000(测绘成果)", "CGCS2000 (survey)")),
)
UNCHOSEN, UNCHANGED = Text("(不选)", "(none)"), Text("(不变)", "(unchanged)")
KEEPS = frozenset({Verb.TRIAGE, Verb.DOCKET})  # what is left out stays as it is
PICTURES = "image/*,video/*,audio/*,application/pdf"


@dataclass(frozen=True)
class Around:
    """What the forms of one case draw on: proposals, people, the case's own rows."""

    actor: Actor
    view: CaseView | None = None
    guesses: Sequence[Option] = ()
    proposals: Sequence[Option] = ()
    colleagues: Callable[[], Sequence[Option]] = field(default=tuple)
    text: str = ""
    needs_photo_after: bool = False


Maker = Callable[[GivenField, Around, dict[str, Any]], forms.Field]


class VerbForm(forms.Form):
    """The form of one verb; hidden fields say what the person saw and make a double click harmless."""

    error_css_class = "bad"

    def arguments(self, actor: Actor) -> dict[str, Any]:
        """What the verb's function is given; uploads are stored first and kept when the verb is refused."""
        given: dict[str, Any] = {}
        for name, one in self.fields.items():
            value = self.cleaned_data.get(name)
            if isinstance(one, UploadsField):
                value = one.stored(value or {"new": [], "kept": []}, actor)
            if value in (None, "", []) and not isinstance(one, forms.BooleanField):
                continue
            given[name] = value
        return given

    def refuse(self, error: DomainError) -> None:
        """A refusal at the field that it is about, else above the form."""
        name = str(error.details.get("field", ""))
        self.add_error(name if name in self.fields else None, said(Text(error.zh, error.en)))


def verb_form(verb: Verb, around: Around, data: Any = None, files: Any = None, **initial: Any) -> VerbForm:
    """The form of a verb, filled with what was typed (``data``) or with ``initial`` values."""
    asked = [one for one in ACTIONS[verb].fields if one.name not in NOT_ASKED]
    form = VerbForm(data, files, initial=initial, auto_id=f"{verb.value}-%s", label_suffix="")
    empty = UNCHANGED if verb in KEEPS else UNCHOSEN
    form.fields.update({one.name: made(one, around, empty) for one in asked})
    return form


def made(one: GivenField, around: Around, empty: Text = UNCHOSEN) -> forms.Field:
    """The field for one argument of a verb; ``empty`` names the choice of leaving it out."""
    mark = one.given
    shared: dict[str, Any] = {
        "label": said(mark.label), "required": one.is_required,
        "help_text": said(mark.help) if mark.help and mark.help.en else "",
    }  # fmt: skip
    if one.default not in (None, "", (), []):
        shared["initial"] = one.default
    if one.name == "datum":
        return chosen_from(DATUMS, shared)
    if mark.choices:
        return chosen_from(mark.choices, shared, empty)
    return MAKERS.get(mark.widget, line)(one, around, shared)


def chosen_from(
    pairs: Sequence[tuple[str, Text]], shared: dict[str, Any], empty: Text = UNCHOSEN
) -> forms.Field:
    """Few choices as radio buttons, many as a list; what may be left out can be unchosen."""
    listed = [(code, said(name)) for code, name in pairs]
    if not shared["required"] and not shared.get("initial"):
        listed = [("", said(empty)), *listed]
    widget = forms.RadioSelect if len(listed) <= FEW else forms.Select
    return forms.ChoiceField(choices=listed, widget=widget, **shared)


def line(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=one.given.max_length, **shared)


def words(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    area = forms.Textarea({"rows": 3})
    kind = LinesField if one.is_list else forms.CharField
    return kind(max_length=one.given.max_length, widget=area, **shared)


def number(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    if one.kind is int:
        return forms.IntegerField(widget=forms.NumberInput({"inputmode": "numeric"}), **shared)
    return forms.FloatField(widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}), **shared)


def yes_no(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    return forms.BooleanField(**{**shared, "required": False})


def day(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    today = date.today() if around.view is None else around.actor.now().date()  # noqa: DTZ011  a lower bound for the picker
    return forms.DateField(widget=forms.DateInput({"type": "date", "min": today.isoformat()}), **shared)


def category(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    return CodeField(choices.categories, widget=Proposed(around.guesses, "categories", keys=True), **shared)


def unit(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    proposed = around.proposals if one.name == "lead" else ()
    return CodeField(
        choices.units, widget=Proposed(proposed, "units") if proposed else Lookup("units"), **shared
    )


def units(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    return CodesField(choices.units, "units", **shared)


def area(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    return CodeField(partial(choices.areas, around.actor), widget=Lookup("areas"), **shared)


def person(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    return CodeField(around.colleagues, widget=Lookup("people"), **shared)


def people(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    return CodesField(around.colleagues, "people", **shared)


def from_rows(rows: Sequence[Any], shared: dict[str, Any]) -> forms.Field:
    return chosen_from([(row.code, choices.named(row)) for row in rows], shared)


def ground(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    return from_rows(grounds(one.given.source), shared)


def close_type(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    return from_rows([row for row in close_types() if row.code != "exception"], shared)


def channel(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    return from_rows(channels(), shared)


def knowledge(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    """The agreed answers that are nearest to the text."""
    found = knowledge_for(around.text, n=8)
    listed = [(entry.code, spoken(entry.question_zh, entry.name_en or entry.question_zh)) for entry in found]
    return forms.ChoiceField(choices=[("", said(UNCHOSEN)), *listed], **shared)


def assist(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    rows = around.view.assists if around.view else []
    return chosen_from([(row.unit.code, row.unit.name) for row in rows if not row.outcome], shared)


def reporter(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    """Whom to ask when several stand behind a case."""
    found = around.view.reporters if around.view else []
    listed = [
        (str(p.id), f"{p.name or spoken('未留姓名', 'no name')} {p.phone} · {said(p.verdict.name)}")
        for p in found
    ]
    return forms.TypedChoiceField(
        choices=listed, coerce=int, empty_value=None, **{**shared, "required": False}
    )


def uploads(one: GivenField, around: Around, shared: dict[str, Any]) -> forms.Field:
    if one.name == "photos_after" and around.needs_photo_after:
        shared["help_text"] = spoken(
            "此类案件必须有处置后照片,最多 9 个", "This category needs a photo afterwards; 9 at most"
        )
    return UploadsField(accept=PICTURES, **shared)


MAKERS: Mapping[str, Maker] = {
    "line": line, "words": words, "number": number, "yes_no": yes_no, "day": day, "category": category, "unit": unit,
    "units": units, "area": area, "user": person, "colleague": person, "users": people, "ground": ground,
    "close_type": close_type, "channel": channel, "knowledge": knowledge, "assist": assist, "reporter": reporter,
    "files": uploads, "case": line,
}  # fmt: skip
