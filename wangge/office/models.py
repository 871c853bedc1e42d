"""What leaves the screen: exports and searches by telephone. Appended, never changed; kept for the audit."""

from __future__ import annotations

from django.db import models

from wangge.kit.speech import spoken_later
from wangge.territory.scope import Actor


class DisclosureKind(models.TextChoices):
    EXPORT_XLSX = "export_xlsx", spoken_later("导出 XLSX", "Export XLSX")
    EXPORT_CSV = "export_csv", spoken_later("导出 CSV", "Export CSV")
    OUTCOMES = "outcomes", spoken_later("导出办理结果", "Export of outcomes")
    PHONE_SEARCH = "phone_search", spoken_later("按电话查询", "Search by telephone")


class Disclosure(models.Model):
    """Who took what out of the office: ``asked`` is the list's address (a telephone number only masked)."""

    user_id = models.BigIntegerField()
    actor_name = models.CharField(spoken_later("姓名", "Who"), max_length=80)
    kind = models.CharField(spoken_later("事项", "What"), max_length=20, choices=DisclosureKind)
    asked = models.CharField(spoken_later("条件", "Asked"), max_length=500, default="")
    n_rows = models.PositiveIntegerField(spoken_later("条数", "Rows"), default=0)
    at = models.DateTimeField(spoken_later("时间", "When"))

    class Meta:
        verbose_name = spoken_later("导出与查询留痕", "Exports and searches")
        verbose_name_plural = spoken_later("导出与查询留痕", "Exports and searches")
        indexes = [models.Index(fields=["-at"], name="disclosure_at")]

    def __str__(self) -> str:
        return f"{self.actor_name} · {self.get_kind_display()}"


def disclosed(kind: DisclosureKind, actor: Actor, *, asked: str = "", n_rows: int = 0) -> None:
    """Append one line."""
    row = Disclosure(
        user_id=actor.user_id or 0,
        actor_name=actor.name,
        kind=kind,
        asked=asked[:500],
        n_rows=n_rows,
        at=actor.now(),
    )
    row.save(force_insert=True)
