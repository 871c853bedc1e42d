"""备注 附件 批示 提级 撤销."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from wangge.cases.actions.fields import Files, IsDrawing, Reason, Words
from wangge.cases.actions.registry import action
from wangge.cases.chain import UNDO_WINDOW
from wangge.cases.events import CaseMoved
from wangge.cases.lookups import needed
from wangge.cases.models import Case, Entry
from wangge.cases.move import CaseRef, begin
from wangge.cases.workflow import State, Verb
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import Conflict, Invalid
from wangge.kit.events import cancel_published
from wangge.territory.scope import Actor


@action(Verb.NOTE)
def note(ref: CaseRef, *, actor: Actor, text: Words) -> Case:
    """备注: a line for colleagues; no clock changes."""
    move = begin(ref, Verb.NOTE, actor)
    return move.finish(text=needed("text", text, "请填写备注。", "Write the note."))


@action(Verb.ATTACH)
def attach(ref: CaseRef, *, actor: Actor, files: Files, is_drawing: IsDrawing = False) -> Case:
    """附件: more photos or papers."""
    move = begin(ref, Verb.ATTACH, actor)
    if not files:
        raise Invalid("files", "请选择附件。", "Choose files.")
    move.attach(files, "document", for_resident=actor.user_id is None, is_drawing=is_drawing)
    return move.finish(n_files=len(files))


@action(Verb.INSTRUCT)
def instruct(ref: CaseRef, *, actor: Actor, text: Words) -> Case:
    """批示: a leader's words, an entry everybody on the case reads."""
    move = begin(ref, Verb.INSTRUCT, actor)
    return move.finish(text=needed("text", text, "请填写批示。", "Write the instruction."))


@action(Verb.ESCALATE)
def escalate(ref: CaseRef, *, actor: Actor, reason: Reason) -> Case:
    """提级: a level higher; the leaders of the area see it from now on."""
    move = begin(ref, Verb.ESCALATE, actor)
    words = needed("reason", reason, "请写明提级原因。", "Say why.")
    move.case.is_escalated = True
    move.case.tier = "report_up"
    return move.finish(reason=words)


@action(Verb.UNDO)
def undo(ref: CaseRef, *, actor: Actor) -> Case:
    """撤销: the same person takes back the newest entry within ten seconds; appends, never erases."""
    move = begin(ref, Verb.UNDO, actor)
    case = move.case
    last = Entry.objects.filter(case=case).order_by("-seq").first()
    kept: dict[str, Any] | None = case.undo
    if last is None or last.user_id != actor.user_id or kept is None or kept["seq"] != last.seq:
        raise Conflict("not_yours", "只能撤销自己刚刚办的一步。", "Only your own last step can be undone.")
    if abs(REAL_CLOCK.now() - last.recorded_at) > UNDO_WINDOW:  # also when the clock was set back since
        raise Conflict(
            "too_late", "已超过 10 秒,不能撤销。", "More than ten seconds have passed; it cannot be undone."
        )
    restore_rows(kept["rows"])
    to = State(kept["case"].get("state", case.state))
    columns = {column.attname: column for column in case._meta.concrete_fields}
    for name, value in kept["case"].items():
        setattr(case, name, columns[name].to_python(value))
    case.state = last.to_state
    cancel_published(case.pk, last.seq, [CaseMoved.kind])
    return move.finish(to, undone=last.seq, verb=last.verb)


def restore_rows(rows: list[dict[str, Any]]) -> None:
    """Take back what the move did beside the case, newest first."""
    for change in reversed(rows):
        model = apps.get_model(change["model"])
        found = model._base_manager.filter(pk=change["pk"])
        if "old" in change:
            found.update(**change["old"])
        else:
            found.delete()
