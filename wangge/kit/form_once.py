"""A form sent twice acts once: its hidden key, unique for the caller, kept in the verb's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from wangge.kit import idempotency
from wangge.kit.idempotency import FORM_FIELD, form_body

LONGEST_KEY = 100
# the code of the refusal when a form was changed and sent again after it acted
OTHER_BODY = "idempotency_other_body"


def new_key() -> str:
    """A key for one form."""
    return secrets.token_urlsafe(16)


def key_of(request: HttpRequest) -> str:
    """The key that came with the form; a form without one acts like a new one."""
    given = request.POST.get(FORM_FIELD, "")
    return given if 0 < len(given) <= LONGEST_KEY and given.isprintable() else new_key()


def once(
    request: HttpRequest,
    caller: str,
    act: Callable[[], HttpResponse],
    *,
    ignores_edits: bool = False,
    replayed: Callable[[], object] = lambda: None,
) -> HttpResponse:
    """Do ``act`` once for the form's key; the second time the first answer is given again. Refusals are not kept.

    ``ignores_edits``: the form counts as the same even when its fields differ. ``replayed`` is called before the first
    answer is given again.
    """
    body = f"{request.path}\n".encode()
    body += b"" if ignores_edits else form_body(request.POST, request.FILES)
    key = key_of(request)
    with transaction.atomic():
        kept = idempotency.begin(caller, key, body)
        if kept is not None:
            replayed()
            return kept.as_response()
        made = act()
        headers = {name: made[name] for name in ("Location", "Content-Type") if name in made}
        idempotency.finish(caller, key, made.status_code, made.content, headers)
        return made
