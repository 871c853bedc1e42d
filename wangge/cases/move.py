"""One move of a case: lock → rule → change → entry → publish. Every verb goes through here.

``begin`` locks the case and asks the table; the action changes rows through the ``Move``; ``finish`` saves the case,
appends the entry to the chain and writes the outbox row, all in the caller's transaction.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model

from wangge.cases import clocks, search
from wangge.cases.chain import link, moved, plain, write_move
from wangge.cases.clocks import Budget
from wangge.cases.events import CaseMoved
from wangge.cases.models import Ask, Case, CaseClock, Entry, Evidence, PrivateWords, Stage
from wangge.cases.scope import roles_on, sees
from wangge.cases.workflow import RULES, STATE_NAMES, State, Step, Verb, step
from wangge.catalog import queries as catalog
from wangge.files.actions import attachable, mark_attached
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.crypto import KeyRing, key_ring, salted_digest
from wangge.kit.db import insert, read_fields, select, update
from wangge.kit.errors import Conflict, NotFound
from wangge.territory.locator import area_by_id
from wangge.territory.models import Unit
from wangge.territory.roles import Role
from wangge.territory.scope import Actor, Grant
from wangge.territory.staff import unit_by_id

HARMLESS = frozenset({Verb.NOTE, Verb.ATTACH, Verb.SUPPLEMENT, Verb.URGE, Verb.CONTACT})
LEAD_ONLY = frozenset(
    {Verb.TAKE, Verb.ASSIGN, Verb.ARRIVE, Verb.ASK_HAND_BACK, Verb.ASK_EXTENSION, Verb.ASK_PARK, Verb.REPORT_RESULT,
     Verb.ASK_EXCEPTION}
)  # fmt: skip
# of units only the one that holds the case; the desk's people may do it too
OF_UNITS_THE_LEAD = frozenset({Verb.CONTACT})
NOT_UNDONE = frozenset(
    {Verb.REPORT, Verb.UNDO, Verb.ARCHIVE, Verb.MERGE, Verb.UNMERGE, Verb.SPLIT, Verb.FOLLOW_UP}
)


@dataclass(frozen=True)
class Seen:
    """A case as somebody saw it: a verb on it is refused when it has moved on since."""

    case_id: int
    n_entries: int


CaseRef = int | Seen


def keys() -> KeyRing:
    """The installation's key ring."""
    return key_ring(settings.KEYS_FOLDER)


