"""Replaying a chain: does each entry follow from the one before by the table of verbs? Pure.

The ledger's bodies say state, holder and due date after every entry; an entry that moves one of them by a verb which
cannot was not written by a verb.
"""

from __future__ import annotations

from typing import Any

from wangge.cases.workflow import RULES, Verb

V = Verb
MOVES_HOLDER = frozenset(
    {V.DISPATCH, V.CLAIM, V.RECALL, V.TAKE, V.ASSIGN, V.AGREE_HAND_BACK, V.AGREE, V.DESIGNATE, V.EMERGENCY_START, V.UNDO}
)  # fmt: skip
# a note that says "merged" is the receiving case's: the earliest due date wins
MOVES_DUE = frozenset(
    {V.DOCKET, V.CHECK_FAILED, V.RATE, V.FOLLOW_UP, V.REOPEN, V.GRANT_EXTENSION, V.UNPARK, V.UNMERGE, V.DECIDE_CONTEST,
     V.EMERGENCY_START, V.UNDO}
)  # fmt: skip


def legal_moves() -> frozenset[tuple[str, str, str]]:
    """Every (verb, state before, state after) that the table allows; a verb may always leave the state as it is."""
    moves = {(V.REPORT.value, "", str(target)) for target in RULES[V.REPORT].to}
    for row in RULES.values():
        for origin in row.origin:
            moves |= {(row.verb.value, origin.value, target.value) for target in (*row.to, origin)}
    return frozenset(moves)


LEGAL = legal_moves()


def wrong_step(body: dict[str, Any], before: dict[str, Any] | None, states: dict[int, str]) -> str:
    """What is wrong with an entry after the one ``before`` it (None: it is the first); empty when it follows.

    ``states``: the state before each entry of the case, by its number.
    """
    verb, origin, target = body["verb"], body["from"], body["to"]
    if origin != (before["to"] if before else "") or (before is None) != (verb == V.REPORT):
        return "state_jumps"
    if (verb, origin, target) not in LEGAL:
        return "step_illegal"
    if before is None:
        return ""
    if verb == V.UNDO and states.get(body["given"].get("undone", 0)) != target:
        return "step_illegal"
    if body["holder"] != before["holder"] and verb not in MOVES_HOLDER:
        return "holder_jumps"
    if body["due_at"] != before["due_at"] and verb not in MOVES_DUE and "merged" not in body["given"]:
        return "due_jumps"
    return ""
