"""One operation for each verb, made from the fields of its function: no verb can be forgotten or described twice."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from ninja import Router

from wangge.cases.actions import ACTIONS, Action, perform
from wangge.cases.api.cases import actor_of, case_after, json_body, ref_of
from wangge.cases.queries import case_id_of
from wangge.cases.schemas import LineOut, body_schema
from wangge.cases.workflow import STATE_NAMES, State, Verb
from wangge.kit.answers import body_of, once
from wangge.territory.roles import ROLE_NAMES


def add_verbs(router: Router) -> None:
    """``POST /cases/{number}/{verb}`` for every verb of the table that is done on an existing case."""
    for verb, action in ACTIONS.items():
        add = router.post(
            f"/{{number}}/{verb.value}", response=LineOut, operation_id=f"case_{verb.value}",
            summary=f"{action.rule.name.zh} · {action.rule.name.en}", description=about(action),
            tags=["动作 Verbs"], openapi_extra=json_body(body_schema(verb)),
        )  # fmt: skip
        add(operation(verb))


def operation(verb: Verb) -> Callable[..., HttpResponse]:
    """The view of one verb: decode, do, answer with the case as it is afterwards."""
    schema = body_schema(verb)

    def do_verb(request: HttpRequest, number: str) -> HttpResponse:
        actor, body = actor_of(request), body_of(request, schema)
        case_id = case_id_of(number)
        given = {name: getattr(body, name) for name in body.model_fields_set}
        ref = ref_of(request, case_id, given.pop("n_entries", None))
        return once(
            request, actor.caller, lambda: case_after(request, perform(verb, ref, actor=actor, **given))
        )

    do_verb.__name__ = f"case_{verb.value}"
    return do_verb


def about(action: Action) -> str:
    """Who may do it, from which states to which, in both languages."""
    rule = action.rule
    roles = sorted(rule.roles)
    who_zh, who_en = "、".join(ROLE_NAMES[r].zh for r in roles), ", ".join(ROLE_NAMES[r].en for r in roles)
    origin = sorted(rule.origin, key=list(State).index)
    from_zh, from_en = "、".join(STATE_NAMES[s].zh for s in origin), ", ".join(s.value for s in origin)
    to_zh = "、".join(STATE_NAMES[s].zh for s in rule.to) or "不变"
    to_en = ", ".join(s.value for s in rule.to) or "unchanged"
    return (
        f"{(action.function.__doc__ or '').strip()}\n\n"
        f"办理人:{who_zh}。从:{from_zh}。到:{to_zh}。\n\n"
        f"By: {who_en}. From: {from_en}. To: {to_en}."
    )
