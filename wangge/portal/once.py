"""A form sent twice acts once for the visit, and says so in a resident's words."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from wangge.kit import form_once
from wangge.kit.errors import DomainError
from wangge.kit.form_once import OTHER_BODY
from wangge.kit.speech import said
from wangge.kit.words import Text
from wangge.portal.pages import visit


def once(request: HttpRequest, act: Callable[[], HttpResponse], *, again: Text | None = None) -> HttpResponse:
    """Do ``act`` once for the form's key (see :func:`wangge.kit.form_once.once`).

    With ``again`` the form counts as the same even when it was edited in between (somebody went back after sending):
    the first answer comes with this sentence.
    """

    def replayed() -> None:
        if again:
            messages.info(request, said(again))

    try:
        return form_once.once(
            request, f"visit:{visit(request)}", act, ignores_edits=bool(again), replayed=replayed
        )
    except DomainError as error:
        if error.code not in PLAINLY:
            raise
        words = PLAINLY[error.code]
        raise DomainError(409, error.code, words.zh, words.en) from error


# what the kit says to programs, said to people
PLAINLY = {
    OTHER_BODY: Text(
        "这一页刚才已经提交过。请回到进度页看看,需要时再补充。",
        "This page has been sent already. Look at the progress, and add to it if needed.",
    ),
    "idempotency_in_progress": Text(
        "正在提交,请过几秒再点一次,不会重复登记。",
        "It is being sent. Try again in a few seconds; it will not be doubled.",
    ),
}
