"""What the API of cases takes and gives: bodies made from the fields of the verbs, answers from what queries return."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache, lru_cache
from typing import Annotated, Any, Literal

from orjson import Fragment
from pydantic import BaseModel, ConfigDict, Field, create_model

from wangge.cases.actions import ACTIONS, report
from wangge.cases.actions.reveal import LONGEST_PURPOSE, Revealed
from wangge.cases.given import GivenField, fields_of
from wangge.cases.queries import CaseView, Line, ResidentView, Waiting
from wangge.cases.queries.names import Coded, UnitNamed
from wangge.cases.queries.offers import NotNow, offer_of
from wangge.cases.workflow import Verb
from wangge.kit.answers import Day, Moment, Said, schema_of, written

STRICT = ConfigDict(extra="forbid", str_strip_whitespace=False)
MOST_ITEMS = 100
WRITTEN = {date: Day, datetime: Moment}
SEEN = (
    "您看到此案时的 n_entries;此后别人办过则 409 / n_entries as you saw the case; 409 if somebody acted since"
)


def field_type(given: GivenField) -> Any:
    """The type of a field: its choices, its longest text, a list of these."""
    mark, kind = given.given, given.kind
    plain: Any = kind
    if kind is str:
        codes = [code for code, _ in mark.choices]
        if codes:
            plain = Literal[(*codes, *(("",) if given.default == "" else ()))]
        else:
            plain = Annotated[str, Field(max_length=mark.max_length)]
    elif kind in WRITTEN:
        plain = WRITTEN[kind]
    elif kind is float:
        plain = Annotated[float, Field(allow_inf_nan=False)]
    if given.is_list:
        return Annotated[list[plain], Field(max_length=MOST_ITEMS)]
    return plain | None if given.default is None and not given.is_required else plain


def described(given: GivenField) -> Any:
    """The field with its label, choices and help in both languages."""
    mark = given.given
    text = f"{mark.zh} / {mark.en}"
    if mark.help is not None:
        text += f" ({mark.help.zh} / {mark.help.en})" if mark.help.en else f" ({mark.help.zh})"
    if mark.choices:
        text += ": " + "; ".join(f"{code} {name.zh} {name.en}" for code, name in mark.choices)
    if mark.source:
        text += f" [GET /api/catalog/grounds?kind={mark.source}]"
    extra: dict[str, Any] = {"x-widget": mark.widget, "x-zh": mark.zh, "x-en": mark.en}
    if mark.is_private:
        extra["x-private"] = True
    if given.is_required:
        return Field(description=text, json_schema_extra=extra)
    if given.is_list:
        return Field(default_factory=list, description=text, json_schema_extra=extra)
    return Field(default=given.default, description=text, json_schema_extra=extra)


def made_from(name: str, fields: tuple[GivenField, ...], about: str | None, **more: Any) -> type[BaseModel]:
    """A body schema from the fields of an action."""
    columns: dict[str, Any] = {given.name: (field_type(given), described(given)) for given in fields}
    made: type[BaseModel] = create_model(name, __config__=STRICT, __doc__=about, **columns, **more)
    return made


SEEN_FIELD: Any = (int | None, Field(default=None, ge=0, description=SEEN))


@cache
def body_schema(verb: Verb) -> type[BaseModel]:
    """What a verb is given as JSON."""
    action = ACTIONS[verb]
    name = "".join(word.title() for word in verb.value.split("_"))
    return made_from(f"{name}Body", action.fields, action.function.__doc__, n_entries=SEEN_FIELD)


REPORT_FIELDS = fields_of(report)
# what an anonymous person may say; the rest belongs to the staff and to machines
PUBLIC_FIELDS = frozenset(
    {"text", "kind", "category", "address", "area", "lon", "lat", "datum", "accuracy_m", "position_source", "name", "phone",
     "is_anonymous", "may_show_to_grid", "files", "language"}
)  # fmt: skip
ReportBody = made_from(
    "ReportBody",
    REPORT_FIELDS,
    "上报 / a report. Anonymous people may give: " + ", ".join(sorted(PUBLIC_FIELDS)) + ".",
    for_resident=(
        bool,
        Field(
            default=False,
            description="代诉求人上报,评价权归诉求人 / on behalf of a resident, who keeps the veto",
        ),
    ),
)


class OneDeskBody(BaseModel):
    """受理、立案、派遣一次办理 / accept, docket and dispatch in one submission."""

    model_config = STRICT
    category: str = Field(max_length=40, description="类别 / category code")
    lead: str = Field(max_length=40, description="主办单位 / code of the lead unit")
    assisting: list[str] = Field(
        default_factory=list, max_length=MOST_ITEMS, description="协办单位 / assisting units"
    )
    advice: str = Field(default="", max_length=500, description="派遣意见 / advice")
    tier: Literal["", "in_grid", "in_group", "report_up"] = Field(default="", description="层级 / tier")
    n_entries: int | None = Field(default=None, ge=0, description=SEEN)


class RevealBody(BaseModel):
    """查看诉求人姓名和电话须写明用途,并留下记录 / a stated purpose; the look is recorded."""

    model_config = STRICT
    purpose: str = Field(
        min_length=1, max_length=LONGEST_PURPOSE, description="查看用途 / what you need it for"
    )
    reporter: int | None = Field(default=None, description="诉求人编号 / the reporter's id in the case")


class ReportedOut(BaseModel):
    """The new case. ``code``: by which its reporter follows it; shown this once."""

    number: str = Field(description="案件编号 / case number")
    code: str | None = Field(description="查询码,只显示这一次 / the code to follow it; shown only now")
    follow: str | None = Field(description="查询地址 / where to follow it")
    state: str
    due_at: datetime | None = Field(description="最迟答复时间 / answered by")
    area: str | None = Field(description="所在区域编码 / code of the area")


class FilterIn(BaseModel):
    """Filters of the list of cases; codes, not ids."""

    state: list[str] = Field(default_factory=list, max_length=20, description="状态,可多个 / states")
    open: bool | None = Field(default=None, description="在办 / open cases only (or ended ones)")
    category: str = Field(default="", max_length=40, description="类别及其下级 / category and below")
    area: str = Field(default="", max_length=30, description="区域及其下级 / area and below")
    unit: str = Field(default="", max_length=40, description="主办或协办单位 / leading or assisting unit")
    light: str = Field(default="", max_length=10, description="green reminder yellow red purple none")
    channel: str = Field(default="", max_length=40, description="来源渠道 / channel")
    kind: str = Field(default="", max_length=20, description="诉求类型 / kind")
    q: str = Field(
        default="",
        max_length=100,
        description="案件编号(开头即可)、原编号,或标题、地址、内容中连续的两个字以上 / the beginning of a number, a whole "
        "original number, or two characters and more of title, address or text",
    )
    origin_number: str = Field(default="", max_length=80, description="原编号 / original number")
    since: Day | None = Field(
        default=None, description="上报日期不早于 / reported on this day (Shanghai) or later"
    )
    until: Day | None = Field(default=None, description="上报日期不晚于 / reported on this day or earlier")
    mine: Literal["", "waiting"] = Field(
        default="", description="waiting:只看等我办的 / only what waits for me"
    )
    waiting: str = Field(
        default="", max_length=20, description="待办分类(见 /api/waiting) / in which way it waits"
    )
    after: str = Field(default="", max_length=400, description="上一页的 next / `next` of the page before")
    size: int = Field(default=50, ge=1, le=200, description="每页条数 / rows a page")


class Suggestion(BaseModel):
    """A category that words of the text speak for."""

    category: schema_of(Coded)  # type: ignore[valid-type]
    score: float
    words: list[str]
    is_decided: bool = Field(description="明显领先,可直接采用 / clearly ahead of the others")


class ProposalOut(BaseModel):
    """A unit that routing proposes, with the reason in words."""

    model_config = ConfigDict(from_attributes=True)
    unit: schema_of(UnitNamed)  # type: ignore[valid-type]
    reason: Said
    assist_codes: list[str]


LineOut = schema_of(Line, without=("case_id",))
WaitingOut = schema_of(Waiting)
RevealedOut = schema_of(Revealed)
ResidentOut = schema_of(ResidentView)


class CaseOut(LineOut, schema_of(CaseView, without=("line",))):  # type: ignore[valid-type,misc]
    """One case as the caller sees it: what a list shows, and everything else."""


class LinesOut(BaseModel):
    """One page. ``next``: give it as ``after`` for the next page; empty on the last."""

    items: list[LineOut]  # type: ignore[valid-type]
    next: str


class WaitingList(BaseModel):
    items: list[WaitingOut]  # type: ignore[valid-type]
    n: int


class ProposalList(BaseModel):
    items: list[ProposalOut]


class SuggestionList(BaseModel):
    items: list[Suggestion]


def whole(view: CaseView) -> dict[str, Any]:
    """A case view as ``CaseOut`` takes it: the line's values beside the others."""
    return {**vars(view.line), **vars(view)}


def whole_written(view: CaseView) -> dict[str, Any]:
    """The same for ``answer_as_it_is``: what can be done is long and says the same each time, so it is written once."""
    return {
        **whole(view),
        "offers": [written_offer(offer.verb.code) for offer in view.offers],
        "not_now": [written_refusal(refused) for refused in view.not_now],
    }


@cache
def written_offer(verb: str) -> Fragment:
    return written(offer_of(Verb(verb)))


@lru_cache(maxsize=10_000)
def written_refusal(refused: NotNow) -> Fragment:
    return written(refused)
