"""The bar is for a person at this very machine, and only while demo accounts exist. Everybody else is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from wangge.accounts.demo_rules import demo_accounts_exist, may_use_demo_accounts
from wangge.demo.progress import progress_file
from wangge.kit.errors import Forbidden

P = ParamSpec("P")


def has_demo_files() -> bool:
    """Whether a demo town was ever made in this data folder: spares all other installations a query a page."""
    return (Path(settings.DATA_FOLDER) / "maps" / "base.json").exists() or progress_file().exists()


def is_shown(request: HttpRequest) -> bool:
    """Whether this request may see and use the demo bar."""
    return may_use_demo_accounts(request) and has_demo_files() and demo_accounts_exist()


def demo_page(
    *methods: str,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """A page of the demo: signed in or not, but only here and only while there is a demo (403 otherwise)."""

    def opened(
        view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def entered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not is_shown(request):
                raise Forbidden(
                    "演示只在本机开放,而且要先运行 wangge demo。",
                    "The demo is open on the machine itself only, after `wangge demo` was run there.",
                    code="no_demo",
                )
            response = view(request, *args, **kwargs)
            add_never_cache_headers(response)
            return response

        return login_not_required(require_http_methods(list(methods))(entered))

    return opened
