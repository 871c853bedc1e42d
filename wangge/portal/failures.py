"""A form whose protection against forged requests failed (an old page, no cookies): kept, and sent again by a tap.

Nothing is done here. The page shows what was typed and asks the person to send it once more, now with a good token.
Only residents' pages offer this: there nobody's powers could be abused.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.csrf import csrf_failure

from wangge.kit.idempotency import FORM_FIELD
from wangge.portal.pages import NO_STORE, page, with_headers

RESIDENTS = ("/report/", "/follow/")
SHOWN = ("text", "words", "note", "address", "name", "phone", "code")
LONGEST = 12_000


@login_not_required
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, with what was typed kept on residents' pages."""
    if not request.path.startswith(RESIDENTS):
        return csrf_failure(request, reason)
    typed = [
        (name, value[:LONGEST])
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken",)
        for value in values
        if isinstance(value, str)
    ]
    context = {
        "typed": typed, "shown": [value for name, value in typed if name in SHOWN and value.strip()],
        "had_files": any(upload for upload in request.FILES.values()), "has_cookie": settings.CSRF_COOKIE_NAME in request.COOKIES,
        "key_field": FORM_FIELD,
    }  # fmt: skip
    answer = page(request, "csrf_failed", context, 403)
    with_headers(answer, NO_STORE)
    return answer
