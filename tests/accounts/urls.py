"""The house's addresses and three more: an API view, an open page, a view that refuses."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from wangge.kit.errors import Conflict
from wangge.urls import urlpatterns as house


@csrf_exempt
def whoami(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"username": request.user.username})


def refuses(request: HttpRequest) -> HttpResponse:
    raise Conflict("taken", "已被他人处理。", "Somebody else was first.", state="closed")


urlpatterns = [
    path("api/whoami", whoami),
    path("api/refuses", refuses),
    path("refuses/", refuses),
    path("open/", login_not_required(lambda request: HttpResponse("open"))),
    *house,  # last: the API answers every other address below api/
]
