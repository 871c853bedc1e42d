"""The verbs that are done on the phone, each with the fields it asks there, one question a view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from wangge.cases.queries import CaseView, Coded, Field, NotNow, Offer
from wangge.cases.workflow import Verb
from wangge.catalog.queries import category_by_code, leaves
from wangge.kit.errors import DomainError
from wangge.kit.words import Text

# verb → the fields asked on the phone; the others keep their default (the office asks them)
ASKED: dict[Verb, tuple[str, ...]] = {
    Verb.VERIFY: ("finding", "files", "note"),
    Verb.SELF_CLOSE: ("category", "photos_after", "result"),
    Verb.TAKE: (),
    Verb.ARRIVE: (),
    Verb.REPORT_RESULT: ("photos_after", "result"),
    Verb.ASSIST_DONE: ("note",),
    Verb.REPORT_SEEN: ("seen", "files", "note"),
    Verb.CONTACT: ("outcome", "summary"),
    Verb.ATTACH: ("files",),
    Verb.NOTE: ("text",),
    Verb.ESCALATE: ("reason",),
    Verb.UNDO: (),
}
QUIET = (Verb.NOTE, Verb.ATTACH, Verb.ESCALATE, Verb.UNDO)  # beside the work itself
QUESTIONS: dict[Verb, Text] = {
    Verb.VERIFY: Text("现场情况是否属实?", "Is it as reported?"),
    Verb.REPORT_SEEN: Text("现场恢复了吗?", "Has the place been restored?"),
    Verb.SELF_CLOSE: Text("怎么解决的?", "How was it solved?"),
    Verb.REPORT_RESULT: Text("办理结果怎样?", "What was done?"),
    Verb.CONTACT: Text("联系上了吗?", "Was the reporter reached?"),
    Verb.NOTE: Text("记一笔", "A line for colleagues"),
    Verb.ATTACH: Text("补几张照片", "More photos"),
    Verb.ESCALATE: Text("为什么要提级?", "Why a level higher?"),
    Verb.ASSIST_DONE: Text("协办做了什么?", "What was done to assist?"),
}
BUTTONS: dict[Verb, Text] = {
    Verb.VERIFY: Text("去核实", "Verify"),
    Verb.REPORT_SEEN: Text("报现场所见", "Report what is seen"),
    Verb.SELF_CLOSE: Text("我来办结", "Solved by me"),
    Verb.TAKE: Text("签收", "Take it"),
    Verb.ARRIVE: Text("我到了", "I am there"),
    Verb.REPORT_RESULT: Text("反馈结果", "Report the result"),
    Verb.ATTACH: Text("补照片", "Add photos"),
}


@dataclass(frozen=True)
class Deed:
    """A verb as the phone offers it: its button, its question and its fields in the phone's order."""

    verb: Verb
    name: Text
    button: Text
    question: Text
    fields: tuple[Field, ...]
    needs_photo: bool = False
    categories: tuple[Coded, ...] = field(default=(), repr=False)

    @property
    def first_choice(self) -> Field | None:
        """The question that is asked on a view of its own."""
        return next((one for one in self.fields if one.widget == "choice" and one.is_required), None)

    @property
    def is_quiet(self) -> bool:
        return self.verb in QUIET

    @property
    def files_field(self) -> Field | None:
        return next((one for one in self.fields if one.widget == "files"), None)

    @property
    def words_fields(self) -> list[Field]:
        return [one for one in self.fields if one.widget in ("words", "line")]


def deeds_of(view: CaseView) -> list[Deed]:
    """What this person may do on this case on the phone now, the work itself first."""
    made = [deed_of(offer, view) for offer in view.offers if offer.verb.code in ASKED]
    order = list(ASKED)
    return sorted(made, key=lambda deed: (deed.is_quiet, order.index(deed.verb)))


def deed_of(offer: Offer, view: CaseView) -> Deed:
    verb = Verb(offer.verb.code)
    by_name = {one.name: one for one in offer.fields}
    wanted = [name for name in ASKED[verb] if name in by_name and is_asked(name, view)]
    return Deed(
        verb=verb, name=offer.verb.name, button=BUTTONS.get(verb, offer.verb.name),
        question=QUESTIONS.get(verb, offer.verb.name), fields=tuple(by_name[name] for name in wanted),
        needs_photo=verb is Verb.ATTACH or ("photos_after" in wanted and needs_photo_after(view)),
        categories=self_closable() if "category" in wanted else (),
    )  # fmt: skip


def is_asked(name: str, view: CaseView) -> bool:
    """The category is asked only where the case has none yet."""
    return name != "category" or view.line.category is None


def needs_photo_after(view: CaseView) -> bool:
    if view.line.category is None:
        return False
    try:
        return category_by_code(view.line.category.code).needs_photo_after
    except DomainError:
        return False


def self_closable() -> tuple[Coded, ...]:
    """Categories that the grid may close by itself."""
    return tuple(
        Coded(leaf.code, Text(leaf.name_zh, leaf.name_en or leaf.name_zh))
        for leaf in leaves()
        if leaf.may_self_close
    )


def not_now_of(view: CaseView) -> list[NotNow]:
    """What belongs to this person but not at this moment: shown grey, with the reason."""
    return [one for one in view.not_now if one.has_role and one.verb.code in BUTTONS and one.code != "state"]


def given(deed: Deed, said: Mapping[str, str], files: Sequence[str]) -> dict[str, object]:
    """The arguments of the verb from what was typed and uploaded; nothing that was not asked."""
    found: dict[str, object] = {}
    for one in deed.fields:
        if one.widget == "files":
            found[one.name] = list(files)
        elif one.name in said:
            found[one.name] = said[one.name].strip()[: one.max_length]
    return found


def keys_of(deeds: Iterable[Deed]) -> set[str]:
    return {deed.verb.value for deed in deeds}
