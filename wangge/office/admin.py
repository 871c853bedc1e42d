"""The audit administrator reads who exported what and who looked for whom by telephone."""

from __future__ import annotations

from django.contrib import admin

from wangge.accounts.admin import ReadOnly
from wangge.accounts.admin_site import site
from wangge.office.models import Disclosure


@admin.register(Disclosure, site=site)
class DisclosureAdmin(ReadOnly):
    list_display = ("at", "actor_name", "kind", "n_rows", "asked")
    list_filter = ("kind", "at")
    search_fields = ("actor_name", "asked")
    date_hierarchy = "at"
    show_full_result_count = False
