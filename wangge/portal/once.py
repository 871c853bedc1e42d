"""A form sent twice acts once: the hidden key of the form, unique for the visit, kept in the verb's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from wangge.kit import idempotency
from wangge.kit.errors import DomainError
from wangge.kit.idempotency import FORM_FIELD, form_body
from wangge.kit.speech import said
from wangge.kit.words import Text
from wangge.portal.pages import visit


def new_key() -> str:
    """A key for one form."""
    return secrets.token_urlsafe(16)


def key_of(request: HttpRequest) -> str:
    """The key that came with the form; a form without one acts like a new one."""
    given = request.POST.get(FORM_FIELD, "")
    return given if 0 < len(given) <= 100 and given.isprintable() else new_key()


def once(request: HttpRequest, act: Callable[[], HttpResponse], *, again: Text | None = None) -> HttpResponse:
    """Do ``act`` once for the form's key; the second time the first answer is given again. Refusals are not kept.

    With ``again`` the form counts as the same even when it was edited in between (somebody went back after sending):
    the first answer comes with this sentence.
    """
    caller, key = f"visit:{visit(request)}", key_of(request)
    body = f"{request.path}\n".encode() + (b"" if again else form_body(request.POST, request.FILES))
    try:
        with transaction.atomic():
            kept = idempotency.begin(caller, key, body)
            if kept is not None:
                if again:
                    messages.info(request, said(again))
                return kept.as_response()
            made = act()
            headers = {name: made[name] for name in ("Location", "Content-Type") if name in made}
            idempotency.finish(caller, key, made.status_code, made.content, headers)
            return made
    except DomainError as error:
        if error.code not in PLAINLY:
            raise
        words = PLAINLY[error.code]
        raise DomainError(409, error.code, words.zh, words.en) from error


# what the kit says to programs, said to people
PLAINLY = {
    "idempotency_other_body": Text(
        "这一页刚才已经提交过。请回到进度页看看,需要时再补充。",
        "This page has been sent already. Look at the progress, and add to it if needed.",
    ),
    "idempotency_in_progress": Text(
        "正在提交,请过几秒再点一次,不会重复登记。",
        "It is being sent. Try again in a few seconds; it will not be doubled.",
    ),
}
