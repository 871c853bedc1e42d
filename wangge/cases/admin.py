"""The audit administrator reads who looked at a reporter's name and number, when and what for; never whose it was."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from wangge.accounts.admin import ReadOnly
from wangge.accounts.admin_site import site
from wangge.accounts.models import User
from wangge.cases.models import ErasureRow, RevealRow
from wangge.kit.speech import spoken_later
from wangge.registry.masking import masked_text


class LogOfCases(ReadOnly):
    """Rows of who did what to a case's personal data, the newest first."""

    search_fields = ("case__number",)
    date_hierarchy = "at"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("case").order_by("-id")

    @admin.display(description=spoken_later("姓名", "Who"))
    def who(self, row: RevealRow | ErasureRow) -> str:
        user = User.objects.filter(pk=row.user_id).first()
        return f"{user} ({user.username})" if user else str(row.user_id)

    @admin.display(description=spoken_later("案件编号", "Case"))
    def case_number(self, row: RevealRow | ErasureRow) -> str:
        return row.case.number


@admin.register(RevealRow, site=site)
class RevealRowAdmin(LogOfCases):
    list_display = ("at", "who", "case_number", "why")
    fields = list_display
    readonly_fields = list_display
    list_filter = ("at",)

    @admin.display(description=spoken_later("用途", "What for"))
    def why(self, row: RevealRow) -> str:
        return masked_text(row.purpose)


@admin.register(ErasureRow, site=site)
class ErasureRowAdmin(LogOfCases):
    """What was erased because somebody asked for it."""

    list_display = ("at", "who", "case_number", "why", "n_people", "n_words")
    fields = list_display
    readonly_fields = list_display

    @admin.display(description=spoken_later("原因", "Why"))
    def why(self, row: ErasureRow) -> str:
        return masked_text(row.reason)