class Move:
    """A verb in progress on a locked case."""

    def __init__(
        self, case: Case, verb_step: Step, actor: Actor, grant: Grant, roles: Mapping[Role, Grant]
    ) -> None:
        self.case = case
        self.step = verb_step
        self.actor = actor
        self.grant = grant
        self.roles = roles
        self.at: datetime = actor.now()
        read = case.__dict__
        self._before = {field.attname: read[field.attname] for field in read_fields(Case)}
        self._undo: list[dict[str, Any]] = []
        self._clocks: list[CaseClock] | None = None
        self._hashes: list[str] = []
        self._digests: dict[str, str] = {}
        self._words: list[PrivateWords] = []

    # ---- rows beside the case

    def insert(self, row: Model) -> None:
        """Insert a row that belongs to this move; undoing deletes it."""
        insert(row)
        self.remember_new(row)

    def remember_new(self, row: Model) -> None:
        """A row that somebody else inserted for this move; undoing deletes it."""
        self._undo.append({"model": row._meta.label, "pk": row.pk})

    def update(self, row: Model, **changes: Any) -> None:
        """Change columns of a row that belongs to the case; undoing puts the old values back."""
        old = {name: getattr(row, name) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        update(row, list(changes))
        self._undo.append({"model": row._meta.label, "pk": row.pk, "old": old})

    # ---- clocks

    def clocks(self) -> list[CaseClock]:
        """All clocks of the case, read once."""
        if self._clocks is None:
            self._clocks = select(CaseClock, "WHERE case_id = %s ORDER BY id", [self.case.pk])
        return self._clocks

    def running(self, stage: Stage) -> CaseClock | None:
        """The clock of a stage that is not stopped (it may be paused)."""
        return next((c for c in reversed(self.clocks()) if c.stage == stage and c.stopped_at is None), None)

    def start(
        self, stage: Stage, budget: Budget, *, unit: Unit | None = None, since: datetime | None = None
    ) -> CaseClock:
        """Start a clock now (or as if since an earlier moment)."""
        began = since or self.at
        clock = CaseClock(
            case=self.case, stage=stage, unit=unit, budget=budget.amount, unit_of_time=budget.unit, started_at=began,
            due_at=clocks.due(began, budget), source=budget.source[:300],
        )  # fmt: skip
        self.insert(clock)
        self.clocks().append(clock)
        self.note_due(clock)
        return clock

    def stop(self, *stages: Stage) -> None:
        """Stop running clocks of these stages; one stopped after its due time is breached."""
        for stage in stages:
            if (clock := self.running(stage)) is not None:
                late = clock.paused_at is None and self.at > clock.due_at
                self.update(clock, stopped_at=self.at, is_breached=clock.is_breached or late, paused_at=None)
                if stage == Stage.UNIT_HANDLE:
                    self.case.unit_due_at = None

    def set_due(self, clock: CaseClock, due_at: datetime, **changes: Any) -> None:
        """Move a clock's due time."""
        self.update(clock, due_at=due_at, **changes)
        self.note_due(clock)

    def note_due(self, clock: CaseClock) -> None:
        """Keep the case's cached due times equal to its clocks."""
        if clock.stage == Stage.HANDLE:
            self.case.due_at = clock.due_at
        elif clock.stage == Stage.UNIT_HANDLE:
            self.case.unit_due_at = clock.due_at

    # ---- things asked of another person

    def ask(
        self,
        kind: str,
        given: Mapping[str, Any],
        *,
        rule_by: datetime | None = None,
        unit_id: int | None = None,
    ) -> Ask:
        """Put a question that somebody else must decide; only one of a kind may be open."""
        if Ask.objects.filter(case_id=self.case.pk, kind=kind, decision="").exists():
            raise Conflict(
                "already_asked",
                "同一事项已有申请在等待裁定。",
                "The same request is already waiting for a decision.",
            )
        row = Ask(
            case=self.case, kind=kind, unit_id=unit_id, asked_by_id=self.actor.user_id, asked_at=self.at,
            rule_by_at=rule_by, given=dict(given),
        )  # fmt: skip
        self.insert(row)
        return row

    def open_ask(self, kind: str) -> Ask:
        """The open question of this kind, or a refusal that none is open."""
        row = Ask.objects.filter(case_id=self.case.pk, kind=kind, decision="").first()
        if row is None:
            raise Conflict(
                "nothing_asked", "没有等待裁定的申请。", "There is no request waiting for a decision."
            )
        return row

    def decide(self, row: Ask, decision: str) -> None:
        """Write the decision; never by the one who asked."""
        if row.asked_by_id is not None and row.asked_by_id == self.actor.user_id:
            raise Conflict(
                "own_request",
                "不能裁定自己提出的申请,请由另一人办理。",
                "You cannot decide your own request; another person must.",
            )
        self.update(row, decision=decision, decided_by_id=self.actor.user_id, decided_at=self.at)

    # ---- evidence and private words

    def attach(
        self, file_keys: Iterable[str], role: str, *, for_resident: bool = False, is_drawing: bool = False
    ) -> int:
        """Attach the actor's own uploads to the case; returns how many."""
        files = attachable(list(file_keys), self.actor.caller)
        for file in files:
            self.insert(
                Evidence(
                    case=self.case,
                    file=file,
                    seq=self.case.n_entries + 1,
                    role=role,
                    is_for_resident=for_resident,
                    is_drawing=is_drawing,
                )
            )
            self._hashes.append(file.sha256)
        mark_attached(files, REAL_CLOCK.now())
        return len(files)

    def private(self, name: str, text: str) -> None:
        """Seal words that may name people; the entry holds only their salted digest."""
        if not text:
            return
        salt = os.urandom(16)
        self._digests[name] = salted_digest(salt, text)
        self._words.append(
            PrivateWords(
                case=self.case,
                seq=self.case.n_entries + 1,
                name=name,
                salt=salt,
                sealed=keys().seal(text, "words"),
            )
        )

    # ---- the end of the move

    def finish(self, to: State | None = None, /, **given: Any) -> Case:
        """Save the case, append the entry, publish; returns the case in its new state."""
        case, verb = self.case, self.step.verb
        origin = State(case.state)
        if to is not None:
            if self.step.to and to not in self.step.to:
                raise AssertionError(f"{verb} may not lead to {to}")
            case.state = to
        case.changed_at = REAL_CLOCK.now()
        entry = self._entry(origin, given)
        changed = self._changed(entry)
        write_move(case, changed, entry, self._event(entry))
        if self._words:
            PrivateWords.objects.bulk_create(self._words)
        if not search.WORDS.isdisjoint(changed):
            search.index_words(case)
        return case

    def _changed(self, entry: Entry) -> list[str]:
        """Names of the changed columns; the old values are kept in ``case.undo`` for ten seconds' regret."""
        case = self.case
        names = [name for name, old in self._before.items() if getattr(case, name) != old]
        kept = [name for name in names if name not in ("n_entries", "head_hash", "changed_at", "undo")]
        if self.step.verb not in NOT_UNDONE and self.actor.user_id and not self.actor.is_simulated:
            old_values = {name: self._before[name] for name in kept}
            case.undo = plain(
                {"seq": entry.seq, "case": old_values, "rows": self._undo, "words": bool(self._words)}
            )
        else:
            case.undo = None
        return list({*names, "undo", "n_entries", "head_hash", "changed_at"})

    def _entry(self, origin: State, given: Mapping[str, Any]) -> Entry:
        """Make the next link of the chain on the locked case."""
        case = self.case
        said = {name: value for name, value in given.items() if value not in (None, "", (), [])}
        content = {**plain(said), **{name: {"digest": digest} for name, digest in self._digests.items()}}
        return link(
            case,
            self.step.verb,
            origin,
            self.actor,
            self.grant,
            given=content,
            files=self._hashes,
            at=self.at,
        )

    def _event(self, entry: Entry) -> CaseMoved:
        return moved(self.case, entry, self.actor)


def begin(ref: CaseRef, verb: Verb, actor: Actor) -> Move:
    """Lock the case and ask the table whether this actor may do this now.

    Raises NotFound (404) outside the actor's scope, Forbidden (403) without the post, Conflict (409) when the case is
    in another state or has moved on since it was seen.
    """
    case = locked(ref)
    if not sees(actor, case):
        raise NotFound()
    held = roles_on(actor, case)
    if isinstance(ref, Seen):
        refuse_if_moved(case, ref, actor)
    verb_step = step(State(case.state), verb, frozenset(held))
    return Move(case, verb_step, actor, best_grant(held, verb, case), held)


def locked(ref: CaseRef) -> Case:
    """The case row, locked until the transaction ends. NotFound (404)."""
    case_id = ref.case_id if isinstance(ref, Seen) else ref
    return case_row("WHERE id = %s FOR UPDATE", case_id)


def case_row(which: str, value: int | str) -> Case:
    """The one case for which ``which`` holds; category, unit and area come from memory. NotFound (404)."""
    found = select(Case, which, [value])
    if not found:
        raise NotFound()
    case = found[0]
    if case.category_id is not None:
        case.category = catalog.category(case.category_id)
    if case.lead_unit_id is not None:
        case.lead_unit = unit_by_id(case.lead_unit_id)
    if case.area_id is not None:
        case.area = area_by_id(case.area_id)
    return case


def best_grant(held: Mapping[Role, Grant], verb: Verb, case: Case) -> Grant:
    """The post under which the verb is done; some verbs belong to the lead unit alone."""
    fitting = [grant for role, grant in held.items() if role in RULES[verb].roles]
    if verb in LEAD_ONLY | OF_UNITS_THE_LEAD:
        desk = {None} if verb in OF_UNITS_THE_LEAD else set()
        fitting = [grant for grant in fitting if grant.unit_id in {case.lead_unit_id, *desk}]
        if not fitting:
            raise Conflict(
                "not_lead_unit",
                "此事由主办单位办理,您的单位是协办。",
                "This belongs to the lead unit; yours assists.",
            )
    return fitting[0]


def refuse_if_moved(case: Case, seen: Seen, actor: Actor) -> None:
    """Tell the second of two people what is true now."""
    if case.n_entries == seen.n_entries:
        return
    newer = (
        Entry.objects.filter(case=case, seq__gt=seen.n_entries)
        .exclude(verb__in=HARMLESS)
        .order_by("seq")
        .last()
    )
    if newer is None or newer.user_id == actor.user_id:
        return
    now = STATE_NAMES[State(case.state)]
    done = RULES[Verb(newer.verb)].name
    raise Conflict(
        "changed",
        f"{newer.actor_name}刚刚办了“{done.zh}”,此案现在是“{now.zh}”。请看过最新情况后再办。",
        f"{newer.actor_name} has just done “{done.en}”; the case is now “{now.en}”. Look again, then act.",
        state=case.state,
        n_entries=case.n_entries,
    )
