"""撤回 补充 催办: what a resident may do with the code."""

from __future__ import annotations

from wangge.cases.actions.fields import Files, PrivateText
from wangge.cases.actions.registry import action
from wangge.cases.dispatching import end_case, end_dispatch
from wangge.cases.models import Case, Reporter
from wangge.cases.move import CaseRef, begin
from wangge.cases.workflow import State, Verb
from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Conflict, Invalid
from wangge.territory.roles import Role
from wangge.territory.scope import Actor


@action(Verb.WITHDRAW)
def withdraw(ref: CaseRef, *, actor: Actor, words: PrivateText = "") -> Case:
    """撤回: the reporter takes it back; a hazard goes on without its reporter, and so does a case of several."""
    move = begin(ref, Verb.WITHDRAW, actor)
    case = move.case
    move.private("words", words.strip())
    Reporter.objects.filter(pk=actor.reporter_id or 0).update(verdict="withdrawn")
    case.is_dissatisfied = False
    if case.has_hazard or case.n_reporters > 1:
        return move.finish(goes_on=True)
    case.ground, case.closing_note = "withdrawn", "诉求人撤回"
    end_dispatch(move, "withdrawn")
    end_case(move)
    return move.finish(State.VOID, ground="withdrawn")


@action(Verb.SUPPLEMENT)
def supplement(ref: CaseRef, *, actor: Actor, words: PrivateText = "", files: Files = []) -> Case:  # noqa: B006
    """补充: more words or photos; a clock never changes by it."""
    move = begin(ref, Verb.SUPPLEMENT, actor)
    if not words.strip() and not files:
        raise Invalid("words", "请写几个字或添加照片。", "Write a few words or add a photo.")
    move.private("words", words.strip())
    n_files = move.attach(files, "before", for_resident=True)
    return move.finish(n_files=n_files)


@action(Verb.URGE)
def urge(ref: CaseRef, *, actor: Actor, words: PrivateText = "") -> Case:
    """催办: once a day by the resident; by staff as often as needed."""
    move = begin(ref, Verb.URGE, actor)
    if Role.RESIDENT in move.roles:
        today = move.at.astimezone(SHANGHAI).date()
        changed = Reporter.objects.filter(pk=actor.reporter_id or 0).exclude(urged_on=today).update(
            urged_on=today
        ) or Reporter.objects.filter(pk=actor.reporter_id or 0, urged_on=None).update(urged_on=today)
        if not changed:
            raise Conflict(
                "urged_today", "今天已经催办过,我们记着。", "You have urged today already; it is noted."
            )
    move.private("words", words.strip())
    return move.finish()
