"""The list of verbs with their functions: what doors, forms and the documentation read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec

from django.db import transaction

from wangge.cases.given import GivenField, fields_of
from wangge.cases.models import Case
from wangge.cases.move import CaseRef
from wangge.cases.workflow import RULES, Rule, Verb

P = ParamSpec("P")


@dataclass(frozen=True)
class Action:
    """A verb that is done on an existing case: ``function(ref, *, actor, **fields) -> Case``."""

    verb: Verb
    function: Callable[..., Case]
    fields: tuple[GivenField, ...]

    @property
    def rule(self) -> Rule:
        return RULES[self.verb]


ACTIONS: dict[Verb, Action] = {}


def action(
    verb: Verb,
) -> Callable[[Callable[Concatenate[CaseRef, P], Case]], Callable[Concatenate[CaseRef, P], Case]]:
    """Register the one function of a verb; it runs in one transaction and its name is the verb's."""

    def register(
        function: Callable[Concatenate[CaseRef, P], Case],
    ) -> Callable[Concatenate[CaseRef, P], Case]:
        if function.__name__ != verb.value:
            raise AssertionError(f"the function of {verb.value} must have its name, not {function.__name__}")
        whole: Callable[Concatenate[CaseRef, P], Case] = transaction.atomic(function)
        ACTIONS[verb] = Action(verb, whole, fields_of(function))
        return whole

    return register


def perform(verb: Verb, ref: CaseRef, **arguments: Any) -> Case:
    """Do a verb by name: the way of the doors."""
    return ACTIONS[verb].function(ref, **arguments)
